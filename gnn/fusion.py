"""How vectors of several modalities become one message to an item.

Each way is a sum over modalities ``sum_m weight_im * W_m feature_im``, so that a modality's
message can be shown and taken away; they differ in the weight. All start at weight 1, where a
linear map fitted beforehand is exactly right. Missing modalities are masked: their message is
zero and they take part in no softmax.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import torch
from torch import Tensor, nn

from gnn.dataset import Feature
from kg.errors import ConfigError


class Fusion(nn.Module):
    """Messages by modality, each (n_items, d), zero where the modality is missing."""

    def __init__(self, features: Mapping[str, Feature], dim: int, /) -> None:
        super().__init__()
        self.names = tuple(sorted(features))
        self.maps = nn.ParameterDict()
        # Constants of a network that lives as long as one fit: no buffers.
        self.matrices: dict[str, Tensor] = {}
        self.presence: dict[str, Tensor] = {}
        for name in self.names:
            feature = features[name]
            self.maps[name] = nn.Parameter(torch.zeros(feature.matrix.shape[1], dim))
            self.matrices[name] = torch.from_numpy(feature.matrix)
            self.presence[name] = torch.from_numpy(feature.present).float()

    def forward(self) -> dict[str, Tensor]:
        """``weight_im * W_m feature_im`` by modality."""
        if not self.names:
            return {}
        weights = self.weights()
        return {
            name: (weights[:, at] * self.present(name))[:, None]
            * (self.matrix(name) @ self.maps[name])
            for at, name in enumerate(self.names)
        }

    def weights(self) -> Tensor:
        """(n_items, modalities); ``concat``: all 1, a linear map of the joined vectors."""
        first = self.matrix(self.names[0])
        return first.new_ones(len(first), len(self.names))

    def matrix(self, name: str) -> Tensor:
        """(n_items, dim of the modality), zero rows where missing."""
        return self.matrices[name]

    def present(self, name: str) -> Tensor:
        """(n_items,) 1 where the modality is there."""
        return self.presence[name]


class _Scored(Fusion):
    """A learned number per item and modality, zero at the start."""

    def __init__(self, features: Mapping[str, Feature], dim: int, /) -> None:
        super().__init__(features, dim)
        self.asks = nn.ParameterDict(
            {name: nn.Parameter(torch.zeros(self.matrix(name).shape[1])) for name in self.names}
        )
        self.offsets = nn.Parameter(torch.zeros(len(self.names)))

    def logits(self) -> Tensor:
        """(n_items, modalities)."""
        columns = [self.matrix(name) @ self.asks[name] for name in self.names]
        return torch.stack(columns, dim=1) + self.offsets


class Gated(_Scored):
    """``2 sigmoid(logit)``: each modality decides for itself (GMU, Arevalo et al., 2017)."""

    def weights(self) -> Tensor:
        """(n_items, modalities) in (0, 2)."""
        return 2 * torch.sigmoid(self.logits())


class Attention(_Scored):
    """``n_present * softmax(logits)`` over the modalities that an item has."""

    def weights(self) -> Tensor:
        """(n_items, modalities), summing to the number that are there."""
        present = torch.stack([self.present(name) for name in self.names], dim=1)
        # An item without any modality would be a softmax over nothing: NaN, also in backward.
        hidden = (present == 0) & (present.sum(dim=1, keepdim=True) > 0)
        logits = self.logits().masked_fill(hidden, float("-inf"))
        return present.sum(dim=1, keepdim=True) * torch.softmax(logits, dim=1)


Make: TypeAlias = Callable[[Mapping[str, Feature], int], Fusion]
#: Ways of fusing by the name of the flag.
FUSIONS: Mapping[str, Make] = {"concat": Fusion, "gated": Gated, "attention": Attention}


def make_fusion(kind: str, features: Mapping[str, Feature], dim: int, /) -> Fusion:
    """The fusion called ``kind``; ConfigError lists the known ones."""
    try:
        return FUSIONS[kind](features, dim)
    except KeyError:
        raise ConfigError(f"no fusion {kind!r}; there are: {', '.join(FUSIONS)}") from None
