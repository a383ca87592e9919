"""Which pairs of picture and text are learned from, and which are held out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from kg.encoders.retrieval import Codes
from kg.errors import DataError

#: Below this many unconnected pairs there is nothing to hold out and little to learn.
LEAST_PAIRS = 40
#: Of the pairs, once for the early stop and once for the figures.
SHARE = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class PairSplit:
    """Positions of pairs: figures are of ``test``, ``stop`` ends the learning from ``train``."""

    train: Codes
    stop: Codes
    test: Codes


def split_pairs(image_code: Codes, text_code: Codes, *, seed: int) -> PairSplit:
    """Pairs with codes from 0, equal where picture or text are the same.

    Pairs connected by a shared picture or text, directly or through others, stay together:
    nothing held out was seen in another pair. DataError where there are fewer than LEAST_PAIRS
    such groups.
    """
    images, texts = (int(code.max(initial=-1)) + 1 for code in (image_code, text_code))
    edges = (image_code, images + text_code)
    size = images + texts
    graph = sp.coo_matrix((np.ones(len(image_code)), edges), shape=(size, size))
    component = connected_components(graph, directed=False)[1][image_code]
    group = np.unique(component, return_inverse=True)[1].reshape(-1)
    groups = int(group.max(initial=-1)) + 1
    if groups < LEAST_PAIRS:
        raise DataError(
            "alignment",
            column="distinct pairs of picture and text",
            value=groups,
            expected=f"at least {LEAST_PAIRS}",
        )
    place = np.random.default_rng(seed).permutation(groups)[group] / groups
    return PairSplit(
        train=np.flatnonzero(place >= 2 * SHARE),
        stop=np.flatnonzero((place >= SHARE) & (place < 2 * SHARE)),
        test=np.flatnonzero(place < SHARE),
    )
