"""Likeliest legal tags of a text: an inside follows a begin or an inside of the same attribute."""

from __future__ import annotations

import numpy as np

from kg.extraction.learned.examples import Span
from kg.extraction.learned.readouts import FloatArray, TagReadout


def best_spans(readout: TagReadout) -> dict[int, list[Span]]:
    """Attribute (its place in the category) -> spans in the text's order (Viterbi)."""
    logp: FloatArray = readout.logp
    size, width = logp.shape
    if size == 0 or width == 1:
        return {}
    begins = np.arange(1, width, 2)
    score = logp[0].copy()
    score[begins + 1] = -np.inf
    back = np.zeros((size, width), np.int64)
    for index in range(1, size):
        before = int(score.argmax())
        step = np.full(width, score[before])
        back[index] = before
        either = np.where(score[begins] >= score[begins + 1], begins, begins + 1)
        step[begins + 1] = score[either]
        back[index, begins + 1] = either
        score = step + logp[index]
    tags = [int(score.argmax())]
    for index in range(size - 1, 0, -1):
        tags.append(int(back[index, tags[-1]]))
    tags.reverse()
    found: dict[int, list[Span]] = {}
    first = 0
    while first < size:
        tag = tags[first]
        last = first
        if tag % 2 == 1:
            while last + 1 < size and tags[last + 1] == tag + 1:
                last += 1
            found.setdefault((tag - 1) // 2, []).append((first, last))
        first = last + 1
    return found
