"""A shop of three shirts whose text, picture and column agree or do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from kg.corrections import Correction
from kg.graph import GraphStore
from kg.ingest import IngestSummary, ingest
from kg.ingest_extract import Extraction
from kg.items import Attribute, CatalogItem, Evidence, LocalText, Modality
from kg.readers import Catalog
from kg.vectors import VectorStore

_COLOURS = ("red", "blue", "navy")


class SaysExtractor:
    """Colours in the title as text with .9; in the description as if seen in a picture, .8."""

    name = "says/1"

    def extract(self, item: CatalogItem, /) -> list[Attribute]:
        text = item.texts[0]
        said: list[tuple[Modality, str, float]] = [
            ("text", text.title, 0.9),
            ("image", text.description, 0.8),
        ]
        return [
            Attribute("colour", word, sure, Evidence(modality, self.name, quote=word))
            for modality, words, sure in said
            for word in words.split()
            if word in _COLOURS
        ]


def shirt(id_: str, title: str, seen: str, **columns: tuple[str, ...]) -> CatalogItem:
    return CatalogItem(id_, (LocalText("en", f"{title} shirt", seen),), columns=columns)


#: a: text against picture; b: both against or with the column; c: all agree.
SHIRTS = Catalog(
    "test",
    (
        shirt("a", "red", "blue"),
        shirt("b", "red", "blue", colour=("Red",)),
        shirt("c", "red", "red"),
    ),
)


def ingest_shirts(
    store: GraphStore,
    corrections: Mapping[str, Sequence[Correction]] | None = None,
    *,
    catalog: Catalog = SHIRTS,
) -> IngestSummary:
    extraction = Extraction(corrections=corrections or {})
    with TemporaryDirectory() as folder, VectorStore(Path(folder) / "vectors.sqlite") as vectors:
        return ingest(
            catalog,
            store=store,
            vectors=vectors,
            extractors=[SaysExtractor()],
            extraction=extraction,
        )
