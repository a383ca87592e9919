"""What the words around a mention make of it: denied, said of something else, or the head."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from functools import cache

from kg.extraction.lexicon import load_cues
from kg.extraction.matching import Mention, Reading

_SENTENCE_ENDS = frozenset(".!?;。!?;…\n")
_CLAUSE_ENDS = (
    _SENTENCE_ENDS | frozenset(",，:：()（）") | {"but", "however", "yet", "但", "但是", "而"}
)
_REACH = 8  # tokens between a negation and what it denies


def denied(reading: Reading) -> set[int]:
    """Indices of mentions that the text denies: "not waterproof", 不防水, "leather-free"."""
    cues = _phrases("negation", reading.language)
    between = _words("negation", f"between_{reading.language}")
    covered = {token for one in reading.mentions for token in range(one.first, one.last + 1)}
    return {
        index
        for index, mention in enumerate(reading.mentions)
        if _denied_before(reading, mention.first, cues, between, covered)
        or _free_after(reading, mention)
    }


def _denied_before(
    reading: Reading,
    first: int,
    cues: Mapping[str, list[tuple[str, ...]]],
    between: frozenset[str],
    covered: set[int],
) -> bool:
    for place in range(first - 1, max(first - 1 - _REACH, -1), -1):
        word = reading.tokens[place].text
        # A cue is found by its last word ("free of" by "of"); the non of "non-slip" is none.
        for cue in cues.get(word, ()) if place not in covered else ():
            start = place - len(cue) + 1
            if start >= 0 and tuple(t.text for t in reading.tokens[start : place + 1]) == cue:
                return True
        if word in _CLAUSE_ENDS or (word not in between and place not in covered):
            return False
    return False


def _free_after(reading: Reading, mention: Mention) -> bool:
    after = [token.text for token in reading.tokens[mention.last + 1 : mention.last + 3]]
    return reading.language == "en" and (after[:2] == ["-", "free"] or after[:1] == ["free"])


def aside(reading: Reading) -> set[int]:
    """Indices of mentions that the rest of a sentence says of something else.

    "Pairs well with black jeans." says nothing about this product's colour or category.
    """
    cues = _phrases("aside", reading.language, by_first=True)
    found: set[int] = set()
    open_ = False
    mentions = {one.first: index for index, one in enumerate(reading.mentions)}
    words = [token.text for token in reading.tokens]
    for place, word in enumerate(words):
        if word in _SENTENCE_ENDS or "\n" in word:
            open_ = False
        elif any(tuple(words[place : place + len(cue)]) == cue for cue in cues.get(word, ())):
            open_ = True
        if open_ and place in mentions:
            found.add(mentions[place])
    return found


def of_a_part(reading: Reading) -> set[int]:
    """Indices of mentions that describe a part: the mesh of "mesh lining", red of "red trim"."""
    parts = _words("part", reading.language)
    covered = {token for one in reading.mentions for token in range(one.first, one.last + 1)}
    return {
        index
        for index, mention in enumerate(reading.mentions)
        if (after := mention.last + 1) < len(reading.tokens)
        and after not in covered
        and reading.tokens[after].text in parts
    }


def head_category(
    reading: Reading, *, skipped: Set[int] = frozenset(), sentences: int | None = None
) -> int | None:
    """Index of the mention that names the product: the last category of the first segment.

    English names a product before "with", "in", "for", a comma ("Running shirt with pockets");
    Chinese at the end of a run without blanks. Mentions in ``skipped`` are none of it;
    ``sentences`` limits how many are read.
    """
    breaks = _words("head", "en") if reading.language == "en" else frozenset()
    inside = {t for one in reading.mentions for t in range(one.first, one.last + 1)}
    best: int | None = None
    previous_end = 0
    ended = 0
    positions = {one.first: index for index, one in enumerate(reading.mentions)}
    for place, token in enumerate(reading.tokens):
        gap = token.start > previous_end
        previous_end = token.end
        free = place not in inside
        ends = free and token.text in _SENTENCE_ENDS
        spaced = token.text not in {"-", "/", "+"} or gap
        cut = (free and token.text in breaks and spaced) or (reading.language == "zh" and gap)
        if best is not None and (cut or ends or (free and token.text in _CLAUSE_ENDS)):
            return best
        ended += ends
        if sentences is not None and ended >= sentences:
            return best
        index = positions.get(place)
        if index is None or index in skipped:
            continue
        if any(one.kind == "category" for one in reading.mentions[index].meanings):
            best = index
    return best


@cache
def _words(section: str, name: str) -> frozenset[str]:
    return frozenset(load_cues()[section][name])


@cache
def _phrases(
    section: str, language: str, *, by_first: bool = False
) -> Mapping[str, list[tuple[str, ...]]]:
    """Cue phrases by their last word, or by their first."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in _split(load_cues()[section][language], language):
        found.setdefault(phrase[0 if by_first else -1], []).append(phrase)
    return found


def _split(phrases: Iterable[str], language: str) -> list[tuple[str, ...]]:
    return [tuple(one.split()) if language == "en" else (one,) for one in phrases]
