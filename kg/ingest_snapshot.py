"""The snapshot that a store would give after the same rows, without a store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kg.graph import NodeRow, PropertyValue
from kg.ingest_rows import GraphRows
from kg.schema import INTERACTED, ITEM_ITEM_TYPES, GraphSchema
from kg.snapshot import EntityRow, ItemRow, Snapshot, build_snapshot

_LANGUAGES = ("en", "zh")


def rows_snapshot(rows: GraphRows, *, schema: GraphSchema) -> Snapshot:
    """As ``store.snapshot()`` after ``rows`` were written to an empty store."""
    kinds = {kind.label: kind.name for kind in schema.kinds.values()}
    interactions = []
    item_entities = []
    item_items = []
    for row in rows.relationships:
        properties: Mapping[str, Any] = row.properties
        if row.type == INTERACTED:
            interactions.append(
                (
                    row.start_id,
                    row.end_id,
                    properties["event"],
                    properties["weight"],
                    properties["at_s"],
                    properties["split"],
                )
            )
        elif row.type in ITEM_ITEM_TYPES:
            item_items.append((row.type, row.start_id, row.end_id, properties.get("score", 1.0)))
        elif row.start_label == "Item" and row.end_label in kinds:
            item_entities.append(
                (row.start_id, row.end_id, properties["confidence"], properties["modality"])
            )
    return build_snapshot(
        items=[_item(row) for row in rows.nodes if row.label == "Item"],
        users=[(row.id, _present(row)) for row in rows.nodes if row.label == "User"],
        entities=[_entity(row, kinds[row.label]) for row in rows.nodes if row.label in kinds],
        interactions=interactions,
        item_entities=item_entities,
        item_items=item_items,
    )


def _present(row: NodeRow) -> dict[str, PropertyValue]:
    return {name: value for name, value in row.properties.items() if value is not None}


def _item(row: NodeRow) -> ItemRow:
    properties: Mapping[str, Any] = row.properties
    return ItemRow(
        id=row.id,
        title=properties["title"],
        titles=_by_language(row, "title"),
        price=properties["price"],
        image=properties["image"],
        text_hash=properties["text_hash"],
        image_hash=properties["image_hash"],
        group=properties["group"],
    )


def _entity(row: NodeRow, kind: str) -> EntityRow:
    name = row.properties["name"]
    assert isinstance(name, str)
    return EntityRow(id=row.id, kind=kind, name=name, names=_by_language(row, "name"))


def _by_language(row: NodeRow, column: str) -> dict[str, str]:
    names = {language: row.properties.get(f"{column}_{language}") for language in _LANGUAGES}
    return {language: name for language, name in names.items() if isinstance(name, str)}
