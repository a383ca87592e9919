"""The scoring contract: a score is a constant plus a sum over the items a user owns.

Both read-outs fit it, so evaluation, retrieval, fold-in and explanation are written once
and know no model:

* item rows (relational attention): ``score(u, k) = popularity_k * sum_j w_uj P[j, k]``;
* inner product (fused graph convolution): ``e_u = own_u + sum_j w_uj M[j]`` and
  ``score(u, k) = <e_u, E[k]> / (|e_u| tau) + bias_k``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

FloatMatrix: TypeAlias = NDArray[np.float32]
FloatVector: TypeAlias = NDArray[np.float32]
IntVector: TypeAlias = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class EvidenceCredit:
    """What one piece of typed evidence adds to the edge source -> item.

    ``relation`` is an entity kind (then ``entity`` is the entity's index) or one of
    ``text``, ``image``, ``colour_histogram``, ``bought_together``, ``variant``, ``price``,
    ``unexplained`` (entity -1). ``credit`` is the score lost when the evidence is taken
    away and the edge re-scored, everything else as it was.
    """

    relation: str
    credit: float
    entity: int = -1


class Scorer(Protocol):
    """Numpy only: this is what an artifact holds and a server runs."""

    @property
    def n_items(self) -> int:
        """Items that scores are about."""
        ...

    def score(self, histories: sp.csr_matrix, /, *, users: IntVector | None = None) -> FloatMatrix:
        """(n, n_items) float32 scores, higher is better.

        ``histories``: (n, n_items) CSR, the weight of each owned item in each row.
        ``users``: (n,) int32 user indices of the training snapshot, -1 or None for a user
        the model never saw; a fold-in then uses the history alone. Owned items are not
        masked here: that is the caller's business.
        """
        ...

    def credits(
        self, owned: IntVector, weights: FloatVector, item: int, /, *, user: int = -1
    ) -> tuple[FloatVector, float]:
        """Exact credit of each owned item for ``item``'s score, and the rest.

        Returns ((len(owned),) float32, constant) with sum(credits) + constant == score.
        """
        ...

    def edge_credits(
        self, source: int, item: int, /, *, weight: float = 1.0
    ) -> list[EvidenceCredit]:
        """Evidence of the edge from owned ``source`` to ``item``, largest credit first.

        ``weight`` is the w_uj of the owner. Credits are occlusions and need not add up.
        """
        ...

    def similar(self, item: int, /) -> FloatVector:
        """(n_items,) float32: how much owning ``item`` speaks for each other item."""
        ...

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Everything needed to rebuild the scorer, by name, for the artifact."""
        ...
