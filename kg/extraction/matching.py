"""Find the lexicon's words in a text: tokens, and mentions as ranges of tokens.

English is split by spaCy's tokenizer and matched by its PhraseMatcher; Chinese is split by
jieba, which is given the lexicon's words, and adjacent tokens are joined as far as the
lexicon has them. Both give the same shape, so that context is judged by one piece of code.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import jieba
import spacy
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.util import compile_infix_regex

from kg.extraction.lexicon import Canonical, Lexicon, load_cues, simplified

#: spaCy keeps "Short-32-Red" whole; catalogues write variants so.
_HYPHEN = r"(?<=[A-Za-z0-9])-(?=[A-Za-z0-9])"
#: spaCy takes affixes off a word one by one, each time reading all of it: a hundred kilobytes
#: without a blank take hours. Such a run is read as its Latin words; positions stay.
_ENDLESS = re.compile(r"\S{100,}")
_NO_LETTER = re.compile(r"[^A-Za-z0-9\n]")
#: At most this many jieba tokens make one word of the lexicon.
_JOINED = 5
#: jieba's count for a word of the lexicon, so that neighbours do not tear it apart.
_FREQUENT = 20_000


@dataclass(frozen=True, slots=True)
class Token:
    """A word as written in lower case, at [start, end) of the text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mention:
    """A word of the lexicon at tokens [first, last]; ``meanings`` is empty for a phrase
    that only hides the words inside it ("orange juice")."""

    first: int
    last: int
    form: str
    meanings: tuple[Canonical, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """The tokens of one text and the mentions in it, by position, without overlaps.

    ``nested`` are words that say more about the category they are part of: the leather of
    "leather jacket", the running of "running shoes".
    """

    text: str
    language: str
    tokens: Sequence[Token]
    mentions: Sequence[Mention]
    nested: Sequence[Mention] = ()


class EnglishMatcher:
    """Lexicon words in English text; make one and reuse it."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._nlp = spacy.blank("en")
        infixes = [*(self._nlp.Defaults.infixes or ()), _HYPHEN]
        # The annotation allows any callable; a blank pipeline has spaCy's own tokenizer.
        self._nlp.tokenizer.infix_finditer = compile_infix_regex(infixes).finditer  # type: ignore[union-attr]
        self._matcher = PhraseMatcher(self._nlp.vocab, attr="LOWER")
        self._meanings = dict.fromkeys(load_cues()["ignore"]["en"], ()) | dict(lexicon.english)
        for form in self._meanings:
            self._matcher.add(form, [self._nlp.make_doc(form)])

    def read(self, text: str) -> Reading:
        """Tokens and mentions of ``text``, the longest mention winning."""
        spaced = _ENDLESS.sub(lambda run: _NO_LETTER.sub(" ", run[0]), text)
        doc = Doc(self._nlp.vocab) if not text else self._nlp.tokenizer(spaced)
        tokens = [Token(word.lower_, word.idx, word.idx + len(word)) for word in doc]
        found = [
            Mention(start, end - 1, form, self._meanings[form])
            for key, start, end in self._matcher(doc)
            for form in (self._nlp.vocab.strings[key],)
        ]
        return Reading(text, "en", tokens, without_overlaps(found), _nested(found))


class ChineseMatcher:
    """Lexicon words in Chinese text, simplified or traditional; make one and reuse it."""

    def __init__(self, lexicon: Lexicon) -> None:
        logging.getLogger("jieba").setLevel(logging.WARNING)  # it reports its cache on stderr
        self._meanings = dict.fromkeys(load_cues()["ignore"]["zh"], ()) | dict(lexicon.chinese)
        self._tokenizer = jieba.Tokenizer()
        cues = load_cues()
        for word in (*self._meanings, *cues["aside"]["zh"], *cues["negation"]["zh"]):
            if len(word) > 1:
                frequency = max(self._tokenizer.suggest_freq(word), _FREQUENT)
                self._tokenizer.add_word(word, frequency)

    def read(self, text: str) -> Reading:
        """Tokens and mentions of ``text``, the longest mention winning."""
        folded = simplified(text).lower()
        if len(folded) != len(text):  # a letter whose lower case is longer, such as İ
            folded = "".join(c.lower() if len(c.lower()) == 1 else c for c in simplified(text))
        tokens = [
            Token(folded[start:end], start, end)
            for word, first, _ in self._tokenizer.tokenize(folded, HMM=False)
            if not word.isspace()
            for start, end in self._parts(word, first)
        ]
        found = []
        for first in range(len(tokens)):
            for last in range(first, min(first + _JOINED, len(tokens))):
                form = folded[tokens[first].start : tokens[last].end]
                if form in self._meanings:
                    found.append(Mention(first, last, form, self._meanings[form]))
        return Reading(text, "zh", tokens, without_overlaps(found), ())

    def _parts(self, word: str, first: int) -> list[tuple[int, int]]:
        """A long word that jieba knows and the lexicon does not, as words of the lexicon.

        帆布背包 is 帆布 and 背包; where that does not come out even, the word stays whole.
        """
        whole = [(first, first + len(word))]
        if len(word) < 4 or word in self._meanings:
            return whole
        parts, at = [], 0
        while at < len(word):
            sizes = range(len(word) - at, 1, -1)
            size = next((n for n in sizes if word[at : at + n] in self._meanings), 0)
            if not size:
                return whole
            parts.append((first + at, first + at + size))
            at += size
        return parts


def without_overlaps(mentions: Iterable[Mention]) -> list[Mention]:
    """The longest mentions (the first of equals) that share no token, by position."""
    ranked = sorted(mentions, key=lambda one: (one.first - one.last, one.first))
    taken: set[int] = set()
    kept = []
    for mention in ranked:
        place = range(mention.first, mention.last + 1)
        if taken.isdisjoint(place):
            taken.update(place)
            kept.append(mention)
    return sorted(kept, key=lambda one: one.first)


def _nested(found: Sequence[Mention]) -> list[Mention]:
    """Mentions that open a longer category's words without being its head noun."""
    wholes = [one for one in found if any(e.kind == "category" for e in one.meanings)]
    return [
        one
        for one in found
        if any(whole.first == one.first and one.last < whole.last for whole in wholes)
        and all(entity.kind != "category" for entity in one.meanings)
    ]
