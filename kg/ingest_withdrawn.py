"""Relationships that an earlier ingest wrote and that nothing states any longer."""

from __future__ import annotations

from collections.abc import Mapping

from kg.graph import GraphStore, PropertyValue, RelationshipRow, Row
from kg.ingest_rows import GraphRows, identity
from kg.queries import load_query
from kg.schema import LINKED_TO, VARIANT_OF

_PAGE = 500


def no_longer_stated(rows: GraphRows, store: GraphStore) -> tuple[RelationshipRow, ...]:
    """What ``store`` has of the items in ``rows`` and ``rows`` does not state, sorted.

    Looked at are relationships of these items that extractors and columns stated, LINKED_TO
    and VARIANT_OF. A person's statements stay. A catalogue cannot speak of items that are not
    in it: links to those stay, and variants of those while both name the same group. Only
    reads; nothing is stated by both and returned, so that deleting the rows loses nothing.
    """
    present = load_query("catalogue/statements")
    groups = {row.id: row.properties.get("group") for row in rows.nodes if row.label == "Item"}
    stated = {identity(row) for row in rows.relationships if row.start_label == "Item"}
    items = list(groups)
    stale: list[RelationshipRow] = []
    for start in range(0, len(items), _PAGE):
        for row in store.run(present, item_ids=items[start : start + _PAGE]):
            relationship = _relationship(row)
            if identity(relationship) in stated or _beyond(row, groups):
                continue
            stale.append(relationship)
    return tuple(sorted(stale, key=identity))


def _beyond(row: Row, groups: Mapping[str, PropertyValue]) -> bool:
    """Whether it leads to an item that the catalogue does not have and may still belong to."""
    if row["target_id"] in groups or row["type"] not in (LINKED_TO, VARIANT_OF):
        return False
    group = groups[row["item_id"]]
    return row["type"] == LINKED_TO or (group is not None and group == row["target_group"])


def _relationship(row: Row) -> RelationshipRow:
    key = "kind" if row["type"] == LINKED_TO else "modality"
    label = "Item" if row["type"] in (LINKED_TO, VARIANT_OF) else "Entity"
    properties = {} if row["type"] == VARIANT_OF else {key: row[key]}
    return RelationshipRow(row["type"], "Item", row["item_id"], label, row["target_id"], properties)
