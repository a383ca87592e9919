"""Spec lines: "Material: cotton; Colour: red", 材质：棉, and the rows of tables and lists.

``kg.readers.markup`` has already made ``key: value`` lines of HTML tables and lists.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from kg.extraction.lexicon import Canonical, brand_entity, load_cues, simplified

_KINDS = (
    "brand", "category", "colour", "material", "pattern", "style", "use", "function", "audience",
)  # fmt: skip
#: Bullets before a key, and the marks that end one: "• Material: x", 【材质】棉.
_KEY = re.compile(
    r"【(?P<framed>[^】\n:]{1,20})】[ :：]*"
    r"|(?:^|(?<=[\n;；|。，,])|(?<=\. ))[\s•·*\-–—▪►◆]*"
    r"(?P<key>[^\W\d_][^\n:：;；|。，,.【】]{0,30}?)(?<!\d)\s*[:：](?!//)\s*"
)
#: Chinese tables in one line part their pairs by blanks: 材质：棉 颜色：红色.
_SPACED = re.compile(r"(?<=[ \t])(?P<key>[\u4e00-\u9fff]{2,6})[:：]\s*")
_ENDS = re.compile(r"[\n;；|。]|\.\s")
_LONGEST = 120
#: Kinds whose values a shop may name as it likes.
_OPEN = frozenset({"brand", "material", "colour"})
#: At most four words, or ten Chinese characters, without figures or lists.
_SHORT = re.compile(r"[^\W\d_][^\s,，、;/\d]*(?: [^\s,，、;/\d]+){0,3}|[\u4e00-\u9fff]{1,10}")
_HAN = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Spec:
    """``key: value`` at ``span`` (of the value) in the text; ``kind`` None: an unknown key."""

    key: str
    kind: str | None
    value: str
    key_span: tuple[int, int]
    span: tuple[int, int]


def specs(text: str) -> list[Spec]:
    """Spec lines of readable ``text`` by position, also those whose key no kind has.

    A value ends at a line's end, a semicolon, a bar, a full stop or the next known key.
    Values longer than 120 characters are prose after a colon and are none.
    """
    keys = list(_keys(text))
    found = []
    for place, (key, kind, start, first) in enumerate(keys):
        limit = keys[place + 1][2] if place + 1 < len(keys) else len(text)
        end = _ENDS.search(text, first, limit)
        last = end.start() if end else limit
        value = text[first:last].rstrip(" ,，、•·*-–—▪►◆【")
        if value and len(value) <= _LONGEST:
            span = (first, first + len(value))
            found.append(Spec(key, kind, value, (start, start + len(key)), span))
    return found


def answer(value: str) -> bool | None:
    """Whether a value says yes or no; None where it says something else."""
    word = simplified(value.strip().strip(".!。")).casefold()
    cues = load_cues()["spec"]
    return True if word in cues["yes"] else False if word in cues["no"] else None


class Specs:
    """What the spec lines of one readable text say about the spans in it."""

    def __init__(self, text: str) -> None:
        self._lines = specs(text)
        self._starts = [one.key_span[0] for one in self._lines]

    def _line(self, span: tuple[int, int]) -> Spec | None:
        """The line that ``span`` lies in, key or value."""
        place = bisect_right(self._starts, span[0]) - 1
        line = self._lines[place] if place >= 0 else None
        return line if line is not None and span[1] <= line.span[1] else None

    def holds(self, span: tuple[int, int]) -> bool:
        """Whether ``span`` is within a value."""
        line = self._line(span)
        return line is not None and span[0] >= line.span[0]

    def states(self, span: tuple[int, int], kind: str) -> bool:
        """Whether ``span`` is within a value whose key has ``kind``."""
        line = self._line(span)
        return line is not None and line.kind == kind and span[0] >= line.span[0]

    def is_key(self, span: tuple[int, int]) -> bool:
        """Whether ``span`` is within a key that has a kind: the print of "Print: dots"."""
        line = self._line(span)
        return line is not None and line.kind is not None and span[1] <= line.key_span[1]

    def answer_to(self, span: tuple[int, int]) -> bool | None:
        """What is said of a key that is itself a property: "Waterproof: no", 防水：是."""
        line = self._line(span)
        if line is None or span != line.key_span:
            return None
        return answer(line.value)

    def unknown(self) -> list[Spec]:
        """Lines whose key has no kind and is no part of the product."""
        return [line for line in self._lines if line.kind is None and not _is_part(line.key)]

    def of_a_part(self, span: tuple[int, int]) -> bool:
        """Whether ``span`` is within the value of a part: "Lining: 100% polyester"."""
        line = self._line(span)
        if line is None or line.kind is not None or span[0] < line.span[0]:
            return False
        return _is_part(line.key)

    def unknown_values(
        self, known: Sequence[tuple[int, int]]
    ) -> Iterator[tuple[Canonical, tuple[int, int]]]:
        """Short values of brand, material and colour that hold none of the ``known`` spans."""
        for line in self._lines:
            first, last = line.span
            if line.kind not in _OPEN or any(a < last and first < b for a, b in known):
                continue
            if _SHORT.fullmatch(line.value) and answer(line.value) is None:
                language = "zh" if _HAN.search(line.value) else "en"
                entity = Canonical(line.kind or "", line.value, {language: line.value})
                yield (brand_entity(line.value) if line.kind == "brand" else entity), line.span


def _is_part(key: str) -> bool:
    parts = load_cues()["part"]
    return any(
        word in parts["en"] or word in parts["zh"] for word in simplified(key).casefold().split()
    )


def _keys(text: str) -> Iterator[tuple[str, str | None, int, int]]:
    """(key, kind, its start, where its value starts), by position."""
    kinds = _kind_of_key()
    found: dict[int, tuple[str, str | None, int, int]] = {}
    for pattern in (_KEY, _SPACED):
        for match in pattern.finditer(text):
            group = "key" if match.groupdict().get("key") else "framed"
            key, start = match[group].strip(), match.start(group)
            if len(key.split()) > 4:
                continue
            found.setdefault(
                start, (key, kinds.get(simplified(key).casefold()), start, match.end())
            )
    yield from (found[start] for start in sorted(found))


@cache
def _kind_of_key() -> Mapping[str, str]:
    table = load_cues()["spec"]
    return {key: kind for kind in _KINDS for key in table[kind]}
