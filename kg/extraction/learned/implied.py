"""Values that the text does not spell: which words imply them ("Men's" says gender: male).

For labels with a closed vocabulary of their own. A rule is a run of words that, in the training,
nearly always came with the value; the run is the evidence. Precision is smoothed, so that three
sightings are worth less than thirty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from kg.extraction.learned.choice import Found
from kg.extraction.learned.examples import AttributeSpace, Example, mentions

Words: TypeAlias = tuple[str, ...]
_LONGEST = 3
_LEAST_TEXTS = 3
_LEAST_PRECISION = 0.6


@dataclass(frozen=True, slots=True)
class Implication:
    """``words`` in a text of ``category`` mean that ``attribute`` is ``value``."""

    category: int
    words: Words
    attribute: int
    value: str
    confidence: float


class Implied:
    """Rules, looked up by the runs of words of a text."""

    def __init__(self, rules: Sequence[Implication], space: AttributeSpace) -> None:
        self.rules = tuple(rules)
        self._space = space
        self._by_words: dict[tuple[int, Words], list[Implication]] = {}
        for rule in self.rules:
            self._by_words.setdefault((rule.category, rule.words), []).append(rule)

    def values(self) -> set[tuple[str, str]]:
        """(attribute, value) of every rule."""
        return {(self._space.attributes[rule.attribute], rule.value) for rule in self.rules}

    def add_to(self, example: Example, found: Sequence[Found]) -> list[Found]:
        """``found`` and the implied values of attributes that it has not, by attribute."""
        if not self.rules:
            return list(found)
        said = {one.attribute for one in found}
        best: dict[tuple[int, str], tuple[tuple[float, int, int], Found]] = {}
        tokens = example.tokens
        for first, last, words in _runs(example):
            for rule in self._by_words.get((example.category, words), ()):
                name = self._space.attributes[rule.attribute]
                if name in said:
                    continue
                key = (rule.attribute, rule.value if self._space.several[rule.attribute] else "")
                rank = (rule.confidence, last - first, -first)
                if key not in best or rank > best[key][0]:
                    value, sure = rule.value, round(rule.confidence, 4)
                    one = Found(name, value, sure, tokens.starts[first], tokens.ends[last])
                    best[key] = (rank, one)
        implied = [one for _, one in best.values()]
        return sorted([*found, *implied], key=lambda one: (one.attribute, one.start, one.value))


def learn_implied(examples: Sequence[Example], space: AttributeSpace) -> Implied:
    """Rules of the values that stand in none of their texts as written."""
    texts: Counter[tuple[int, Words]] = Counter()
    together: Counter[tuple[int, Words, str, str]] = Counter()
    unspelt = [_unspelt(example) for example in examples]
    if not any(unspelt):
        return Implied((), space)
    for example, values in zip(examples, unspelt, strict=True):
        runs = {words for _, _, words in _runs(example)}
        texts.update((example.category, words) for words in runs)
        together.update(
            (example.category, words, name, value) for words in runs for name, value in values
        )
    index = {name: place for place, name in enumerate(space.attributes)}
    rules = []
    for (category, words, name, value), count in sorted(together.items()):
        precision = count / (texts[category, words] + 1)
        if count >= _LEAST_TEXTS and precision >= _LEAST_PRECISION:
            rules.append(Implication(category, words, index[name], value, precision))
    return Implied(_needed(rules), space)


def _needed(rules: Sequence[Implication]) -> list[Implication]:
    """Without rules that a shorter run of the same words makes as surely."""
    sure = {(one.category, one.words, one.attribute, one.value): one.confidence for one in rules}
    kept = []
    for rule in rules:
        size = len(rule.words)
        parts = [
            rule.words[first : first + length]
            for length in range(1, size)
            for first in range(size - length + 1)
        ]
        shorter = (sure.get((rule.category, part, rule.attribute, rule.value), 0) for part in parts)
        if max(shorter, default=0) < rule.confidence:
            kept.append(rule)
    return kept


def _unspelt(example: Example) -> list[tuple[str, str]]:
    values: Mapping[str, tuple[str, ...]] = example.values
    return [
        (name, value)
        for name, each in values.items()
        for value in each
        if not mentions(example.tokens, value)
    ]


def _runs(example: Example) -> Iterator[tuple[int, int, Words]]:
    """Runs of one to three words, none of signs alone."""
    lower = example.tokens.lower
    for first in range(len(lower)):
        for last in range(first, min(first + _LONGEST, len(lower))):
            words = lower[first : last + 1]
            if words[0][0].isalnum() and words[-1][0].isalnum():
                yield first, last, words
