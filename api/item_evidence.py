"""Everything that is said of one item, with its evidence: read now, or as the graph has it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from kg.errors import DataError, NotFound
from kg.items import CatalogItem, Evidence

if TYPE_CHECKING:
    from api.settings import Settings
    from kg.conflicts import Conflict
    from kg.extraction.contract import Extractor
    from kg.resolution import Statement
    from kg.stores.bolt import BoltStore


@dataclass(frozen=True, slots=True)
class Finding:
    """What one modality says of one attribute.

    ``raw`` is the extractor's own confidence, None where it is not known; ``combined`` is the
    probability that the item has the attribute given all that is said of it. ``taken`` is False
    where a column states otherwise: such a guess is listed and not used.
    """

    kind: str
    entity: str
    name: str
    names: Mapping[str, str]
    combined: float
    raw: float | None
    evidence: Evidence
    taken: bool = True


@dataclass(frozen=True, slots=True)
class ItemEvidence:
    """An item and its findings: by kind, then the surest first; modalities of one value together.

    ``mentions``: (entity, evidence) of each place in the texts that says it, where ``findings``
    have only the strongest. ``source`` is ``catalogue`` or ``graph``; ``problems`` are what
    could not be read, in words.
    """

    item: CatalogItem
    source: str
    findings: tuple[Finding, ...]
    mentions: tuple[tuple[str, Evidence], ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def attributes(self) -> list[tuple[Finding, ...]]:
        """Findings grouped by the attribute that they are of, in their order."""
        grouped: dict[str, list[Finding]] = {}
        for one in self.findings:
            grouped.setdefault(one.entity, []).append(one)
        return [tuple(of_entity) for of_entity in grouped.values()]


def catalogue_item(settings: Settings, item_id: str) -> tuple[CatalogItem, Any]:
    """The item as the catalogue states it, and the catalogue; NotFound says where it is not."""
    from kg.readers.layouts import read_catalog
    from kg.rejects import Rejects

    with Rejects(None) as rejects:
        catalog = read_catalog(settings.kg.catalog, rejects=rejects)
    for item in catalog.items:
        if item.id == item_id:
            return item, catalog
    near = sorted(one.id for one in catalog.items if item_id.casefold() in one.id.casefold())
    hint = f"; ids that hold it: {', '.join(near[:5])}" if item_id and near else ""
    raise NotFound(
        f"item {item_id!r} is not among the {len(catalog.items)} items of {catalog.source}{hint}"
    )


def read_evidence(settings: Settings, item_id: str) -> ItemEvidence:
    """What the configured extractors find in the item now, weighed with columns and people.

    Extractors of vectors need an ingest; what they found stands in the graph.
    Nothing is learned from other items here: extractors err independently.
    """
    from api.shop import corrections_of, extractors_of
    from kg.agreement import Agreement
    from kg.ingest import default_canonical
    from kg.resolution import gather, settle

    item, catalog = catalogue_item(settings, item_id)
    extractors = extractors_of(settings, catalog).extractors
    extracted, problems = [], []
    for extractor in extractors:
        try:
            extracted += extractor.extract(item)
        except DataError as error:
            problems.append(str(error))
    canonical = default_canonical()
    corrections = corrections_of(settings).current().get(item_id, ())
    said = gather(item, extracted, canonical=canonical, corrections=corrections)
    settled, conflicts = settle(said, Agreement(), canonical=canonical)
    taken = {(one.entity, one.modality): one for one in settled}
    findings = [
        _finding(taken.get(key, replace(one, combined=0.0)), taken=key in taken)
        for key, one in said.best.items()
    ]
    return ItemEvidence(
        item=item,
        source="catalogue",
        findings=_in_order(findings),
        mentions=_mentions(item, extractors, taken={one.entity for one in settled}),
        conflicts=tuple(conflicts),
        problems=tuple(dict.fromkeys(problems)),
    )


def stored_evidence(settings: Settings, item_id: str, *, store: BoltStore) -> ItemEvidence:
    """What the graph has of the item; its texts and picture come from the catalogue.

    NotFound when the graph or the catalogue does not have it.
    """
    from kg.conflicts import Conflict
    from kg.queries import load_query

    rows = store.run(load_query("catalogue/item"), item_id=item_id)
    if not rows:
        raise NotFound(f"item {item_id!r} is not in the graph {settings.kg.store.url}")
    item, _ = catalogue_item(settings, item_id)
    row: Mapping[str, Any] = rows[0]
    found = [one for one in row["attributes"] if one["confidence"] is not None]
    doubt: dict[str, float] = {}
    for one in found:
        doubt[one["entity_id"]] = doubt.get(one["entity_id"], 1.0) * (1.0 - one["confidence"])
    findings = [
        Finding(
            kind=one["kind"],
            entity=one["entity_id"],
            name=one["name"],
            names={lang: one[f"name_{lang}"] for lang in ("en", "zh") if one[f"name_{lang}"]},
            combined=round(1.0 - doubt[one["entity_id"]], 4),
            raw=None,
            evidence=_evidence(one["modality"], one["extractor"], one["evidence"]),
        )
        for one in found
    ]
    conflicts = []
    for line in row["properties"].get("conflicts") or ():
        _, kind, entity, modality, sure, other, other_modality, other_sure = line.split("\t")
        conflicts.append(
            Conflict(kind, entity, modality, float(sure), other, other_modality, float(other_sure))
        )
    return ItemEvidence(
        item=item, source="graph", findings=_in_order(findings), conflicts=tuple(conflicts)
    )


def _mentions(
    item: CatalogItem, extractors: Sequence[Extractor], *, taken: AbstractSet[str]
) -> tuple[tuple[str, Evidence], ...]:
    """Each title and description read by itself, for what is taken of the whole item."""
    from kg.schema import entity_id

    parts = [
        replace(item, texts=(part,), images=())
        for text in item.texts
        for part in (replace(text, description=""), replace(text, title=""))
    ]
    found = [
        (entity_id(one.name, one.value), one.evidence)
        for extractor in extractors
        for part in parts
        for one in extractor.extract(part)
        if one.evidence.span is not None
    ]
    return tuple((entity, evidence) for entity, evidence in found if entity in taken)


def _in_order(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    from kg.schema import DEFAULT_SCHEMA

    kinds = {kind: at for at, kind in enumerate(DEFAULT_SCHEMA.kinds)}
    best: dict[str, float] = {}
    for one in findings:
        best[one.entity] = max(best.get(one.entity, 0.0), one.combined)
    return tuple(
        sorted(
            findings,
            key=lambda one: (
                kinds.get(one.kind, len(kinds)), one.kind, -best[one.entity], one.entity,
                one.evidence.modality != "column", one.evidence.modality,
            ),
        )
    )  # fmt: skip


def _finding(statement: Statement, *, taken: bool) -> Finding:
    return Finding(
        kind=statement.kind,
        entity=statement.entity,
        name=statement.name,
        names=statement.names,
        combined=round(statement.combined, 4),
        raw=statement.raw if taken else statement.confidence,
        evidence=_evidence(statement.modality, statement.extractor, statement.evidence),
        taken=taken,
    )


def _evidence(modality: Any, extractor: str, stored: str | None) -> Evidence:
    parts = json.loads(stored) if stored else {}
    span, region = parts.get("span"), parts.get("region")
    return Evidence(
        modality=modality,
        extractor=extractor,
        field=str(parts.get("field", "")),
        quote=str(parts.get("quote", "")),
        span=(int(span[0]), int(span[1])) if span else None,
        region=(region[0], region[1], region[2], region[3]) if region else None,
    )
