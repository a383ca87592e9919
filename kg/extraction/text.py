"""Attributes from titles and descriptions, by lexicon, in English and Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

from kg.extraction.brand_names import BrandNames
from kg.extraction.claims import (
    COMPOSED,
    DESCRIPTION,
    DETAIL,
    IMPLIED,
    STATED,
    TITLE,
    VERBATIM,
    Claim,
    merge,
)
from kg.extraction.context import aside, denied, head_category, of_a_part
from kg.extraction.lexicon import Canonical, Lexicon, load_cues, load_lexicon, simplified
from kg.extraction.matching import ChineseMatcher, EnglishMatcher, Mention, Reading
from kg.extraction.measurements import measurements
from kg.extraction.plain_text import readable
from kg.extraction.spec_table import Specs
from kg.extraction.syntax import MODEL, Syntax, installed
from kg.items import Attribute, CatalogItem, Evidence

NAME = "text-lexicon-2"
_HAN = re.compile("[\u3400-\u9fff]")
_LATIN = re.compile("[A-Za-z]{2}")
#: Kinds that the first words of a category may state: no colour, for "orange juice".
_INSIDE = frozenset({"material", "pattern", "style", "use", "function", "audience"})
#: Kinds that a part can have of its own.
_OF_PARTS = frozenset({"colour", "material", "pattern"})
#: "96% merino", "76% premium brushed nylon", 棉95%.
_SHARE_BEFORE = re.compile(r"[1-9]\d*(?:\.\d+)?\s*%\s*(?:[^\W\d_]+[®™]?\s+){0,2}$")
_SHARE_AFTER = re.compile(r"[®™()\s]*[1-9]\d*(?:\.\d+)?\s*%")


class TextExtractor:
    """Category, colour, material, pattern, style, use, function, audience, brand, measurement.

    ``languages`` are those of ``LocalText.language`` that are read; Chinese characters are
    read as Chinese wherever they stand, so a mixed title is read twice. ``brands`` are names
    (a catalogue's own brand column) looked for as written; one in two scripts ("Quiet
    Oak/静橡") is one entity. Lines of spec tables are believed more than prose. Spans in
    evidence are positions in ``kg.extraction.plain_text.readable`` of the field.

    ``syntax``: whether spaCy's English model is asked where word lists are in doubt; None:
    where it is installed. ``name`` says whether it is.
    """

    name: str = NAME

    def __init__(
        self,
        languages: Sequence[str] = ("en", "zh"),
        *,
        brands: Iterable[str] = (),
        syntax: bool | None = None,
    ) -> None:
        self._lexicon: Lexicon = load_lexicon()
        self._languages = frozenset(languages)
        self._english = EnglishMatcher(self._lexicon) if "en" in self._languages else None
        self._chinese = ChineseMatcher(self._lexicon) if "zh" in self._languages else None
        self._weak = {
            language: frozenset(load_cues()["weak"][language]) for language in ("en", "zh")
        }
        names = tuple(brands)
        self._brands = BrandNames(names)
        parsed = "en" in self._languages and (installed() if syntax is None else syntax)
        self._syntax = Syntax() if parsed else None
        self.name = f"{NAME}+{MODEL}" if parsed else NAME
        self._again = partial(TextExtractor, tuple(languages), brands=names, syntax=syntax)

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
        claims: list[Claim] = []
        refused: set[tuple[str, str]] = set()
        own = BrandNames(item.columns.get("brand", ()))
        for text in item.texts:
            for name, content in (("title", text.title), ("description", text.description)):
                field = f"{name}.{text.language}"
                plain = readable(content)
                specs = Specs(plain)
                branded = list(self._brand_claims(plain, field, specs))
                claims += branded
                claims += self._measured(plain, field, specs)
                hidden = [one.evidence.span for one in branded if one.evidence.span]
                hidden += [span for _, span in own.find(plain)]
                for reading in self._readings(text.language, plain):
                    found, not_so = self._claims(_without(reading, hidden), field, specs)
                    claims += found
                    refused |= not_so
                claims += self._verbatim(claims, field, specs, plain)
        return merge(claims, refused)

    def unread(self, item: CatalogItem, /) -> list[str]:
        """Keys of spec lines, in order, that neither a kind, a part, a property nor a measure is.

        Their values are read as prose: the schema has no kind for what the key asks.
        """
        fields = (one for text in item.texts for one in (text.title, text.description))
        return [
            line.key
            for plain in map(readable, fields)
            for line in Specs(plain).unknown()
            if not (self._knows(line.key) or measurements(line.value))
        ]

    def _knows(self, key: str) -> bool:
        form = simplified(key).casefold()
        return form in self._lexicon.english or form in self._lexicon.chinese

    def _readings(self, language: str, plain: str) -> Iterable[Reading]:
        if self._chinese is not None and _HAN.search(plain):
            yield self._chinese.read(plain)
        if self._english is not None and (
            language == "en" or (language == "zh" and _LATIN.search(plain))
        ):
            yield self._english.read(plain)

    def _claims(
        self, reading: Reading, field: str, specs: Specs
    ) -> tuple[list[Claim], set[tuple[str, str]]]:
        """What one text states, and the (kind, value) it denies."""
        title = field.startswith("title")
        not_so = denied(reading)
        elsewhere = set() if title else aside(reading)
        parts = of_a_part(reading)
        if self._syntax is not None and not title and reading.language == "en":
            parts |= (dropped := self._syntax.dropped(reading))
            elsewhere |= dropped
        skipped = not_so | elsewhere
        head = head_category(reading, skipped=skipped, sentences=None if title else 2)
        claims: list[Claim] = []
        refused: set[tuple[str, str]] = set()
        for index, mention in enumerate(reading.mentions):
            span = (reading.tokens[mention.first].start, reading.tokens[mention.last].end)
            if specs.is_key(span):
                continue
            said = specs.answer_to(span)
            for entity in mention.meanings:
                stated = specs.states(span, entity.kind) or said is True
                if index in not_so or said is False:
                    refused.add((entity.kind, entity.value))
                    continue
                if entity.kind in _OF_PARTS and (index in parts or specs.of_a_part(span)):
                    continue
                composed = entity.kind == "material" and _composed(reading.text, span)
                if not (stated or composed) and (
                    index in elsewhere
                    or (entity.kind == "category" and index != head)
                    or self._too_weak(index, reading, entity, title=title)
                ):
                    continue
                strength = STATED if stated else COMPOSED if composed else None
                claims += self._claim(reading, span, entity, field, strength=strength)
            if index == head:
                for entity, within in self._inside(reading, mention):
                    claims += self._claim(reading, within, entity, field)
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
        self,
        reading: Reading,
        span: tuple[int, int],
        entity: Canonical,
        field: str,
        *,
        strength: float | None = None,
    ) -> Iterable[Claim]:
        quote = reading.text[span[0] : span[1]]
        evidence = Evidence("text", self.name, field=field, quote=quote, span=span)
        title = field.startswith("title")
        usual = TITLE if title else DESCRIPTION
        yield Claim(entity, strength or usual, evidence, title, strength is not None)
        for pair in entity.implies:
            yield Claim(self._lexicon.entities[pair], IMPLIED, evidence, title)

    def _brand_claims(self, plain: str, field: str, specs: Specs) -> Iterable[Claim]:
        title = field.startswith("title")
        for entity, span in self._brands.find(plain):
            quote = plain[span[0] : span[1]]
            evidence = Evidence("text", self.name, field=field, quote=quote, span=span)
            stated = specs.states(span, "brand")
            strength = STATED if stated else TITLE if title else DETAIL
            yield Claim(entity, strength, evidence, title, stated)

    def _measured(self, plain: str, field: str, specs: Specs) -> Iterable[Claim]:
        usual = TITLE if field.startswith("title") else DESCRIPTION
        for one in measurements(plain):
            quote = plain[one.span[0] : one.span[1]]
            evidence = Evidence("text", self.name, field=field, quote=quote, span=one.span)
            entity = Canonical("measurement", one.value, one.names)
            stated = specs.holds(one.span)
            yield Claim(entity, STATED if stated else usual, evidence, usual == TITLE, stated)

    def _verbatim(
        self, claims: Sequence[Claim], field: str, specs: Specs, plain: str
    ) -> list[Claim]:
        """Values of a known key that no lexicon knows, as written: "Material: Cocona"."""
        here = [one.evidence.span for one in claims if one.evidence.field == field]
        title = field.startswith("title")
        found = []
        for entity, span in specs.unknown_values([one for one in here if one]):
            evidence = Evidence(
                "text", self.name, field=field, quote=plain[span[0] : span[1]], span=span
            )
            found.append(Claim(entity, VERBATIM, evidence, title, True))
        return found


def _composed(text: str, span: tuple[int, int]) -> bool:
    """Whether a share of a hundred stands beside: what a composition is made of."""
    before = _SHARE_BEFORE.search(text, max(span[0] - 40, 0), span[0])
    return bool(before or _SHARE_AFTER.match(text, span[1]) or "%" in text[span[0] : span[1]])


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
