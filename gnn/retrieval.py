"""The best items for a history, fast: the scorer over all items, or an index where it pays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import scipy.sparse as sp

from gnn.scoring import FloatMatrix, FloatVector, IntVector, Scorer
from gnn.top_k import top_k

#: From so many items on an inner product is searched by faiss instead of multiplied out.
INDEX_FROM = 20_000


class Ranker(Protocol):
    """The k best items of one history."""

    def best(
        self, owned: IntVector, k: int, /, *, user: int, exclude: IntVector
    ) -> tuple[IntVector, FloatVector]:
        """At most k item indices, best first, none of ``exclude``, and their scores."""
        ...


def history_row(owned: IntVector, n_items: int, /) -> sp.csr_matrix:
    """(1, n_items) float32 CSR with weight 1 for each owned item."""
    rows = np.zeros(len(owned), dtype=np.int32)
    data = np.ones(len(owned), dtype=np.float32)
    return sp.csr_matrix(sp.coo_matrix((data, (rows, owned)), shape=(1, n_items)))


@dataclass(frozen=True, slots=True)
class ScoreAll:
    """Every item is scored; ``order`` (n_items,) is the order of equal scores."""

    scorer: Scorer
    order: IntVector

    def best(
        self, owned: IntVector, k: int, /, *, user: int, exclude: IntVector
    ) -> tuple[IntVector, FloatVector]:
        """Exact; one pass over the items."""
        row = history_row(owned, self.scorer.n_items)
        scores = self.scorer.score(row, users=np.array([user], dtype=np.int32))
        return best_of(scores, k, exclude=exclude, order=self.order)


def best_of(
    scores: FloatMatrix, k: int, /, *, exclude: IntVector, order: IntVector
) -> tuple[IntVector, FloatVector]:
    """The k best of one row of scores (1, n_items), none of ``exclude``."""
    masked = np.array(scores, dtype=np.float32).reshape(1, -1)
    masked[0, exclude] = -np.inf
    found = top_k(masked, min(k, masked.shape[1]), order=order)[0]
    found = found[found >= 0]
    return found, masked[0, found]
