"""The library's world with orange on top: what recommendations and explanations are tried on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from query_fixtures import library_store
from store_world import EVIDENCE

from kg.graph import GraphBatch, NodeRow, RelationshipRow
from kg.stores.bolt import BoltStore

#: Item, entity, confidence, modality.
_STATEMENTS = [
    ("f", "colour:orange", 0.8, "image"),
    ("f", "colour:warm", 0.5, "text"),
    ("g", "colour:orange", 1.0, "column"),
]


def orange() -> GraphBatch:
    nodes = (
        NodeRow("Item", "g", {"title": "Orange sock"}),
        NodeRow("Colour", "colour:orange", {"name": "orange"}),
    )
    relationships = [
        RelationshipRow(
            "HAS_COLOUR",
            *("Item", item, "Entity", entity),
            {
                "confidence": confidence,
                "modality": modality,
                "extractor": "hand",
                "evidence": EVIDENCE,
            },
        )
        for item, entity, confidence, modality in _STATEMENTS
    ]
    relationships.append(
        RelationshipRow("BROADER", "Entity", "colour:orange", "Entity", "colour:warm")
    )
    relationships += [
        RelationshipRow(
            "INTERACTED",
            *("User", "u4", "Item", "f"),
            {"event": "view", "weight": 0.2, "at_s": at_s},
        )
        for at_s in (9000.0, 9100.0)
    ]
    return GraphBatch(nodes, tuple(relationships))


def explained_world(engine: str, folder: Path) -> Iterator[BoltStore]:
    """A store that holds the library's world and ``orange``."""
    for store in library_store(engine, folder):
        store.write(orange())
        yield store
