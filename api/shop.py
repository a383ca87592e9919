"""From settings to a graph: open the store, ingest the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from api.settings import Settings
    from kg.extraction.contract import Extractor
    from kg.readers.catalog import Catalog
    from kg.stores.bolt import BoltStore

#: Told ``(stage, done, total, note)``; a total of 0 is not known.
Show: TypeAlias = Callable[[str, int, int, str], None]
#: Files of ``kg.data_dir``.
VECTORS, JOURNAL, REJECTS = "vectors.sqlite", "ingest.journal", "rejects.jsonl"


def open_graph(settings: Settings) -> BoltStore:
    """The configured store; close it, or use it as a context."""
    from kg.stores import open_store

    store = settings.kg.store
    return open_store(
        store.url,
        password=store.password.get_secret_value() if store.password else None,
        schema=settings.kg.schema_for(),
        timeout_s=store.timeout_s,
        database=store.database,
        ca_file=store.ca_file,
    )


def ingest_shop(settings: Settings, store: BoltStore, *, show: Show) -> dict[str, Any]:
    """Bring the configured catalogue into ``store``; the summary as plain values."""
    from kg.encoders.load import load_encoder
    from kg.ingest import ingest
    from kg.readers.layouts import read_catalog
    from kg.rejects import Rejects
    from kg.vectors import VectorStore

    kg = settings.kg
    show("read", 0, 0, "")
    with Rejects(rejects_file(settings)) as rejects:
        catalog = read_catalog(kg.catalog, rejects=rejects)
        show("read", 1, 1, "")
        extractors = _extractors(settings, catalog)
        learned = kg.extraction.learned
        if learned is not None:
            from kg.extraction.learned.extractor import LearnedExtractor

            extractor = LearnedExtractor.load(learned)
            extractors.append(extractor)
            # What labels name may be a kind that neither the schema nor a column has.
            catalog = replace(catalog, kinds=(*catalog.kinds, *extractor.kinds))
        colours = [load_encoder("colour-histogram")] if kg.encoders.image else []
        with VectorStore(kg.data_dir / VECTORS) as vectors:
            summary = ingest(
                catalog,
                store=store,
                vectors=vectors,
                text_encoder=load_encoder(kg.encoders.text),
                image_encoder=load_encoder(kg.encoders.image) if kg.encoders.image else None,
                further_image_encoders=colours,
                extractors=extractors,
                rejects=rejects,
                schema=kg.schema_for(),
                journal=kg.data_dir / JOURNAL,
                on_progress=lambda stage, done, total: show(stage, done, total, ""),
            )
    return {**asdict(summary), "rejects_file": str(rejects_file(settings))}


def rejects_file(settings: Settings) -> Path:
    """Where an ingest writes what could not go in."""
    return settings.kg.data_dir / REJECTS


def _extractors(settings: Settings, catalog: Catalog) -> list[Extractor]:
    from kg.extraction.colour import ColourExtractor
    from kg.extraction.text import TextExtractor

    wanted = settings.kg.extraction
    extractors: list[Extractor] = []
    if wanted.text:
        brands = {brand for item in catalog.items for brand in item.columns.get("brand", ())}
        extractors.append(TextExtractor(settings.kg.catalog.languages, brands=sorted(brands)))
    if wanted.colours:
        extractors.append(ColourExtractor())
    return extractors
