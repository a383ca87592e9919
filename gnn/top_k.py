"""The k best of every row, ties broken the same way every time and in nobody's favour."""

from __future__ import annotations

from functools import lru_cache

import numba
import numpy as np
from numpy.typing import NDArray

from gnn.scoring import FloatMatrix, IntVector


@lru_cache(maxsize=8)
def tie_order(n_items: int, /) -> IntVector:
    """(n_items,) a fixed shuffle: the order in which equal scores are listed.

    Listing them by index would leak: in many data sets ids were numbered by first
    appearance, so a scorer that says nothing would look like popularity.
    """
    order = np.random.default_rng(20_240_229).permutation(n_items).astype(np.int32)
    order.setflags(write=False)
    return order


def top_k(scores: FloatMatrix, k: int, /, *, order: IntVector | None = None) -> NDArray[np.int32]:
    """(n, k) int32 indices of the best columns, best first; -1 where a list has ended.

    ``scores`` (n, m) float32; -inf is never listed and neither is NaN. ``order`` (m,) is the
    order of equal scores, ``tie_order(m)`` by default.
    """
    if order is None:
        order = tie_order(scores.shape[1])
    found = np.full((len(scores), k), -1, dtype=np.int32)
    if k:
        _select(scores, order, found)
    return found


@numba.njit(cache=True, nogil=True)
def _select(scores: FloatMatrix, order: IntVector, found: NDArray[np.int32]) -> None:
    k = found.shape[1]
    best = np.empty(k, dtype=scores.dtype)
    for row in range(scores.shape[0]):
        filled = 0
        for column in order:
            score = scores[row, column]
            if not score > -np.inf or (filled == k and not score > best[k - 1]):
                continue
            place = filled if filled < k else k - 1
            while place > 0 and score > best[place - 1]:
                best[place] = best[place - 1]
                found[row, place] = found[row, place - 1]
                place -= 1
            best[place] = score
            found[row, place] = column
            filled = min(filled + 1, k)
