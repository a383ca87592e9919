"""Values seen in training: how often, as which attribute, and how often the words mean nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from kg.extraction.learned.examples import AttributeSpace, Example

Words: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """Words ``first`` to ``last`` were a value of ``attribute`` in ``count`` other texts.

    ``texts`` is in how many other texts of the category these words stand at all.
    """

    first: int
    last: int
    attribute: int
    count: int
    texts: int

    @property
    def precision(self) -> float:
        """Share of the texts with these words in which they are the value, smoothed to 0."""
        return self.count / (self.texts + 1.0)


class Gazetteer:
    """Counts by category; ``own=True`` leaves the text itself out (it must be of the training)."""

    def __init__(self, examples: Sequence[Example], space: AttributeSpace) -> None:
        self._longest = space.longest
        self._counts: dict[tuple[int, Words], Counter[int]] = defaultdict(Counter)
        self._anywhere: dict[Words, Counter[int]] = defaultdict(Counter)
        self._texts: Counter[tuple[int, Words]] = Counter()
        for example in examples:
            for attribute, words in _values(example):
                self._counts[example.category, words][attribute] += 1
                self._anywhere[words][attribute] += 1
        known = {words for _, words in self._counts}
        for example in examples:
            here = {words for _, _, words in self._grams(example) if words in known}
            self._texts.update((example.category, words) for words in here)

    def known(self, example: Example, *, own: bool) -> list[Known]:
        """Every known value in the text, by place; values of this category only."""
        mine = set(_values(example)) if own else set()
        found = []
        for first, last, words in self._grams(example):
            counts = self._counts.get((example.category, words))
            if counts is None:
                continue
            texts = self._texts[example.category, words] - own
            for attribute, count in sorted(counts.items()):
                left = count - ((attribute, words) in mine)
                if left > 0:
                    found.append(Known(first, last, attribute, left, texts))
        return found

    def anywhere(self, example: Example, words: Words, attribute: int, *, own: bool) -> int:
        """In how many other texts of any category ``words`` are a value of ``attribute``."""
        count = self._anywhere[words][attribute] if words in self._anywhere else 0
        return count - (own and (attribute, words) in set(_values(example)))

    def _grams(self, example: Example) -> Iterator[tuple[int, int, Words]]:
        lower = example.tokens.lower
        for first in range(len(lower)):
            for last in range(first, min(first + self._longest, len(lower))):
                yield first, last, lower[first : last + 1]


def _values(example: Example) -> list[tuple[int, Words]]:
    return sorted(
        {
            (attribute, example.tokens.lower[first : last + 1])
            for attribute, spans in example.spans.items()
            for first, last in spans
        }
    )
