"""Items to statements: extractors, then those that read vectors, then resolution."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TypeAlias

from kg.agreement import Agreement, learn_agreement
from kg.canonical import Canonicaliser
from kg.correction_examples import with_corrections
from kg.corrections import Correction
from kg.errors import DataError
from kg.extraction.contract import Extractor, VectorExtractor
from kg.ingest_cache import ExtractionCache, item_key
from kg.ingest_content import Encoded, Progress
from kg.ingest_rows import ItemContent
from kg.ingest_workers import Found, Workers
from kg.items import Attribute, CatalogItem
from kg.rejects import Rejects
from kg.resolution import gather, lessons, settle
from kg.vectors import VectorStore

#: (items, encoded, vectors) -> extractors learned from them.
Fit: TypeAlias = Callable[[Sequence[CatalogItem], Encoded, VectorStore], list[VectorExtractor]]
_CHUNK = 256  # items; each is on disk before the next begins


@dataclass(frozen=True, slots=True)
class Extraction:
    """How an ingest extracts, beside its extractors.

    ``processes``: that many beside this one. ``corrections``: item id -> what people say.
    ``learn_agreement``: weigh extractors by what columns of other items teach. ``fit``: learns
    further vector extractors from the items, with what people say as columns.
    """

    vector_extractors: Sequence[VectorExtractor] = ()
    kept: ExtractionCache | None = None
    processes: int = 1
    corrections: Mapping[str, Sequence[Correction]] = field(default_factory=dict)
    learn_agreement: bool = True
    fit: Fit | None = None


def extract_items(
    items: Sequence[CatalogItem],
    encoded: Encoded,
    *,
    extractors: Sequence[Extractor],
    extraction: Extraction,
    vectors: VectorStore | None = None,
    canonical: Canonicaliser,
    rejects: Rejects,
    on_progress: Progress,
) -> tuple[list[ItemContent], Agreement]:
    """Statements, conflicts and hashes by item, and how statements were weighed.

    DataErrors of an extractor are rejects.

    What ``extraction.kept`` has is not extracted again, and what is new goes there chunk by
    chunk: an interrupted run goes on. Attributes come in the order of the extractors, vector
    extractors last, however many ``processes`` work.
    """
    canonical = cache(canonical)  # a catalogue says the same few values again and again
    # A picture known to be unreadable is not tried again.
    readable = [
        item if image_hash is not None else replace(item, images=())
        for item, image_hash in zip(items, encoded.image_hashes, strict=True)
    ]
    found = _extracted(
        readable,
        encoded,
        extractors=extractors,
        kept=extraction.kept,
        processes=extraction.processes,
        rejects=rejects,
        on_progress=on_progress,
    )
    if vectors is not None:
        further = [*extraction.vector_extractors]
        if extraction.fit is not None:
            taught = [
                with_corrections(item, extraction.corrections.get(item.id, ())) for item in readable
            ]
            further += extraction.fit(taught, encoded, vectors)
        for extractor in further:
            _add_from_vectors(found, readable, encoded, extractor=extractor, vectors=vectors)
    said = [
        gather(
            item,
            attributes,
            canonical=canonical,
            corrections=extraction.corrections.get(item.id, ()),
        )
        for item, attributes in zip(readable, found, strict=True)
    ]
    agreement = Agreement()
    if extraction.learn_agreement:
        agreement = learn_agreement(
            [one for each in said for one in lessons(each, canonical=canonical)]
        )
    contents = []
    for index, (item, each) in enumerate(zip(readable, said, strict=True)):
        statements, conflicts = settle(each, agreement, canonical=canonical)
        contents.append(
            ItemContent(
                text_hash=encoded.text_hashes[index],
                image_hash=encoded.image_hashes[index],
                image=_shown(item.images),
                statements=statements,
                conflicts=conflicts,
            )
        )
    return contents, agreement


def _extracted(
    items: Sequence[CatalogItem],
    encoded: Encoded,
    *,
    extractors: Sequence[Extractor],
    kept: ExtractionCache | None,
    processes: int,
    rejects: Rejects,
    on_progress: Progress,
) -> list[list[Attribute]]:
    """Attributes by item, in the order of the extractors."""
    keys = [item_key(*pair) for pair in zip(items, encoded.image_hashes, strict=True)]
    if kept is not None:
        for extractor in extractors:
            kept.forget_others(extractor.name)
    on_progress("extract", 0, len(items))
    found: list[list[Attribute]] = []
    with Workers(extractors, processes=processes, expected=_new(keys, extractors, kept)) as workers:
        for start in range(0, len(items), _CHUNK):
            chunk = slice(start, start + _CHUNK)
            columns = _read(items[chunk], keys[chunk], extractors, kept=kept, workers=workers)
            for of_item in zip(*columns, strict=True) if columns else ([],) * len(items[chunk]):
                found.append([one for part in of_item for one in _good(part, rejects)])
            on_progress("extract", len(found), len(items))
    return found


def _new(keys: Sequence[str], extractors: Sequence[Extractor], kept: ExtractionCache | None) -> int:
    """How many items at most some extractor has still to read."""
    if kept is None or not extractors:
        return len(keys)
    known = min(kept.count(extractor.name, keys) for extractor in extractors)
    return len(set(keys)) - known


def _read(
    items: Sequence[CatalogItem],
    keys: Sequence[str],
    extractors: Sequence[Extractor],
    *,
    kept: ExtractionCache | None,
    workers: Workers,
) -> list[list[Found]]:
    """By extractor, what it finds in each item, from ``kept`` where that has it."""
    known = [{} if kept is None else kept.get(one.name, keys) for one in extractors]
    new = [[i for i, key in enumerate(keys) if key not in each] for each in known]
    made = workers.run([[items[i] for i in rows] for rows in new])
    columns: list[list[Found]] = []
    for extractor, before, rows, results in zip(extractors, known, new, made, strict=True):
        after = dict(zip(rows, results, strict=True))
        if kept is not None and rows:
            # An item that could not be read is tried again: the disk may have been at fault.
            good = {keys[i]: one for i, one in after.items() if not isinstance(one, DataError)}
            kept.put(extractor.name, good)
        columns.append([after[i] if i in after else before[key] for i, key in enumerate(keys)])
    return columns


def _good(found: Found, rejects: Rejects) -> Iterator[Attribute]:
    if isinstance(found, DataError):
        rejects.add(found)
    else:
        yield from found


def _add_from_vectors(
    found: list[list[Attribute]],
    items: Sequence[CatalogItem],
    encoded: Encoded,
    *,
    extractor: VectorExtractor,
    vectors: VectorStore,
) -> None:
    hashes = encoded.text_hashes if extractor.modality == "text" else encoded.image_hashes
    for start in range(0, len(items), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        matrix, present = vectors.get(extractor.encoder, hashes[chunk])
        if not present.any():
            continue
        made = extractor.extract_vectors(items[chunk], matrix, present)
        for of_item, attributes in zip(found[chunk], made, strict=True):
            of_item.extend(attributes)


def _shown(images: tuple[Path, ...]) -> str | None:
    return str(images[0]) if images else None
