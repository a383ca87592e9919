"""From settings to a graph: open the store, ingest the catalogue."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from api.settings import Settings
    from kg.correct import Corrected
    from kg.corrections import Corrections, Says
    from kg.extraction.contract import Extractor
    from kg.ingest_extract import Fit
    from kg.readers.catalog import Catalog
    from kg.stores.bolt import BoltStore

#: Told ``(stage, done, total, note)``; a total of 0 is not known.
Show: TypeAlias = Callable[[str, int, int, str], None]
#: Files of ``kg.data_dir``.
VECTORS, JOURNAL, REJECTS = "vectors.sqlite", "ingest.journal", "rejects.jsonl"
EXTRACTED, CORRECTIONS, LABELS = "extracted.sqlite", "corrections.jsonl", "labels"
TOPICS = "topics.npz"


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
    from kg.ingest_cache import ExtractionCache
    from kg.ingest_extract import Extraction
    from kg.readers.layouts import read_catalog
    from kg.rejects import Rejects
    from kg.vectors import VectorStore

    kg = settings.kg
    show("read", 0, 0, "")
    with Rejects(rejects_file(settings)) as rejects:
        catalog = read_catalog(kg.catalog, rejects=rejects)
        show("read", 1, 1, "")
        found = extractors_of(settings, catalog)
        # What labels name may be a kind that neither the schema nor a column has.
        catalog = replace(catalog, kinds=(*catalog.kinds, *found.kinds))
        with (
            VectorStore(kg.data_dir / VECTORS) as vectors,
            ExtractionCache(kg.data_dir / EXTRACTED, depends=found.depends) as kept,
        ):
            summary = ingest(
                catalog,
                store=store,
                vectors=vectors,
                text_encoder=load_encoder(kg.encoders.text),
                image_encoder=load_encoder(kg.encoders.image) if kg.encoders.image else None,
                further_image_encoders=[load_encoder("colour-histogram")]
                if kg.encoders.image
                else [],
                extractors=found.extractors,
                extraction=Extraction(
                    kept=kept,
                    processes=kg.extraction.processes or min(len(os.sched_getaffinity(0)), 8),
                    corrections=corrections_of(settings).current(),
                    learn_agreement=kg.extraction.agreement,
                    fit=_fit(settings),
                ),
                rejects=rejects,
                schema=kg.schema_for(),
                journal=kg.data_dir / JOURNAL,
                on_progress=Rate(show),
            )
    return {**asdict(summary), "rejects_file": str(rejects_file(settings))}


def corrections_of(settings: Settings) -> Corrections:
    """The journal of what people say of items."""
    from kg.corrections import Corrections

    return Corrections(settings.kg.data_dir / CORRECTIONS)


def correct_item(
    settings: Settings,
    store: BoltStore,
    /,
    *,
    item_id: str,
    kind: str,
    value: str,
    says: Says = "yes",
    by: str = "",
    at_s: float,
) -> Corrected:
    """A person's word about an item, into the journal and the graph (see `kg.correct.correct`).

    The kinds are those of the settings and those that items of the graph have.
    """
    from kg.correct import correct
    from kg.ingest import default_canonical
    from kg.queries import load_query

    used = tuple(row["kind"] for row in store.run(load_query("quality/kind_coverage")))
    kinds = (*settings.kg.catalog.items.entities, *used)
    return correct(
        store, corrections_of(settings),
        item_id=item_id, kind=kind, value=value, says=says, by=by, at_s=at_s,
        schema=settings.kg.schema_for(kinds), canonical=default_canonical(),
    )  # fmt: skip


def rejects_file(settings: Settings) -> Path:
    """Where an ingest writes what could not go in."""
    return settings.kg.data_dir / REJECTS


@dataclass(frozen=True, slots=True)
class Extractors:
    """The configured extractors. ``depends``: as in `kg.ingest_cache.ExtractionCache`."""

    extractors: list[Extractor]
    kinds: tuple[str, ...]  # that their attributes may have beside the schema's
    depends: dict[str, str]


def extractors_of(settings: Settings, catalog: Catalog) -> Extractors:
    """What reads the items of ``catalog``, as section ``[kg.extraction]`` says."""
    from kg.extraction.colour import ColourExtractor
    from kg.extraction.text import TextExtractor

    wanted = settings.kg.extraction
    languages = settings.kg.catalog.languages
    extractors: list[Extractor] = []
    depends: dict[str, str] = {}
    kinds: tuple[str, ...] = ()
    if wanted.text:
        brands = sorted({one for item in catalog.items for one in item.columns.get("brand", ())})
        text = TextExtractor(languages, brands=brands)
        extractors.append(text)
        depends[text.name] = repr((languages, brands))
    if wanted.colours:
        extractors.append(ColourExtractor())
    if wanted.learned is not None:
        from kg.extraction.learned.extractor import LearnedExtractor

        learned = LearnedExtractor.load(wanted.learned)
        extractors.append(learned)
        kinds = tuple(learned.kinds)
    if wanted.topics:
        from kg.topic_extractor import TopicExtractor, topics_of

        extractors.append(TopicExtractor(topics_of(catalog.items, settings.kg.data_dir / TOPICS)))
    return Extractors(extractors, kinds, depends)


def _fit(settings: Settings) -> Fit | None:
    from kg.ingest_labels import fit_labels

    kg = settings.kg
    image = kg.encoders.image if kg.extraction.image_labels else None
    text = kg.encoders.text if kg.extraction.text_labels else None
    if image is None and text is None:
        return None
    return fit_labels(kg.data_dir / LABELS, image_encoder=image, text_encoder=text)


class Rate:
    """Progress with its rate and the time left, shown as a note: ``41/s, 1:20 left``."""

    def __init__(self, show: Show, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._show, self._clock = show, clock
        self._began: dict[str, tuple[float, int]] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        """``done`` of ``total`` at ``stage``; as `kg.ingest_content.Progress`."""
        now = self._clock()
        began, first = self._began.setdefault(stage, (now, done))
        if done < first or (done == 0 and first == 0):  # a stage begins, or begins again
            self._began[stage] = began, first = now, done
        note = ""
        if done > first and now > began:
            rate = (done - first) / (now - began)
            left = round((total - done) / rate)
            speed = f"{rate:.0f}/s" if rate >= 10 else f"{rate:.1f}/s"
            note = f"{speed}, {left // 60}:{left % 60:02} left" if done < total else speed
        self._show(stage, done, total, note)
