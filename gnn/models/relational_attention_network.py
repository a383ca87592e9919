"""The learned function from evidence to the logit of an edge (torch, training only)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gnn.dataset import Dataset
from gnn.evidence_logit import EdgeWeights
from gnn.scoring import FloatVector


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """What is known of each item: ``vectors`` dense, ``attributes`` sparse (n_items, width)."""

    vectors: Tensor
    attributes: Tensor

    def mapped(self, weights: Tensor) -> Tensor:
        """(both widths, d) -> (n_items, d)."""
        width = self.vectors.shape[1]
        found = self.vectors @ weights[:width]
        if self.attributes.shape[1]:
            found = found + torch.sparse.mm(self.attributes, weights[width:])
        return found


class EdgeNetwork(nn.Module):
    """logit(j, k) = w . e_jk + v . relu(A e_jk + a) + f_j . g_k

    ``e_jk`` is the scaled evidence. The low-rank part has f = dropout(id + sum over what is
    known of an item of a linear map), g likewise; it is off when ``rank`` is 0. The linear
    part starts at 1 (more evidence, more attention), the others near 0.
    """

    def __init__(
        self,
        n_channels: int,
        *,
        hidden: int,
        rank: int,
        content: Content,
        ids: bool,
        dropout: float,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        self.linear = nn.Parameter(torch.full((n_channels,), 1.0))
        spread = (2.0 / n_channels) ** 0.5
        self.inner = nn.Parameter(torch.randn(hidden, n_channels, generator=generator) * spread)
        self.inner_bias = nn.Parameter(torch.zeros(hidden, 1))
        self.outer = nn.Parameter(torch.randn(hidden, generator=generator) * 0.1)
        n_items = len(content.vectors)
        width = content.vectors.shape[1] + content.attributes.shape[1]
        self.content = content
        self.dropout, self.rank, self.generator = dropout, rank, generator
        if rank:
            small = 0.1 / rank**0.5
            self.ids = (
                nn.Parameter(torch.randn(2, n_items, rank, generator=generator) * small)
                if ids
                else None
            )
            self.maps = nn.Parameter(torch.randn(2, width, rank, generator=generator) * small)

    def edge_logits(self, evidence: Tensor) -> Tensor:
        """(r, channels, m) -> (r, m)."""
        logits = torch.matmul(self.linear, evidence)
        if len(self.outer):
            hidden = torch.relu(torch.matmul(self.inner, evidence) + self.inner_bias)
            logits = logits + torch.matmul(self.outer, hidden)
        return logits

    def factors(self) -> tuple[Tensor, Tensor]:
        """f and g, each (n_items, rank)."""
        source, target = self.content.mapped(self.maps[0]), self.content.mapped(self.maps[1])
        if self.ids is not None:
            source, target = source + self.ids[0], target + self.ids[1]
        if self.training and self.dropout:
            # A generator of its own: training must not move the caller's random state.
            kept = torch.rand(source.shape, generator=self.generator) >= self.dropout
            source = source * kept / (1 - self.dropout)
        return source, target

    def low_rank_logits(self, rows: Tensor, targets: Tensor) -> Tensor:
        """f_j . g_k of sources (r,) and their targets (r, m), int64 -> (r, m)."""
        source, target = self.factors()
        source = source[rows]
        if len(target) > 8 * targets.shape[1]:
            return torch.einsum("rd,rmd->rm", source, target[targets])
        # Few items: all products and a choice are faster than gathering vectors.
        return (source @ target.T).gather(1, targets)

    def silence(self) -> None:
        """Leave the linear part alone: what was started at random must not rank."""
        with torch.no_grad():
            for parameter in (self.outer, *self.low_rank_parameters()):
                parameter.zero_()

    def low_rank_parameters(self) -> list[nn.Parameter]:
        """Those of f and g; empty without a low-rank part."""
        if not self.rank:
            return []
        return [self.maps] if self.ids is None else [self.maps, self.ids]

    def weights(self, normaliser: FloatVector) -> EdgeWeights:
        """What a server needs to recompute the logit of an edge."""
        with torch.no_grad():
            self.eval()
            nothing = torch.zeros(len(self.content.vectors), 0)
            source, target = self.factors() if self.rank else (nothing, nothing)
            return EdgeWeights(
                linear=_numpy(self.linear),
                inner=_numpy(self.inner),
                inner_bias=_numpy(self.inner_bias).ravel(),
                outer=_numpy(self.outer),
                source=_numpy(source),
                target=_numpy(target),
                normaliser=normaliser,
            )


def _numpy(tensor: Tensor) -> NDArray[np.float32]:
    return tensor.detach().numpy().copy()


def item_content(dataset: Dataset, vectors: Mapping[str, NDArray[np.float32]]) -> Content:
    """Vectors side by side, and attributes scaled to unit rows."""
    parts = [np.zeros((dataset.n_items, 0), dtype=np.float32)]
    parts += [matrix for _, matrix in sorted(vectors.items())]
    table = sp.csr_matrix(dataset.attributes, dtype=np.float64)
    length = np.sqrt(np.asarray(table.multiply(table).sum(1)).ravel())
    unit = sp.coo_matrix(sp.diags(1 / np.maximum(length, 1e-9)) @ table)
    attributes = torch.sparse_coo_tensor(
        torch.from_numpy(np.stack([unit.row, unit.col]).astype(np.int64)),
        torch.from_numpy(unit.data.astype(np.float32)),
        unit.shape,
        check_invariants=False,
    )
    return Content(torch.from_numpy(np.hstack(parts)), attributes.coalesce())
