"""The learned model at ingestion: attributes of an item's titles, as kinds of the graph."""

from __future__ import annotations

import re
import unicodedata
import zlib
from pathlib import Path

from kg.extraction.learned.artifact import load_model
from kg.extraction.learned.model import LearnedModel
from kg.extraction.learned.ranking import Speed
from kg.extraction.lexicon import canonical
from kg.extraction.plain_text import readable
from kg.items import Attribute, CatalogItem, Evidence

#: Names that labels use for kinds the graph has under another.
_SAME = {
    "color": "colour", "colors": "colour", "colours": "colour", "颜色": "colour", "顏色": "colour",
    "品牌": "brand", "材质": "material", "材質": "material", "图案": "pattern", "风格": "style",
    "类别": "category", "品类": "category", "功能": "function", "用途": "use",
    "适用人群": "audience", "gender": "audience", "性别": "audience",
}  # fmt: skip


def kind_of(attribute: str) -> str:
    """The entity kind of a label's name: ``Shoe type`` -> ``shoe_type``.

    A name without Latin letters that the graph has no kind for becomes ``attribute_`` and a
    checksum of it: stable, and unlike any other.
    """
    name = unicodedata.normalize("NFKC", attribute).strip().casefold()
    if name in _SAME:
        return _SAME[name]
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    snake = re.sub(r"[^a-z0-9]+", "_", plain).strip("_").lstrip("0123456789_")
    return snake or f"attribute_{zlib.crc32(name.encode()):08x}"


class LearnedExtractor:
    """Reads titles; evidence is the span in ``readable(title)`` that the model chose.

    The category is what the item's ``category`` column states, where the model knows it; else
    the model guesses. ``kinds`` are those the graph's schema must have.
    """

    def __init__(self, model: LearnedModel, *, speed: Speed = "best") -> None:
        self.name = f"text-learned-{model.version}"
        self._model, self._speed = model, speed
        self._kinds = {name: kind_of(name) for name in model.space.attributes}
        self.kinds = tuple(sorted(set(self._kinds.values())))
        self._categories = frozenset(model.space.categories)

    @classmethod
    def load(cls, folder: Path, *, speed: Speed = "best") -> LearnedExtractor:
        """From an artifact; ArtifactError where it is absent, damaged or of another format."""
        return cls(load_model(folder), speed=speed)

    def extract(self, item: CatalogItem, /) -> list[Attribute]:
        """One attribute per (kind, value), by kind, then by falling confidence."""
        titles = [(text.language, readable(text.title)) for text in item.texts if text.title]
        stated = item.columns.get("category", ())
        category = next((one for one in stated if one in self._categories), "")
        found = self._model.extract(
            [title for _, title in titles], [category] * len(titles), speed=self._speed
        )
        best: dict[tuple[str, str], Attribute] = {}
        for (language, title), values in zip(titles, found, strict=True):
            for one in values:
                evidence = Evidence(
                    "text",
                    self.name,
                    field=f"title.{language}",
                    quote=title[one.start : one.end],
                    span=(one.start, one.end),
                )
                kind = self._kinds[one.attribute]
                # A value that the lexicon knows is its entity: red and 红色 are one node.
                known = canonical(kind, one.value)
                value = one.value if known is None else known.value
                names = {} if known is None else dict(known.names)
                attribute = Attribute(kind, value, one.confidence, evidence, names)
                before = best.get((kind, value))
                if before is None or attribute.confidence > before.confidence:
                    best[kind, value] = attribute
        return sorted(best.values(), key=lambda one: (one.name, -one.confidence, one.value))
