"""What a shop knows before it is a graph: items, users, interactions, reviews, attributes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

Modality: TypeAlias = Literal["column", "text", "image", "audio", "video", "behaviour", "person"]
Value: TypeAlias = str | int | float | bool | None
Split: TypeAlias = Literal["train", "valid", "test"]
LinkKind: TypeAlias = Literal["related", "upsell", "crosssell"]


@dataclass(frozen=True, slots=True)
class LocalText:
    """Title and description in one language (ISO 639-1: ``en``, ``zh``)."""

    language: str
    title: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A merchant's own link to another item; position 0 comes first."""

    kind: LinkKind
    item_id: str
    position: int = 0


@dataclass(frozen=True, slots=True)
class CatalogItem:
    """One product as the catalogue states it.

    ``texts[0]`` is in the catalogue's main language; others are translations of it.
    ``columns`` holds what columns state outright: entity kind (``brand``, ``colour``, ...)
    -> values as written. ``images[0]`` is the main picture. ``group`` is the id shared by
    the variants of one product. ``properties`` are shown and filtered, never learned from.
    ``price`` >= 0 in the shop's currency, None when unknown.
    """

    id: str
    texts: tuple[LocalText, ...]
    price: float | None = None
    images: tuple[Path, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    group: str | None = None
    links: tuple[Link, ...] = ()
    properties: Mapping[str, Value] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Title in the main language, or the id when the catalogue has none."""
        return self.texts[0].title if self.texts and self.texts[0].title else self.id


@dataclass(frozen=True, slots=True)
class User:
    """A shopper; ``profile`` holds what the shop knows (age band, member status, ...)."""

    id: str
    profile: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Interaction:
    """One event; (user, item, event, at_s) identifies it. ``at_s`` is UTC epoch seconds."""

    user_id: str
    item_id: str
    event: str = "purchase"
    weight: float = 1.0
    at_s: float = 0.0
    split: Split | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """A written opinion; ``rating`` in [1, 5] or None."""

    id: str
    user_id: str
    item_id: str
    text: str
    title: str = ""
    rating: float | None = None
    at_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why an attribute is believed: where it was seen and by which extractor.

    ``span`` is (start, end) in characters of ``field`` (``title.en``, ``description.zh``,
    or the column's name) and ``quote`` the text there; ``region`` is (left, top, right,
    bottom) of the picture as fractions in [0, 1].
    """

    modality: Modality
    extractor: str
    field: str = ""
    quote: str = ""
    span: tuple[int, int] | None = None
    region: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Attribute:
    """One statement about an item: entity kind, canonical value, confidence in [0, 1].

    ``names`` maps language -> display name of the value, where the extractor knows it.
    """

    name: str
    value: str
    confidence: float
    evidence: Evidence
    names: Mapping[str, str] = field(default_factory=dict)
