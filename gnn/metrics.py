"""Ranking metrics at k, one value a user, from ranked lists.

Every metric takes ``hits`` (n, >= k) bool, best rank first, and ``n_relevant`` (n,) int > 0,
the number of items withheld from each user, and returns (n,) float64 in [0, 1].
Definitions are those of RecBole (Zhao et al., CIKM 2021) and of the LightGCN code
(He et al., SIGIR 2020); a table's figure is the mean over users with withheld items.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from gnn.scoring import IntVector

BoolMatrix: TypeAlias = NDArray[np.bool_]
PerUser: TypeAlias = NDArray[np.float64]
Metric: TypeAlias = Callable[[BoolMatrix, IntVector, int], PerUser]


def hit_matrix(ranked: NDArray[np.int32], relevant: sp.csr_matrix, /) -> BoolMatrix:
    """(n, k) bool: is the item at this rank withheld from this user?

    ``ranked`` (n, k) item indices, best first, -1 where the list has ended; ``relevant``
    (n, n_items) CSR whose stored non-zero entries are the withheld items.
    """
    pairs = relevant.tocoo()
    kept = pairs.data != 0
    width = np.int64(relevant.shape[1])
    wanted = pairs.row[kept].astype(np.int64) * width + pairs.col[kept]
    rows = np.arange(len(ranked), dtype=np.int64)[:, None]
    found = np.isin(rows * width + ranked, wanted)
    found[ranked < 0] = False
    return found


def recall(hits: BoolMatrix, n_relevant: IntVector, k: int, /) -> PerUser:
    """Hits among the first k over *all* withheld items, not min(k, .): LightGCN, RecBole."""
    return np.asarray(hits[:, :k].sum(axis=1) / n_relevant, dtype=np.float64)


def precision(hits: BoolMatrix, _n_relevant: IntVector, k: int, /) -> PerUser:
    """Hits among the first k over k, also where the list is shorter: RecBole."""
    return np.asarray(hits[:, :k].sum(axis=1) / k, dtype=np.float64)


def hit_rate(hits: BoolMatrix, _n_relevant: IntVector, k: int, /) -> PerUser:
    """1 where any of the first k is a hit (Deshpande & Karypis, TOIS 2004)."""
    return np.asarray(hits[:, :k].any(axis=1), dtype=np.float64)


def mrr(hits: BoolMatrix, _n_relevant: IntVector, k: int, /) -> PerUser:
    """One over the rank of the first hit, 0 where none is among the first k (TREC-8 QA)."""
    first = hits[:, :k]
    return np.where(first.any(axis=1), 1.0 / (first.argmax(axis=1) + 1.0), 0.0)


def ndcg(hits: BoolMatrix, n_relevant: IntVector, k: int, /) -> PerUser:
    """Discounted gain, 1/log2(rank + 1) a hit, over the best that min(k, relevant) hits give.

    Järvelin & Kekäläinen, TOIS 2002, with binary gains, as in RecBole and LightGCN.
    """
    first = hits[:, :k]
    discount = 1.0 / np.log2(np.arange(2, k + 2))
    best = np.concatenate([[0.0], np.cumsum(discount)])
    ideal = best[np.minimum(np.asarray(n_relevant, dtype=np.int64), k)]
    gained = np.asarray(first @ discount[: first.shape[1]] / ideal, dtype=np.float64)
    return gained.clip(max=1.0)  # a perfect list may round to 1 + 2e-16


def coverage(ranked: NDArray[np.int32], k: int, /, *, n_candidates: int) -> float:
    """Share of the candidates that stand among the first k of at least one list."""
    shown = np.unique(ranked[:, :k])
    return float(np.count_nonzero(shown >= 0)) / n_candidates


#: Per-user metrics by the name reports use.
METRICS: Mapping[str, Metric] = {
    "recall": recall,
    "ndcg": ndcg,
    "mrr": mrr,
    "hit": hit_rate,
    "precision": precision,
}
