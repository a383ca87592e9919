"""Attributes from titles and descriptions, by lexicon, in English and Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import prod

from kg.extraction.context import aside, denied, head_category, of_a_part
from kg.extraction.lexicon import Canonical, Lexicon, load_cues, load_lexicon
from kg.extraction.matching import ChineseMatcher, EnglishMatcher, Mention, Reading
from kg.extraction.plain_text import readable
from kg.items import Attribute, CatalogItem, Evidence

_HAN = re.compile("[\u3400-\u9fff]")
_LATIN = re.compile("[A-Za-z]{2}")
_KINDS = (
    "category", "brand", "colour", "material", "pattern", "style", "use", "function", "audience",
)  # fmt: skip
#: A title that states one of these settles it: the description's are about details.
_SETTLED = frozenset({"category", "colour", "pattern"})
#: Kinds that the first words of a category may state: no colour, for "orange juice".
_INSIDE = frozenset({"material", "pattern", "style", "use", "function", "audience"})
#: Kinds that a part can have of its own.
_OF_PARTS = frozenset({"colour", "material", "pattern"})
_TITLE, _DESCRIPTION, _DETAIL, _IMPLIED = 0.9, 0.7, 0.5, 0.6


@dataclass(frozen=True, slots=True)
class _Claim:
    """One mention turned into a statement; ``detail`` when the title settled its kind."""

    entity: Canonical
    confidence: float
    evidence: Evidence
    title: bool


class TextExtractor:
    """Category, colour, material, pattern, style, use, function, audience and brand.

    ``languages`` are those of ``LocalText.language`` that are read; Chinese characters are
    read as Chinese wherever they stand, so a mixed title is read twice. ``brands`` are names
    (a catalogue's own brand column) looked for as written. Spans in evidence are positions
    in ``kg.extraction.plain_text.readable`` of the field.
    """

    name = "text-lexicon-1"

    def __init__(
        self, languages: Sequence[str] = ("en", "zh"), *, brands: Iterable[str] = ()
    ) -> None:
        self._lexicon: Lexicon = load_lexicon()
        self._languages = frozenset(languages)
        self._english = EnglishMatcher(self._lexicon) if "en" in self._languages else None
        self._chinese = ChineseMatcher(self._lexicon) if "zh" in self._languages else None
        self._weak = {
            language: frozenset(load_cues()["weak"][language]) for language in ("en", "zh")
        }
        names = tuple(brands)
        self._brands = _brand_pattern(names)
        self._again = partial(TextExtractor, tuple(languages), brands=names)

    def __reduce__(self) -> tuple[partial[TextExtractor], tuple[()]]:
        """Travels to another process as its arguments: jieba's tokenizer holds a lock."""
        return self._again, ()

    def extract_many(self, items: Iterable[CatalogItem], /) -> list[list[Attribute]]:
        """``extract`` of each item, in order."""
        return [self.extract(item) for item in items]

    def extract(self, item: CatalogItem, /) -> list[Attribute]:
        """One attribute per (kind, value), by kind, then by falling confidence.

        Where two texts agree (title in both languages) their confidences combine as
        1 - (1 - a)(1 - b), at most .97, and the evidence is the stronger one's.
        """
        claims: list[_Claim] = []
        refused: set[tuple[str, str]] = set()
        own = _brand_pattern(item.columns.get("brand", ()))
        for text in item.texts:
            for name, content in (("title", text.title), ("description", text.description)):
                field = f"{name}.{text.language}"
                plain = readable(content)
                branded = list(self._brand_claims(plain, field))
                claims += branded
                hidden = [one.evidence.span for one in branded if one.evidence.span]
                hidden += [match.span() for match in own.finditer(plain)] if own else []
                for reading in self._readings(text.language, plain):
                    found, not_so = self._claims(_without(reading, hidden), field)
                    claims += found
                    refused |= not_so
        return _merge(claims, refused)

    def _readings(self, language: str, plain: str) -> Iterable[Reading]:
        if self._chinese is not None and _HAN.search(plain):
            yield self._chinese.read(plain)
        if self._english is not None and (
            language == "en" or (language == "zh" and _LATIN.search(plain))
        ):
            yield self._english.read(plain)

    def _claims(self, reading: Reading, field: str) -> tuple[list[_Claim], set[tuple[str, str]]]:
        """What one text states, and the (kind, value) it denies."""
        title = field.startswith("title")
        not_so = denied(reading)
        elsewhere = set() if title else aside(reading)
        parts = of_a_part(reading)
        skipped = not_so | elsewhere
        head = head_category(reading, skipped=skipped, sentences=None if title else 2)
        claims: list[_Claim] = []
        refused: set[tuple[str, str]] = set()
        for index, mention in enumerate(reading.mentions):
            for entity in mention.meanings:
                if index in not_so:
                    refused.add((entity.kind, entity.value))
                elif (
                    index in elsewhere
                    or (entity.kind == "category" and index != head)
                    or (index in parts and entity.kind in _OF_PARTS)
                    or self._too_weak(index, reading, entity, title=title)
                ):
                    continue
                else:
                    span = (reading.tokens[mention.first].start, reading.tokens[mention.last].end)
                    claims += self._claim(reading, span, entity, field)
            if index == head:
                for entity, span in self._inside(reading, mention):
                    claims += self._claim(reading, span, entity, field)
        return claims, refused

    def _too_weak(self, index: int, reading: Reading, entity: Canonical, *, title: bool) -> bool:
        """A word that by itself mostly means something else."""
        mention = reading.mentions[index]
        if not title and mention.form in self._weak[reading.language]:
            return True
        if reading.language == "en" or len(mention.form) > 1 or entity.kind == "material":
            return False
        # One character is a colour in 黑T恤 and a part of a name in 白露系列.
        after = reading.mentions[index + 1 : index + 2]
        return not title or not after or after[0].first != mention.last + 1

    def _inside(
        self, reading: Reading, head: Mention
    ) -> Iterable[tuple[Canonical, tuple[int, int]]]:
        """What the first words of a category say: leather jacket, running shoes, 帆布鞋."""
        start = reading.tokens[head.first].start
        if reading.language == "zh":
            for size in range(len(head.form) - 1, 1, -1):
                for entity in self._lexicon.chinese.get(head.form[:size], ()):
                    if entity.kind in _INSIDE:
                        yield entity, (start, start + size)
            return
        for one in reading.nested:
            if one.first == head.first and one.last < head.last:
                for entity in one.meanings:
                    if entity.kind in _INSIDE:
                        yield entity, (start, reading.tokens[one.last].end)

    def _claim(
        self, reading: Reading, span: tuple[int, int], entity: Canonical, field: str
    ) -> Iterable[_Claim]:
        quote = reading.text[span[0] : span[1]]
        evidence = Evidence("text", self.name, field=field, quote=quote, span=span)
        title = field.startswith("title")
        yield _Claim(entity, _TITLE if title else _DESCRIPTION, evidence, title)
        for pair in entity.implies:
            yield _Claim(self._lexicon.entities[pair], _IMPLIED, evidence, title)

    def _brand_claims(self, plain: str, field: str) -> Iterable[_Claim]:
        title = field.startswith("title")
        for match in self._brands.finditer(plain) if self._brands else ():
            entity = Canonical("brand", match[0], {"en": match[0]})
            evidence = Evidence("text", self.name, field=field, quote=match[0], span=match.span())
            yield _Claim(entity, _TITLE if title else _DETAIL, evidence, title)


def _without(reading: Reading, hidden: Sequence[tuple[int, int]]) -> Reading:
    """The reading without mentions inside ``hidden`` spans: the oak of the brand Quiet Oak."""
    if not hidden:
        return reading
    kept = [
        one
        for one in reading.mentions
        if not any(
            reading.tokens[one.first].start < end and start < reading.tokens[one.last].end
            for start, end in hidden
        )
    ]
    return replace(reading, mentions=kept)


def _brand_pattern(brands: Iterable[str]) -> re.Pattern[str] | None:
    """Matches a brand as a whole word; longer names first."""
    names = sorted({brand for brand in brands if brand.strip()}, key=lambda one: (-len(one), one))
    if not names:
        return None
    parts = [
        rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])" if name.isascii() else re.escape(name)
        for name in names
    ]
    return re.compile("|".join(parts))


def _merge(claims: Sequence[_Claim], refused: set[tuple[str, str]]) -> list[Attribute]:
    """One attribute per (kind, value); titles first, then what descriptions may add."""
    best: dict[tuple[str, str], dict[str, _Claim]] = {}
    titled = [claim for claim in claims if claim.title]
    settled = {claim.entity.kind for claim in titled if claim.confidence == _TITLE}
    for claim in titled + [_description_claim(one, settled) for one in claims if not one.title]:
        key = (claim.entity.kind, claim.entity.value)
        # In a settled kind a description may confirm a value and not add one.
        added = key not in best and key[0] in settled & _SETTLED
        if not claim.title and (key in refused or added):
            continue
        rivals = best.setdefault(key, {})
        language = claim.evidence.field.rpartition(".")[2]
        if language not in rivals or claim.confidence > rivals[language].confidence:
            rivals[language] = claim
    found = []
    for (kind, value), by_language in best.items():
        strongest = max(by_language.values(), key=lambda one: one.confidence)
        doubt = prod(1 - claim.confidence for claim in by_language.values())
        confidence = round(min(1 - doubt, 0.97), 4)
        names = dict(strongest.entity.names)
        found.append(Attribute(kind, value, confidence, strongest.evidence, names))
    return sorted(found, key=lambda one: (_KINDS.index(one.name), -one.confidence, one.value))


def _description_claim(claim: _Claim, settled: set[str]) -> _Claim:
    if claim.entity.kind not in settled:
        return claim
    return replace(claim, confidence=min(claim.confidence, _DETAIL))
