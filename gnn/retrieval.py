"""The best items for a history, fast: the scorer over all items, or an index where it pays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import scipy.sparse as sp

from gnn.inner_product import InnerProduct
from gnn.scoring import FloatMatrix, FloatVector, IntVector, Scorer
from gnn.top_k import top_k

#: From so many items on an inner product is searched by faiss instead of multiplied out.
INDEX_FROM = 20_000
#: Found beyond those asked for, so that half precision loses none at the end of a list.
SPARE = 16


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


class DotIndex:
    """Exact inner-product search over (n, dim) vectors held in half precision by faiss.

    A few more candidates than asked for are found there and ordered by single precision.
    """

    def __init__(self, vectors: FloatMatrix, /) -> None:
        import faiss  # here, because a small shop is served without it

        self._vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        # faiss decodes eight halves at a time; another length takes a path five times slower.
        self._padding = -self._vectors.shape[1] % 8
        padded = np.pad(self._vectors, ((0, 0), (0, self._padding)))
        half, product = faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        self._index = faiss.IndexScalarQuantizer(padded.shape[1], half, product)
        self._index.train(padded)
        self._index.add(padded)

    def best(
        self, query: FloatVector, k: int, /, *, exclude: IntVector
    ) -> tuple[IntVector, FloatVector]:
        """At most k indices, best first, equal ones by index, none of ``exclude``."""
        wanted = min(k + len(exclude) + SPARE, len(self._vectors))
        single = query.astype(np.float32)
        _, found = self._index.search(np.pad(single, (0, self._padding))[None, :], wanted)
        left = np.sort(np.setdiff1d(found[0], exclude)).astype(np.int32)
        scores = self._vectors[left] @ single
        order = np.argsort(-scores, kind="stable")[:k]
        return left[order], scores[order]


class SearchIndex:
    """Ranker of an inner product over many items: only the best are ever scored."""

    def __init__(self, scorer: InnerProduct, /) -> None:
        self._scorer = scorer
        things = np.float32(scorer.scale) * scorer.target
        self._index = DotIndex(np.hstack([things, scorer.bias[:, None]]))

    def best(
        self, owned: IntVector, k: int, /, *, user: int, exclude: IntVector
    ) -> tuple[IntVector, FloatVector]:
        """As ScoreAll, but for scores closer than half precision tells apart."""
        row = history_row(owned, self._scorer.n_items)
        vector = self._scorer.user_vectors(row, users=np.array([user], dtype=np.int32))[0]
        return self._index.best(np.append(vector, np.float32(1)), k, exclude=exclude)


def ranker_for(scorer: Scorer, order: IntVector, /, *, index_from: int = INDEX_FROM) -> Ranker:
    """The fastest exact ranker for this scorer and number of items."""
    if isinstance(scorer, InnerProduct) and scorer.n_items >= index_from:
        return SearchIndex(scorer)
    return ScoreAll(scorer, order)


def best_of(
    scores: FloatMatrix, k: int, /, *, exclude: IntVector, order: IntVector
) -> tuple[IntVector, FloatVector]:
    """The k best of one row of scores (1, n_items), none of ``exclude``."""
    masked = np.array(scores, dtype=np.float32).reshape(1, -1)
    masked[0, exclude] = -np.inf
    found = top_k(masked, min(k, masked.shape[1]), order=order)[0]
    found = found[found >= 0]
    return found, masked[0, found]
