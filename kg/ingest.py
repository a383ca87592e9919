"""A catalogue becomes a graph: encode, extract, resolve, write. Idempotent and resumable."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from kg.agreement import Agreement, KindReport
from kg.canonical import Canonicaliser
from kg.encoders.contract import Encoder
from kg.extraction.contract import Extractor
from kg.graph import GraphBatch, GraphStore, WriteSummary, in_batches
from kg.ingest_content import Encoded, Progress, encode_pictures, encode_texts
from kg.ingest_extract import Extraction, extract_items
from kg.ingest_journal import Journal, batch_hash
from kg.ingest_rows import GraphRows, graph_rows
from kg.ingest_snapshot import rows_snapshot
from kg.ingest_withdrawn import no_longer_stated
from kg.readers import Catalog
from kg.rejects import Rejects
from kg.schema import DEFAULT_SCHEMA, GraphSchema
from kg.snapshot import Snapshot
from kg.vectors import VectorStore

_BATCH = 1000
_EXTRACTION = Extraction()


@dataclass(frozen=True, slots=True)
class IngestSummary:
    """What an ingest did. ``seconds`` is wall-clock by stage: text, image, extract, write."""

    rows: Mapping[str, int]  # read, by table
    rejected: Mapping[str, int]  # by reason
    nodes: int
    relationships: int
    written: WriteSummary
    relationships_withdrawn: int  # stated by an earlier ingest and no longer
    batches: int
    batches_resumed: int  # acknowledged by an earlier, interrupted run
    vectors_encoded: Mapping[str, int]  # by encoder
    vectors_cached: Mapping[str, int]
    conflicts: int  # of modalities about an item's kind
    agreement: Mapping[str, KindReport]  # by kind that columns taught
    seconds: Mapping[str, float]

    @property
    def rows_rejected(self) -> int:
        """How many rejects there were in all."""
        return sum(self.rejected.values())


@dataclass(frozen=True, slots=True)
class _Plan:
    rows: GraphRows
    encoded: Encoded
    agreement: Agreement
    conflicts: int


@dataclass(slots=True)
class _Clock:
    seconds: dict[str, float] = field(default_factory=dict)
    _since: float = field(default_factory=time.perf_counter)

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = now - self._since
        self._since = now


def ingest(
    catalog: Catalog,
    *,
    store: GraphStore,
    vectors: VectorStore,
    text_encoder: Encoder | None = None,
    image_encoder: Encoder | None = None,
    further_image_encoders: Sequence[Encoder] = (),
    extractors: Sequence[Extractor] = (),
    extraction: Extraction = _EXTRACTION,
    rejects: Rejects | None = None,
    schema: GraphSchema = DEFAULT_SCHEMA,
    canonical: Canonicaliser | None = None,
    journal: Path | None = None,
    on_progress: Progress | None = None,
) -> IngestSummary:
    """Bring ``catalog`` into ``store`` and its contents' vectors into ``vectors``.

    The graph afterwards has every row of the catalogue. Of items that were there before, the
    statements, links and variants that are no longer stated go (`no_longer_stated`), after
    everything stated has been written. Whatever else was there stays: items that are not in
    the catalogue, interactions, reviews, what a person has stated.

    The same catalogue again creates nothing and encodes nothing. Interrupted, the same call
    goes on: vectors are kept by content, and batches that the store has acknowledged are in
    ``journal`` until the ingest is complete. ``schema`` is extended by the catalogue's kinds.

    StoreError when the store, the vectors or the journal cannot be written (a full disk);
    nothing acknowledged is lost.
    """
    rejects = rejects if rejects is not None else Rejects()
    clock = _Clock()
    image_encoders = [*([image_encoder] if image_encoder else []), *further_image_encoders]
    plan = _plan(
        catalog,
        vectors=vectors,
        text_encoder=text_encoder,
        image_encoders=image_encoders,
        extractors=extractors,
        extraction=extraction,
        rejects=rejects,
        schema=schema.extended(catalog.kinds),
        canonical=canonical or default_canonical(),
        on_progress=on_progress or _silent,
        clock=clock,
    )
    store.migrate(schema.extended(catalog.kinds))
    rows, encoded = plan.rows, plan.encoded
    written, batches, resumed = _write(rows, store, journal, on_progress or _silent)
    clock.lap("write")
    return IngestSummary(
        rows=dict(catalog.rows),
        rejected=dict(rejects.counts),
        nodes=len(rows.nodes),
        relationships=len(rows.relationships),
        written=written,
        relationships_withdrawn=written.relationships_deleted,
        batches=batches,
        batches_resumed=resumed,
        vectors_encoded=encoded.made,
        vectors_cached=encoded.found,
        conflicts=plan.conflicts,
        agreement=plan.agreement.report,
        seconds=clock.seconds,
    )


def catalog_snapshot(
    catalog: Catalog,
    *,
    vectors: VectorStore | None = None,
    text_encoder: Encoder | None = None,
    image_encoder: Encoder | None = None,
    further_image_encoders: Sequence[Encoder] = (),
    extractors: Sequence[Extractor] = (),
    extraction: Extraction = _EXTRACTION,
    rejects: Rejects | None = None,
    schema: GraphSchema = DEFAULT_SCHEMA,
    canonical: Canonicaliser | None = None,
    on_progress: Progress | None = None,
) -> Snapshot:
    """The snapshot that ``ingest`` into an empty store would give, without a store."""
    schema = schema.extended(catalog.kinds)
    plan = _plan(
        catalog,
        vectors=vectors,
        text_encoder=text_encoder,
        image_encoders=[*([image_encoder] if image_encoder else []), *further_image_encoders],
        extractors=extractors,
        extraction=extraction,
        rejects=rejects if rejects is not None else Rejects(),
        schema=schema,
        canonical=canonical or default_canonical(),
        on_progress=on_progress or _silent,
        clock=_Clock(),
    )
    return rows_snapshot(plan.rows, schema=schema)


def default_canonical() -> Canonicaliser:
    """The built-in lexicon; it is read on the first call."""
    from kg.extraction.lexicon import canonical

    return canonical


def _plan(
    catalog: Catalog,
    *,
    vectors: VectorStore | None,
    text_encoder: Encoder | None,
    image_encoders: Sequence[Encoder],
    extractors: Sequence[Extractor],
    extraction: Extraction,
    rejects: Rejects,
    schema: GraphSchema,
    canonical: Canonicaliser,
    on_progress: Progress,
    clock: _Clock,
) -> _Plan:
    encoded = Encoded([None] * len(catalog.items), [None] * len(catalog.items))
    encode_texts(
        catalog.items, encoded, vectors=vectors, encoder=text_encoder, on_progress=on_progress
    )
    clock.lap("text")
    encode_pictures(
        catalog.items,
        encoded,
        vectors=vectors,
        encoders=image_encoders,
        rejects=rejects,
        on_progress=on_progress,
    )
    clock.lap("image")
    contents, agreement = extract_items(
        catalog.items,
        encoded,
        extractors=extractors,
        extraction=extraction,
        vectors=vectors,
        canonical=canonical,
        rejects=rejects,
        on_progress=on_progress,
    )
    rows = graph_rows(catalog, contents, schema=schema, canonical=canonical)
    clock.lap("extract")
    conflicts = sum(len(content.conflicts) for content in contents)
    return _Plan(rows, encoded, agreement, conflicts)


def _write(
    rows: GraphRows, store: GraphStore, journal_path: Path | None, on_progress: Progress
) -> tuple[WriteSummary, int, int]:
    """(what changed, number of batches, number skipped because acknowledged before)."""
    batches = in_batches(rows.nodes, rows.relationships, size=_BATCH)
    hashes = [batch_hash(batch) for batch in batches]
    total = WriteSummary()
    resumed = 0
    # Looked up before writing: on a first ingest the graph is empty, and this costs nothing.
    # Not part of the journal: it is worked out anew, and what is deleted stays so.
    withdrawn = no_longer_stated(rows, store)
    opened = (
        nullcontext(None)
        if journal_path is None
        else Journal(journal_path, graph=store.identity(), batches=hashes)
    )
    with opened as journal:
        on_progress("write", 0, len(batches))
        for done, (key, batch) in enumerate(zip(hashes, batches, strict=True), start=1):
            if journal is not None and key in journal.acknowledged:
                resumed += 1
            else:
                total += store.write(batch)
                if journal is not None:
                    journal.acknowledge(key)
            on_progress("write", done, len(batches))
        # Last, so that a kill never leaves an item with less than is stated of it.
        total += store.write(GraphBatch(withdrawn=withdrawn))
        if journal is not None:
            journal.finish()
    return total, len(batches), resumed


def _silent(stage: str, done: int, total: int) -> None:
    """Progress that nobody watches."""
