"""A weighted sum of scorers: itself a scorer, so its credits stay exact.

Each part is divided by its own spread of scores, one number measured on the training users,
so that weights are comparable and the sum stays linear in what a user owns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from gnn.scorers import prefixed, rebuild_scorer, scorer_kind, unprefixed
from gnn.scoring import EvidenceCredit, FloatMatrix, FloatVector, IntVector, Scorer


@dataclass(frozen=True, slots=True, eq=False)
class Blend:
    """``score = sum_p factors[p] * parts[p].score``."""

    parts: tuple[Scorer, ...]
    factors: tuple[float, ...]

    @property
    def n_items(self) -> int:
        """Items every part ranks."""
        return self.parts[0].n_items

    def score(self, histories: sp.csr_matrix, /, *, users: IntVector | None = None) -> FloatMatrix:
        """(n, n_items) float32."""
        total = np.zeros((histories.shape[0], self.n_items), dtype=np.float32)
        for part, factor in zip(self.parts, self.factors, strict=True):
            total += np.float32(factor) * part.score(histories, users=users)
        return total

    def credits(
        self, owned: IntVector, weights: FloatVector, item: int, /, *, user: int = -1
    ) -> tuple[FloatVector, float]:
        """Sums of the parts' credits and constants."""
        total, constant = np.zeros(len(owned), dtype=np.float32), 0.0
        for part, factor in zip(self.parts, self.factors, strict=True):
            terms, rest = part.credits(owned, weights, item, user=user)
            total += np.float32(factor) * terms
            constant += factor * rest
        return total, constant

    def edge_credits(
        self, source: int, item: int, /, *, weight: float = 1.0
    ) -> list[EvidenceCredit]:
        """Credits of the same evidence added up over the parts, largest first."""
        found: dict[tuple[str, int], EvidenceCredit] = {}
        for part, factor in zip(self.parts, self.factors, strict=True):
            for one in part.edge_credits(source, item, weight=weight):
                key = (one.relation, one.entity)
                known = found[key].credit if key in found else 0.0
                found[key] = replace(one, credit=known + factor * one.credit)
        return sorted(found.values(), key=lambda one: (-one.credit, one.relation, one.entity))

    def similar(self, item: int, /) -> FloatVector:
        """Weighted sum of the parts' rows, (n_items,) float32."""
        total = np.zeros(self.n_items, dtype=np.float32)
        for part, factor in zip(self.parts, self.factors, strict=True):
            total += np.float32(factor) * part.similar(item)
        return total

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Arrays of part p under ``p.``; ``Blend.from_arrays`` reads them back."""
        found: dict[str, NDArray[np.generic]] = {
            "factors": np.array(self.factors, dtype=np.float64),
            "kinds": np.array([scorer_kind(part) for part in self.parts]),
        }
        for position, part in enumerate(self.parts):
            found |= prefixed(f"{position}.", part.arrays())
        return found

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], /) -> Blend:
        """The blend whose ``arrays()`` these are; KeyError names one that is missing."""
        parts = tuple(
            rebuild_scorer(str(kind), unprefixed(f"{position}.", arrays))
            for position, kind in enumerate(arrays["kinds"])
        )
        return cls(parts, tuple(float(factor) for factor in arrays["factors"]))


def blend(
    parts: tuple[Scorer, ...], weights: tuple[float, ...], /, *, spreads: tuple[float, ...]
) -> Blend:
    """The weighted sum of ``parts``, each first divided by its spread."""
    factors = tuple(
        weight / spread if spread > 0 else 0.0
        for weight, spread in zip(weights, spreads, strict=True)
    )
    return Blend(parts, factors)


def spread(scores: FloatMatrix, /) -> float:
    """Mean over users (rows) of the standard deviation of their scores; 0 for no users."""
    return float(scores.std(axis=1).mean()) if len(scores) else 0.0
