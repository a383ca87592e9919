"""Snapshots as they were read at first: a record a relationship, all as Python tuples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kg.schema import ITEM_ITEM_TYPES
from kg.snapshot import EntityRow, ItemRow, Snapshot, build_snapshot
from kg.stores.bolt import BoltStore

_PAGE = 1000
_LANGUAGES = ("en", "zh")
_HIDDEN = ["id", "embedding", "embedding_version", "revision"]
_INTERACTIONS = (
    "MATCH (u:User {id: id})-[r:INTERACTED]->(i:Item) RETURN u.id AS user, i.id AS item, "
    "r.event AS event, coalesce(r.weight, 1.0) AS weight, r.at_s AS at_s, r.split AS split"
)
_ITEM_ENTITIES = (
    "MATCH (i:Item {id: id})-[r]->(e:Entity) RETURN i.id AS item, e.id AS entity, "
    "coalesce(r.confidence, 1.0) AS confidence, r.modality AS modality"
)
_ITEM_ITEMS = (
    f"MATCH (i:Item {{id: id}})-[r:{'|'.join(ITEM_ITEM_TYPES)}]->(o:Item) RETURN "
    "type(r) AS type, i.id AS source, o.id AS target, coalesce(r.score, 1.0) AS score"
)
_ITEM = (
    "MATCH (n:Item {id: id}) RETURN n.id AS id, n.title AS title, n.title_en AS title_en, "
    "n.title_zh AS title_zh, n.price AS price, n.image AS image, n.text_hash AS text_hash, "
    "n.image_hash AS image_hash, n.group AS `group`"
)
_USER = (
    "MATCH (n:User {id: id}) RETURN n.id AS id, "
    f"[key IN keys(n) WHERE NOT key IN {_HIDDEN} | [key, n[key]]] AS profile"
)
_ENTITY = (
    "MATCH (n:Entity {id: id}) RETURN n.id AS id, n.kind AS kind, n.name AS name, "
    "n.name_en AS name_en, n.name_zh AS name_zh"
)


def snapshot_by_rows(store: BoltStore) -> Snapshot:
    """The same snapshot as ``store.snapshot()``, the first version's way (1c2256e)."""
    items, users, entities = (_ids(store, label) for label in ("Item", "User", "Entity"))
    return build_snapshot(
        interactions=[tuple(row.values()) for row in _pages(store, users, _INTERACTIONS)],
        item_entities=[tuple(row.values()) for row in _pages(store, items, _ITEM_ENTITIES)],
        item_items=[tuple(row.values()) for row in _pages(store, items, _ITEM_ITEMS)],
        items=[ItemRow(titles=_names(row, "title"), **row) for row in _pages(store, items, _ITEM)],
        users=[(row["id"], dict(row["profile"])) for row in _pages(store, users, _USER)],
        entities=[
            EntityRow(names=_names(row, "name"), **row) for row in _pages(store, entities, _ENTITY)
        ],
    )


def _ids(store: BoltStore, label: str) -> list[str]:
    rows = store.connection.call("read", f"MATCH (n:{label}) RETURN n.id AS id", {})
    return [row["id"] for row in rows]


def _pages(store: BoltStore, ids: list[str], statement: str) -> Iterator[dict[str, Any]]:
    for start in range(0, len(ids), _PAGE):
        page = {"ids": ids[start : start + _PAGE]}
        yield from store.connection.call("read", f"UNWIND $ids AS id {statement}", page)


def _names(row: dict[str, Any], column: str) -> dict[str, str]:
    names = {language: row.pop(f"{column}_{language}") for language in _LANGUAGES}
    return {language: name for language, name in names.items() if name is not None}
