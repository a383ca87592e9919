"""Take a person's word: into the journal, then at once into the graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from kg.agreement import SINGLE_VALUED
from kg.canonical import Canonicaliser, Fits
from kg.corrections import Correction, Corrections, Says
from kg.errors import DataError, NotFound
from kg.graph import GraphBatch, GraphStore, NodeRow, RelationshipRow
from kg.ingest_entities import Entities
from kg.ingest_rows import statement_row
from kg.queries import load_query
from kg.resolution import PERSON, person_statement
from kg.schema import GraphSchema


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a correction did: the entity it speaks of, and relationships written and removed."""

    item_id: str
    kind: str
    entity: str
    says: Says
    written: int
    removed: int


def correct(
    store: GraphStore,
    corrections: Corrections,
    /,
    *,
    item_id: str,
    kind: str,
    value: str,
    says: Says = "yes",
    by: str = "",
    at_s: float,
    schema: GraphSchema,
    canonical: Canonicaliser,
) -> Corrected:
    """``says`` of item and value: ``yes`` states it, ``no`` takes it away, ``undo`` forgets.

    The journal has it first: a graph that fails now has it after the next ingest. ``yes`` in a
    kind with one value removes extractors' other values; ``no`` removes every statement of the
    value; both hold through every later ingest. After ``undo`` extractors and columns speak
    again with the next ingest. NotFound for an unknown item, SchemaError for an unknown kind,
    DataError for an empty value or one that no correction speaks of (``undo``).
    """
    schema.kind(kind)
    if not value.strip() or says not in get_args(Says):
        raise DataError(
            f"correction of {item_id}", column="value", value=value, expected="a value of the kind"
        )
    rows = store.run(load_query("catalogue/item"), item_id=item_id)
    if not rows:
        raise NotFound(f"item {item_id!r} is not in the graph {store.url}")
    known = canonical(kind, value)
    correction = Correction(
        item_id, kind, value.strip() if known is None else known.value, says, value, by, at_s
    )
    if says == "undo" and not any(
        one.entity == correction.entity for one in corrections.current().get(item_id, ())
    ):
        raise DataError(
            f"correction of {item_id}",
            column=kind,
            value=value,
            expected="corrected: there is nothing to undo",
        )
    corrections.add(correction)
    # An entity that is there keeps the name that the catalogue's own words give it.
    there = bool(store.run(load_query("catalogue/entity"), entity_id=correction.entity))
    batch = _batch(
        correction, rows[0]["attributes"], there=there, schema=schema, canonical=canonical
    )
    summary = store.write(batch)
    return Corrected(
        item_id,
        kind,
        correction.entity,
        says,
        summary.relationships_created,
        summary.relationships_deleted,
    )


def _batch(
    correction: Correction,
    stated: list[dict[str, str]],
    *,
    there: bool,
    schema: GraphSchema,
    canonical: Canonicaliser,
) -> GraphBatch:
    """``stated``: what the graph says of the item now; ``there``: it has the entity."""
    gone = [one for one in stated if _contradicts(one, correction, Fits(canonical))]
    withdrawn = tuple(_relationship(correction, one) for one in gone)
    if correction.says != "yes":
        return GraphBatch(withdrawn=withdrawn)
    statement = person_statement(correction, canonical)
    nodes: tuple[NodeRow, ...] = ()
    wider: list[RelationshipRow] = []
    if not there:
        entities = Entities(schema)
        entities.add(statement)
        wider = entities.widen(canonical)
        nodes = tuple(entities.rows())
    return GraphBatch(nodes, (statement_row(statement, schema), *wider), withdrawn)


def _contradicts(one: dict[str, str], correction: Correction, fits: Fits) -> bool:
    """Whether a statement in the graph cannot stay beside ``correction``."""
    same = one["entity_id"] == correction.entity
    if correction.says == "no":
        return same
    if correction.says == "undo":
        return same and one["modality"] == PERSON
    return (
        one["kind"] == correction.kind
        and correction.kind in SINGLE_VALUED
        and one["modality"] != PERSON
        and not fits(correction.kind, one["entity_id"], correction.entity)
    )


def _relationship(correction: Correction, one: dict[str, str]) -> RelationshipRow:
    return RelationshipRow(
        *(one["relationship"], "Item", correction.item_id, "Entity", one["entity_id"]),
        {"modality": one["modality"]},
    )
