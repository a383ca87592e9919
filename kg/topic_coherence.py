"""Coherence of topics: do the words of a topic stand in the same texts?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import log

import numpy as np
from scipy import sparse


def npmi_coherence(words: Sequence[int], presence: sparse.csc_matrix) -> float:
    """Mean normalised pointwise mutual information of all pairs of ``words``, in [-1, 1].

    ``presence`` (n texts, n words) is not zero where a text has the word; ``words`` are its
    columns. A pair that is never together counts -1, one that is in every text 1 (the limit).
    0.0 with fewer than two words. Bouma 2009, as Aletras and Stevenson 2013 use it; the window
    is the whole text.
    """
    if len(words) < 2:
        return 0.0
    seen = presence[:, list(words)].astype(bool).astype(np.int64)
    together = np.asarray((seen.T @ seen).todense())
    texts = presence.shape[0]
    return float(
        np.mean(
            [
                _npmi(together[a, a] / texts, together[b, b] / texts, together[a, b] / texts)
                for a, b in combinations(range(len(words)), 2)
            ]
        )
    )


def _npmi(first: float, second: float, both: float) -> float:
    if both == 0.0:
        return -1.0
    return 1.0 if both == 1.0 else log(both / (first * second)) / -log(both)
