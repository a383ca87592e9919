"""How often a word begins, ends, stands in or stands outside of an attribute's values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kg.extraction.learned.examples import Example

_PRIOR = 2.0


class WordCounts:
    """Counts by category; shares are smoothed to the attribute's own rate among words."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self._words: Counter[tuple[int, str]] = Counter()
        self._labelled: Counter[tuple[int, int, str, str]] = Counter()
        self.texts: Counter[int] = Counter()
        self.stated: Counter[tuple[int, int]] = Counter()
        for example in examples:
            self.texts[example.category] += 1
            self.stated.update((example.category, attribute) for attribute in example.spans)
            self._words.update((example.category, word) for word in example.tokens.lower)
            self._labelled.update(_labels(example))

    def rate(self, example: Example, attribute: int, *, own: bool) -> float:
        """Share of the category's other texts that state ``attribute``."""
        stated = self.stated[example.category, attribute] - (own and attribute in example.spans)
        return stated / max(self.texts[example.category] - own, 1)

    def reader(self, example: Example, *, own: bool) -> WordReader:
        """Shares as the other texts give them."""
        mine = Counter(_labels(example)) if own else Counter()
        words = Counter(example.tokens.lower) if own else Counter()
        return WordReader(self._words, self._labelled, example.category, words, mine)


class WordReader:
    """Shares of one text's words; made by ``WordCounts.reader``."""

    def __init__(
        self,
        words: Counter[tuple[int, str]],
        labelled: Counter[tuple[int, int, str, str]],
        category: int,
        own_words: Counter[str],
        own: Counter[tuple[int, int, str, str]],
    ) -> None:
        self._words, self._labelled, self._category = words, labelled, category
        self._own_words, self._own = own_words, own

    def share(self, attribute: int, role: str, word: str) -> float:
        """Of ``word``'s occurrences: how many ``begin``, ``end`` or stand ``in`` the attribute."""
        key = (self._category, attribute, role, word)
        seen = self._words[self._category, word] - self._own_words[word]
        return (self._labelled[key] - self._own[key]) / (seen + _PRIOR)

    def seen(self, word: str) -> int:
        """In how many other places of the category the word stands."""
        return self._words[self._category, word] - self._own_words[word]


def _labels(example: Example) -> list[tuple[int, int, str, str]]:
    found = []
    for attribute, spans in example.spans.items():
        for first, last in spans:
            words = example.tokens.lower[first : last + 1]
            found += [(example.category, attribute, "in", word) for word in words]
            found.append((example.category, attribute, "begin", words[0]))
            found.append((example.category, attribute, "end", words[-1]))
    return found
