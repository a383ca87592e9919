"""From settings to work: open the graph, ingest the catalogue, train, measure."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeAlias

from kg.errors import QueryError

if TYPE_CHECKING:
    from api.settings import Settings
    from gnn.training_report import Progress, TrainingReport
    from kg.extraction.contract import Extractor
    from kg.queries import Query
    from kg.readers.catalog import Catalog
    from kg.stores.bolt import BoltStore

#: Told ``(stage, done, total, note)``; a total of 0 is not known.
Show: TypeAlias = Callable[[str, int, int, str], None]


def open_graph(settings: Settings) -> BoltStore:
    """The configured store; close it, or use it as a context."""
    from kg.stores import open_store

    store = settings.kg.store
    return open_store(
        store.url,
        password=store.password.get_secret_value() if store.password else None,
        schema=settings.kg.schema_for(),
        timeout_s=store.timeout_s,
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
        colours = [load_encoder("colour-histogram")] if kg.encoders.image else []
        with VectorStore(kg.data_dir / "vectors.sqlite") as vectors:
            summary = ingest(
                catalog,
                store=store,
                vectors=vectors,
                text_encoder=load_encoder(kg.encoders.text),
                image_encoder=load_encoder(kg.encoders.image) if kg.encoders.image else None,
                further_image_encoders=colours,
                extractors=_extractors(settings, catalog),
                rejects=rejects,
                schema=kg.schema_for(),
                journal=kg.data_dir / "ingest.journal",
                on_progress=lambda stage, done, total: show(stage, done, total, ""),
            )
    return {**asdict(summary), "rejects_file": str(rejects_file(settings))}


def train_shop(settings: Settings, store: BoltStore, *, show: Show) -> TrainingReport:
    """Train on the graph in ``store``, write the artifact and, into the graph, embeddings."""
    from gnn.training import train
    from kg.vectors import VectorStore

    show("snapshot", 0, 0, "")
    snapshot = store.snapshot()
    show("snapshot", 1, 1, "")
    with VectorStore(settings.kg.data_dir / "vectors.sqlite") as vectors:
        report = train(
            snapshot,
            vectors,
            settings.gnn,
            graph_identity=store.identity(),
            text_encoder=settings.kg.encoders.text,
            image_encoder=settings.kg.encoders.image or "",
            on_progress=_training_steps(show),
        )
    write_back(settings, store, show=show)
    return report


def write_back(settings: Settings, store: BoltStore, *, show: Show) -> int:
    """Embeddings of the artifact's items, users and entities into the graph; how many nodes.

    Items get a vector index, so that the graph itself can be asked for what is near.
    """
    from gnn.artifact import load_artifact
    from gnn.embeddings import embeddings

    show("embeddings", 0, 0, "")
    artifact = load_artifact(settings.gnn.artifact_dir, expect_graph=store.identity())
    found = embeddings(artifact)
    store.migrate(settings.kg.schema_for(), vector_dim=found.items.shape[1])
    written = store.write_embeddings(found.rows(artifact))
    show("embeddings", written, written, "")
    return written


def measure_shop(settings: Settings, store: BoltStore, *, show: Show) -> TrainingReport:
    """The table of every model on the graph in ``store``; nothing is written."""
    from gnn.training import measure
    from kg.vectors import VectorStore

    show("snapshot", 0, 0, "")
    snapshot = store.snapshot()
    show("snapshot", 1, 1, "")
    with VectorStore(settings.kg.data_dir / "vectors.sqlite") as vectors:
        return measure(
            snapshot,
            vectors,
            settings.gnn,
            text_encoder=settings.kg.encoders.text,
            image_encoder=settings.kg.encoders.image or "",
            on_progress=_training_steps(show),
        )


def rejects_file(settings: Settings) -> Any:
    """Where an ingest writes what could not go in."""
    return settings.kg.data_dir / "rejects.jsonl"


def query_parameters(query: Query, given: Sequence[str]) -> dict[str, object]:
    """``["user_id=u1", "limit=5"]`` -> values of the query's types; QueryError says which is not.

    A LIST is written as JSON: ``ids=["a", "b"]``.
    """
    values: dict[str, object] = {}
    for pair in given:
        name, sign, text = pair.partition("=")
        if not sign:
            raise QueryError(f"query {query.name}: --param {pair!r} is not name=value")
        values[name] = _value(text, query.params.get(name, "STRING"))
    return values


def _value(text: str, kind: str) -> object:
    if kind == "STRING":
        return text
    try:
        # TRUE and true are one to Cypher; numbers and lists are JSON's.
        return json.loads(text.lower() if kind == "BOOLEAN" else text)
    except json.JSONDecodeError:
        return text  # Query.bind says what was expected


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


def _training_steps(show: Show) -> Callable[[Progress], None]:
    return lambda step: show("train", step.done, step.total, f"{step.stage} {step.note}".strip())
