"""Tokens of any script, with their places: words, numbers, signs; one a Chinese character."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Scripts written without spaces: each character is a token, and the model finds the words.
_UNSPACED = "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(
    rf"[{_UNSPACED}]"
    r"|\d+(?:[.,]\d+)*"
    rf"|[^\W\d_{_UNSPACED}]+(?:['’][^\W\d_{_UNSPACED}]+)*"
    # A lone surrogate, from a badly decoded file, has no UTF-8 form and stops other libraries.
    r"|[^\s\ud800-\udfff]"
)
#: A longer text is read to here: attributes stand at the beginning, and cost is bounded.
MAX_TOKENS = 160


@dataclass(frozen=True, slots=True)
class Tokens:
    """``words[i]`` is ``text[starts[i]:ends[i]]``; ``lower`` are the words in lower case."""

    text: str
    words: tuple[str, ...]
    lower: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.words)

    @property
    def read(self) -> str:
        """The part of the text that has tokens: all of it, unless it is longer than MAX_TOKENS."""
        return self.text[: self.ends[-1]] if self.ends else ""

    def quote(self, first: int, last: int) -> str:
        """The text from token ``first`` to token ``last``, both included."""
        return self.text[self.starts[first] : self.ends[last]]

    def spaced(self, index: int) -> bool:
        """Whether white space stands before token ``index``."""
        return index == 0 or self.starts[index] > self.ends[index - 1]


def tokenize(text: str) -> Tokens:
    """Tokens of ``text``, the first MAX_TOKENS of them. ``K95`` is two: letters and digits."""
    places = []
    for match in _TOKEN.finditer(text):
        places.append(match.span())
        if len(places) == MAX_TOKENS:
            break
    words = tuple(text[start:end] for start, end in places)
    return Tokens(
        text,
        words,
        tuple(word.lower() for word in words),
        tuple(start for start, _ in places),
        tuple(end for _, end in places),
    )
