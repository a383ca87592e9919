"""Reads a whole graph, page by page, into a Snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from kg.graph import Row
from kg.schema import ITEM_ITEM_TYPES
from kg.snapshot import EntityRow, ItemRow, Snapshot, build_snapshot

PAGE = 1000
_LANGUAGES = ("en", "zh")
_NOT_PROFILE = ("id", "embedding", "embedding_version")
#: Reads rows of one statement in a read transaction of its own.
Read = Callable[[str, dict[str, Any]], list[Row]]


def read_snapshot(read: Read) -> Snapshot:
    """Relationships are read before nodes, so that rows written meanwhile have their ends.

    A page is at most ``PAGE`` nodes, or the relationships of as many: no transaction grows
    with the graph.
    """
    items, users, entities = (_ids(read, label) for label in ("Item", "User", "Entity"))
    interactions = [
        (row["user"], row["item"], row["event"], row["weight"], row["at_s"], row["split"])
        for row in _pages(
            read,
            users,
            "MATCH (u:User {id: id})-[r:INTERACTED]->(i:Item) RETURN u.id AS user, i.id AS item, "
            "r.event AS event, coalesce(r.weight, 1.0) AS weight, r.at_s AS at_s, r.split AS split",
        )
    ]
    item_entities = [
        (row["item"], row["entity"], row["confidence"], row["modality"])
        for row in _pages(
            read,
            items,
            "MATCH (i:Item {id: id})-[r]->(e:Entity) RETURN i.id AS item, e.id AS entity, "
            "coalesce(r.confidence, 1.0) AS confidence, r.modality AS modality",
        )
    ]
    item_items = [
        (row["type"], row["source"], row["target"], row["score"])
        for row in _pages(
            read,
            items,
            f"MATCH (i:Item {{id: id}})-[r:{'|'.join(ITEM_ITEM_TYPES)}]->(o:Item) RETURN "
            "type(r) AS type, i.id AS source, o.id AS target, coalesce(r.score, 1.0) AS score",
        )
    ]
    # Nodes that came while relationships were read may be ends of them.
    items, users, entities = (_ids(read, label) for label in ("Item", "User", "Entity"))
    return build_snapshot(
        items=[_item(row) for row in _pages(read, items, _ITEM)],
        users=[(row["id"], dict(row["profile"])) for row in _pages(read, users, _USER)],
        entities=[_entity(row) for row in _pages(read, entities, _ENTITY)],
        interactions=interactions,
        item_entities=item_entities,
        item_items=item_items,
    )


_ITEM = (
    "MATCH (n:Item {id: id}) RETURN n.id AS id, n.title AS title, n.title_en AS title_en, "
    "n.title_zh AS title_zh, n.price AS price, n.image AS image, n.text_hash AS text_hash, "
    "n.image_hash AS image_hash, n.group AS `group`"
)
_USER = (
    "MATCH (n:User {id: id}) RETURN n.id AS id, "
    f"[key IN keys(n) WHERE NOT key IN {list(_NOT_PROFILE)} | [key, n[key]]] AS profile"
)
_ENTITY = (
    "MATCH (n:Entity {id: id}) RETURN n.id AS id, n.kind AS kind, n.name AS name, "
    "n.name_en AS name_en, n.name_zh AS name_zh"
)


def _ids(read: Read, label: str) -> list[str]:
    return [row["id"] for row in read(f"MATCH (n:{label}) RETURN n.id AS id", {})]


def _pages(read: Read, ids: list[str], statement: str) -> Iterator[Row]:
    for start in range(0, len(ids), PAGE):
        page = {"ids": ids[start : start + PAGE]}
        yield from read(f"UNWIND $ids AS id {statement}", page)


def _item(row: Row) -> ItemRow:
    return ItemRow(
        id=row["id"],
        title=row["title"] if row["title"] is not None else row["id"],
        titles=_by_language(row, "title"),
        price=row["price"],
        image=row["image"],
        text_hash=row["text_hash"],
        image_hash=row["image_hash"],
        group=row["group"],
    )


def _entity(row: Row) -> EntityRow:
    return EntityRow(
        id=row["id"],
        kind=row["kind"],
        name=row["name"] if row["name"] is not None else row["id"],
        names=_by_language(row, "name"),
    )


def _by_language(row: Row, column: str) -> dict[str, str]:
    names = {language: row[f"{column}_{language}"] for language in _LANGUAGES}
    return {language: name for language, name in names.items() if name is not None}
