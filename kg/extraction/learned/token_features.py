"""What is known of each token before any network: shape, place, known values, near texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kg.extraction.learned.examples import AttributeSpace, Example
from kg.extraction.learned.gazetteer import Gazetteer, Known
from kg.extraction.learned.neighbours import Near, Neighbours
from kg.extraction.learned.tokens import Tokens

NEAREST = 8
_SEGMENTS = 5
SHAPES = 20 + _SEGMENTS


@dataclass(frozen=True, slots=True, eq=False)
class TokenEvidence:
    """Of one text with n tokens; A attributes.

    ``shape`` (n, SHAPES) float32. ``begin`` and ``inside`` (n, A): the highest precision of a
    known value that begins at, or goes on through, the token. ``near_begin``, ``near_inside``
    (n, A): the share of the near texts with this word that label it so, by similarity.
    """

    shape: NDArray[np.float32]
    begin: NDArray[np.float32]
    inside: NDArray[np.float32]
    near_begin: NDArray[np.float32]
    near_inside: NDArray[np.float32]
    known: tuple[Known, ...]
    near: tuple[tuple[int, float], ...]

    def matrix(self) -> NDArray[np.float32]:
        """(n, SHAPES + 4 A) float32: all side by side."""
        parts = (self.shape, self.begin, self.inside, self.near_begin, self.near_inside)
        return np.concatenate(parts, axis=1)


def width(space: AttributeSpace) -> int:
    """Columns of ``TokenEvidence.matrix``."""
    return SHAPES + 4 * len(space.attributes)


class Memory:
    """Training texts as evidence for others: the gazetteer and the neighbours."""

    def __init__(self, examples: Sequence[Example], space: AttributeSpace) -> None:
        self.space = space
        self.gazetteer = Gazetteer(examples, space)
        self.neighbours = Neighbours(examples)

    def evidence(self, examples: Sequence[Example], *, own: bool) -> list[TokenEvidence]:
        """Of each text; ``own=True``: these are the training texts, each left out for itself."""
        nearest = self.neighbours.nearest(examples, k=NEAREST, own=own)
        return [
            self._one(example, near, own=own)
            for example, near in zip(examples, nearest, strict=True)
        ]

    def _one(self, example: Example, near: Near, *, own: bool) -> TokenEvidence:
        size, attributes = len(example.tokens), len(self.space.attributes)
        begin = np.zeros((size, attributes), np.float32)
        inside = np.zeros((size, attributes), np.float32)
        known = self.gazetteer.known(example, own=own)
        for one in known:
            a = one.attribute
            begin[one.first, a] = max(begin[one.first, a], one.precision)
            rest = inside[one.first + 1 : one.last + 1, a]
            np.maximum(rest, one.precision, out=rest)
        near_begin, near_inside = self._near(example, near, attributes)
        shape = shapes(example.tokens)
        return TokenEvidence(
            shape, begin, inside, near_begin, near_inside, tuple(known), tuple(near)
        )

    def _near(
        self, example: Example, near: Near, attributes: int
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        begin = np.zeros((len(example.tokens), attributes), np.float32)
        inside = np.zeros((len(example.tokens), attributes), np.float32)
        places: dict[str, list[int]] = {}
        for index, word in enumerate(example.tokens.lower):
            places.setdefault(word, []).append(index)
        total = np.full(len(example.tokens), 1e-3, np.float32)
        for row, similarity in near:
            other = self.neighbours.examples[row]
            seen = set()
            for word in other.tokens.lower:
                if word in places and word not in seen:
                    seen.add(word)
                    total[places[word]] += similarity
            for attribute, spans in other.spans.items():
                for first, last in spans:
                    for index in range(first, last + 1):
                        target = begin if index == first else inside
                        at = places.get(other.tokens.lower[index])
                        if at:
                            target[at, attribute] += similarity
        return begin / total[:, np.newaxis], inside / total[:, np.newaxis]


def shapes(tokens: Tokens) -> NDArray[np.float32]:
    """(n, SHAPES) float32: case, kind of character, place in text, part and parentheses."""
    found = np.zeros((len(tokens), SHAPES), np.float32)
    part = depth = since = 0
    size = len(tokens)
    for index, word in enumerate(tokens.words):
        spaced = tokens.spaced(index)
        if word in ")]}）】":
            depth = max(0, depth - 1)
        letters = word.isalpha()
        found[index, :20] = (
            word.isupper() and len(word) > 1,
            word.istitle(),
            word.islower(),
            letters and len(word) == 1,
            word[0].isdigit(),
            "." in word and word[0].isdigit(),
            not word[0].isalnum(),
            word in ",，、",
            word in "([{（【",
            word in ")]}）】",
            word in "-–—",
            word in "/|&+",
            spaced,
            depth > 0,
            index == 0,
            index == size - 1,
            index / max(size - 1, 1),
            min(size, 40) / 40,
            min(since, 8) / 8,
            word > "\u2e80" and letters,
        )
        found[index, 20 + min(part, _SEGMENTS - 1)] = 1.0
        since += 1
        if word in "([{（【":
            depth += 1
        if word in ",，、;；|" or (word in "-–—" and spaced):
            part, since = part + 1, 0
    return found
