"""Words of a text for topics and word vectors, with their places; English and Chinese."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from kg.extraction.lexicon import simplified

#: Latin words of three letters and more; digits, units and initials are no topics.
_LATIN = re.compile(r"[a-z]+(?:['’-][a-z]+)*")
_HAN = re.compile("[\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Word:
    """A word in its plain form (lower case, simplified) at [start, end) of the text."""

    text: str
    start: int
    end: int


def words(text: str, language: str) -> Iterator[Word]:
    """Words of ``text`` in order, without function words; positions are those of ``text``.

    Chinese (``zh``) is split by jieba, words of one character are left out; every other language
    is read as Latin words of at least three letters, those of English function words left out.
    """
    folded = text.lower()
    if len(folded) != len(text):  # a letter whose lower case is longer, such as İ
        folded = "".join(one.lower() if len(one.lower()) == 1 else one for one in text)
    ignored = _function_words(language)
    if language == "zh":
        for run in _HAN.finditer(plain := simplified(folded)):
            at = run.start()
            for word in _cut()(plain[at : run.end()]):
                if len(word) > 1 and word not in ignored:
                    yield Word(word, at, at + len(word))
                at += len(word)
        return
    for found in _LATIN.finditer(folded):
        if len(found[0]) > 2 and found[0] not in ignored:
            yield Word(found[0], found.start(), found.end())


@cache
def _function_words(language: str) -> frozenset[str]:
    if language == "zh":
        from spacy.lang.zh.stop_words import STOP_WORDS

        return frozenset(STOP_WORDS)
    from spacy.lang.en.stop_words import STOP_WORDS as ENGLISH

    return frozenset(ENGLISH)


@cache
def _cut() -> Callable[[str], list[str]]:
    import jieba

    logging.getLogger("jieba").setLevel(logging.WARNING)  # it reports its cache on stderr
    tokenizer = jieba.Tokenizer()

    def cut(text: str) -> list[str]:
        return list(tokenizer.cut(text, HMM=False))

    return cut
