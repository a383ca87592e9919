"""The scorer of relational attention: a sum of item rows, so every credit is exact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from gnn.evidence_logit import EdgeLogit, csr_arrays, csr_from
from gnn.scorers import prefixed, unprefixed
from gnn.scoring import EvidenceCredit, FloatMatrix, FloatVector, IntVector

Rows: TypeAlias = FloatMatrix | sp.csr_matrix


@dataclass(frozen=True, slots=True, eq=False)
class ItemRows:
    """``score(u, k) = prior_k + popularity_k * sum_j w_uj rows[j, k]``; knows no users.

    ``rows`` (n_items, n_items) float32, dense or CSR: where attention from an owned item
    goes; a row sums to at most 1. ``popularity`` (n_items,) damps what everybody buys.
    ``prior`` (n_items,) is so small that it only ranks those whom no row reaches, the empty
    history first of all. ``edges`` recomputes the evidence of an edge; without it an edge is
    ``unexplained`` as a whole.
    """

    rows: Rows
    popularity: FloatVector
    prior: FloatVector
    edges: EdgeLogit | None = None

    @property
    def n_items(self) -> int:
        """Columns of ``rows``."""
        return int(self.rows.shape[1])

    def score(self, histories: sp.csr_matrix, /, *, users: IntVector | None = None) -> FloatMatrix:
        """(n, n_items) float32; ``users`` is not looked at: a new user needs no training."""
        del users
        product = histories.astype(np.float32, copy=False) @ self.rows
        dense = product.toarray() if sp.issparse(product) else product
        return np.asarray(dense * self.popularity + self.prior, dtype=np.float32)

    def credits(
        self, owned: IntVector, weights: FloatVector, item: int, /, *, user: int = -1
    ) -> tuple[FloatVector, float]:
        """``weight_j * popularity_k * rows[j, k]`` of each owned item j, and the prior."""
        del user
        column = self.rows[np.asarray(owned, dtype=np.int64)][:, [item]]
        dense = column.toarray() if sp.issparse(column) else column
        terms = np.asarray(weights, dtype=np.float32) * dense.ravel() * self.popularity[item]
        return terms.astype(np.float32), float(self.prior[item])

    def edge_credits(
        self, source: int, item: int, /, *, weight: float = 1.0
    ) -> list[EvidenceCredit]:
        """Score lost without each piece of evidence, largest first; empty for a silent edge.

        Occluded after normalisation: ``weight * popularity * (P - P exp(logit' - logit))``.
        """
        credits, _ = self.credits(
            np.array([source], dtype=np.int32), np.array([weight], dtype=np.float32), item
        )
        whole = float(credits[0])
        if whole == 0:
            return []
        if self.edges is None:
            return [EvidenceCredit("unexplained", whole)]
        found = [
            EvidenceCredit(relation, whole * share, entity)
            for relation, entity, share in self.edges.losses(source, item)
        ]
        return sorted(found, key=lambda one: (-one.credit, one.relation, one.entity))

    def similar(self, item: int, /) -> FloatVector:
        """Row ``item`` times popularity, (n_items,) float32; 0 for the item itself."""
        row = self.rows[[item]]
        dense = row.toarray() if sp.issparse(row) else row
        return np.asarray(dense.ravel() * self.popularity, dtype=np.float32)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Arrays by name; ``ItemRows.from_arrays`` reads them back."""
        found: dict[str, NDArray[np.generic]] = {
            "popularity": self.popularity,
            "prior": self.prior,
        }
        if isinstance(self.rows, np.ndarray):
            found["rows"] = self.rows
        else:
            found |= csr_arrays("rows", self.rows)
        if self.edges is not None:
            found |= prefixed("edges.", self.edges.arrays())
        return found

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], /) -> ItemRows:
        """The scorer whose ``arrays()`` these are; KeyError names one that is missing."""
        edges = unprefixed("edges.", arrays)
        return cls(
            rows=arrays["rows"] if "rows" in arrays else csr_from("rows", arrays),
            popularity=arrays["popularity"],
            prior=arrays["prior"],
            edges=EdgeLogit.from_arrays(edges) if edges else None,
        )
