"""The checkerboard world and rows that are awkward to write down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from store_world import empty_store, world

from kg.graph import GraphBatch, NodeRow, RelationshipRow
from kg.stores.bolt import BoltStore

#: What is awkward: quotes, line breaks, empty text, lists, numbers at their limits.
ODD = {
    "title": 'He said "5; 6", and\n左 left\ttab',
    "empty": "",
    "label": "a property called label",
    "type": "dress",
    "small": 5e-324,
    "large": 1.7976931348623157e308,
    "third": 1 / 3,
    "count": 2**62,
    "new": True,
    "sizes": ["S", 'M "wide"', "红"],
    "ratings": [0.5, 4.0],
    "stock": [3, -1],
}


def odd_batch() -> GraphBatch:
    return GraphBatch(
        (
            NodeRow("Item", "odd", ODD),
            # The same property with another type.
            NodeRow("Item", "other", {"title": "plain", "count": "many", "price": 3.0}),
            NodeRow("Brand", 'brand:o\'neill, "x"', {"name": "O'Neill"}),
        ),
        (
            RelationshipRow(
                *("HAS_BRAND", "Item", "odd", "Brand", 'brand:o\'neill, "x"'),
                {"confidence": 0.1, "modality": "text", "key": "k", "evidence": "a\r\nb"},
            ),
        ),
    )


def filled_store(engine: str, folder: Path) -> Iterator[BoltStore]:
    """A store with the world, the odd rows and one embedding."""
    for store in empty_store(engine, folder):
        store.write(world())
        store.write(odd_batch())
        store.write_embeddings([("User", "u1", [0.25, -1.0], "v1")])
        yield store
