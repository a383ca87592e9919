"""The checkerboard world with more on top, and how the tests of the library ask it.

Added: e, another red shirt (the picture also shows blue), by Acme, though its text says Zen;
f, a hat that nothing is said of; red is warm and warm is any; two patterns each wider than the
other; u5, who bought d long ago and looked at b, e and a in one sitting.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from store_world import EVIDENCE, empty_store, world

from kg.graph import GraphBatch, NodeRow, RelationshipRow, Row
from kg.queries import GRAPH, load_query
from kg.stores.bolt import BoltStore

_ITEMS = {
    "e": {
        "title": "Red shirt",
        "price": 12.0,
        "image": "e.jpg",
        "text_hash": "t1",
        "image_hash": "h1",
        "released_at": "2026-03-01",
    },
    "f": {"title": "Green hat", "price": 30.0, "image_hash": "h1", "released_at": "2026-02-01"},
}
_ENTITIES = {
    "colour:warm": ("Colour", "warm"),
    "colour:any": ("Colour", "any"),
    "brand:acme": ("Brand", "Acme"),
    "brand:zen": ("Brand", "Zen"),
    "pattern:x": ("Pattern", "x"),
    "pattern:y": ("Pattern", "y"),
}
_STATEMENTS = [
    ("a", "HAS_BRAND", "brand:acme", 1.0, "column"),
    ("e", "HAS_BRAND", "brand:acme", 1.0, "column"),
    ("e", "HAS_BRAND", "brand:zen", 0.5, "text"),
    ("e", "HAS_COLOUR", "colour:red", 0.9, "column"),
    ("e", "HAS_COLOUR", "colour:blue", 0.4, "image"),
    ("e", "HAS_CATEGORY", "category:shirt", 1.0, "column"),
]
_BROADER = [
    ("colour:red", "colour:warm"),
    ("colour:warm", "colour:any"),
    ("pattern:x", "pattern:y"),
    ("pattern:y", "pattern:x"),
]
_EVENTS = [
    ("d", "purchase", 1.0, 1000.0),
    ("b", "view", 0.2, 5000.0),
    ("e", "view", 0.2, 5600.0),
    ("a", "cart", 0.5, 6200.0),
]


def additions() -> GraphBatch:
    nodes = [NodeRow("Item", id_, properties) for id_, properties in _ITEMS.items()]
    nodes += [NodeRow(label, id_, {"name": name}) for id_, (label, name) in _ENTITIES.items()]
    nodes.append(NodeRow("User", "u5"))
    relationships = [
        RelationshipRow(
            type_,
            *("Item", item, "Entity", entity),
            {
                "confidence": confidence,
                "modality": modality,
                "extractor": "hand",
                "evidence": EVIDENCE,
            },
        )
        for item, type_, entity, confidence, modality in _STATEMENTS
    ]
    relationships += [
        RelationshipRow("BROADER", "Entity", narrow, "Entity", wide) for narrow, wide in _BROADER
    ]
    relationships += [
        RelationshipRow(
            "INTERACTED",
            *("User", "u5", "Item", item),
            {"event": event, "weight": weight, "at_s": at_s},
        )
        for item, event, weight, at_s in _EVENTS
    ]
    relationships.append(RelationshipRow("VARIANT_OF", "Item", "e", "Item", "a", {"score": 1.0}))
    return GraphBatch(tuple(nodes), tuple(relationships))


def library_store(engine: str, folder: Path) -> Iterator[BoltStore]:
    """A store that holds the world and what is added to it."""
    for store in empty_store(engine, folder):
        store.write(world())
        store.write(additions())
        yield store


def ask(store: BoltStore, name: str, /, **params: object) -> list[Row]:
    """Rows of a library query; their columns must be those that the header names, in order."""
    query = load_query(name)
    rows = store.run(query, **params)
    for row in rows:
        assert tuple(row) == query.returns
        if GRAPH in row:
            assert drawn(row[GRAPH]), f"{name}: nothing to draw"
    return rows


def column(rows: list[Row], name: str) -> list[Any]:
    return [row[name] for row in rows]


def drawn(value: object) -> set[str]:
    """Ids of the nodes in the column ``graph``: alone, in paths, and the ends of relationships.

    A relationship whose ends are not themselves in the column would not be drawn.
    """
    assert isinstance(value, list)
    nodes: set[str] = set()
    ends: set[str] = set()
    for part in value:
        inner = part.get("nodes", [part] if "labels" in part else [])
        nodes |= {node["id"] for node in inner}
        if "type" in part:
            ends |= {part["start"], part["end"]}
    assert ends <= nodes, "a relationship without its nodes"
    return nodes
