"""Folds of labelled texts: the same share of every category, equal texts together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kg.extraction.learned.examples import Example


def make_folds(examples: Sequence[Example], count: int, *, seed: int) -> NDArray[np.int64]:
    """(n,) the fold of each text, 0 to ``count`` - 1."""
    generator = np.random.default_rng(seed)
    folds = np.zeros(len(examples), np.int64)
    groups: dict[tuple[int, str], list[int]] = {}
    for row, example in enumerate(examples):
        # The same offer twice, once to learn from and once to be judged by, would flatter.
        groups.setdefault((example.category, " ".join(example.tokens.lower)), []).append(row)
    place = 0
    for category in sorted({key[0] for key in groups}):
        keys = [key for key in groups if key[0] == category]
        for index in generator.permutation(len(keys)):
            folds[groups[keys[index]]] = place % count
            place += 1
    return folds
