"""From scored candidates to values: the best of each attribute where it is likely enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kg.extraction.learned.candidates import Candidate
from kg.extraction.learned.examples import AttributeSpace
from kg.extraction.learned.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Found:
    """A value as it stands in the text, from character ``start`` to ``end``."""

    attribute: str
    value: str
    confidence: float
    start: int
    end: int


def choose(
    tokens: Tokens,
    candidates: Sequence[Candidate],
    scores: NDArray[np.float64],
    space: AttributeSpace,
    *,
    threshold: float,
) -> list[Found]:
    """By attribute; of an attribute that may have several values, all that do not overlap."""
    kept: dict[int, list[int]] = {}
    # Later mentions first among equals: that is the one the labels mark.
    order = sorted(range(len(candidates)), key=lambda i: (-scores[i], -candidates[i].span[0]))
    for index in order:
        one = candidates[index]
        rivals = kept.setdefault(one.attribute, [])
        if scores[index] < threshold or (rivals and not space.several[one.attribute]):
            continue
        words = tokens.quote(*one.span)
        if all(
            words != tokens.quote(*candidates[other].span)
            and not _overlap(one.span, candidates[other].span)
            for other in rivals
        ):
            rivals.append(index)
    found = []
    for attribute in sorted(kept):
        for index in sorted(kept[attribute], key=lambda i: candidates[i].span):
            first, last = candidates[index].span
            found.append(
                Found(
                    space.attributes[attribute],
                    tokens.quote(first, last),
                    round(min(max(float(scores[index]), 0.0), 1.0), 4),
                    tokens.starts[first],
                    tokens.ends[last],
                )
            )
    return found


def as_values(found: Sequence[Found]) -> dict[str, tuple[str, ...]]:
    """Attribute -> values, as labels have them."""
    values: dict[str, tuple[str, ...]] = {}
    for one in found:
        values[one.attribute] = (*values.get(one.attribute, ()), one.value)
    return values


def _overlap(left: tuple[int, int], right: tuple[int, int]) -> bool:
    return left[0] <= right[1] and right[0] <= left[1]
