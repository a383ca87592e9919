"""The checkerboard world's module, which lies with the store's tests; PyG, imported quietly."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

with warnings.catch_warnings():
    # PyG 2.8 compiles a class in a way that torch 2.13 calls deprecated, on import.
    warnings.simplefilter("ignore", DeprecationWarning)
    import torch_geometric.loader  # noqa: F401

import numpy as np

from gnn.pyg_store import PropertyFeature, VectorFeature
from kg.graph import GraphBatch, NodeRow, RelationshipRow
from kg.schema import DEFAULT_SCHEMA
from kg.stores.bolt import BoltStore
from kg.vectors import VectorStore


def _store_world() -> ModuleType:
    # Test folders are no packages: that of the store's tests may not be on the path.
    if "store_world" not in sys.modules:
        path = Path(__file__).resolve().parents[1] / "kg" / "store_world.py"
        spec = importlib.util.spec_from_file_location("store_world", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["store_world"] = module
        spec.loader.exec_module(module)
    return sys.modules["store_world"]


store_world = _store_world()

FEATURES = [
    PropertyFeature("item", "price", "price"),
    VectorFeature("item", "text", "text_hash", "letters"),
    PropertyFeature("user", "age", "age"),
    PropertyFeature("item", "embedding", "embedding", 2),
]
OWNED = ("user", "interacted", "item")
OWNERS = ("item", "rev_interacted", "user")


def filled_store(engine: str, folder: Path) -> Iterator[BoltStore]:
    """The checkerboard world; two items have text, one an embedding; 40 users own item h."""
    for store in store_world.empty_store(engine, folder):
        store.migrate(DEFAULT_SCHEMA, vector_dim=2)
        store.write(store_world.world())
        store.write(
            GraphBatch(
                (
                    NodeRow("Item", "a", {"text_hash": "hash-a"}),
                    NodeRow("Item", "b", {"text_hash": "hash-b"}),
                    NodeRow("Item", "c", {"text_hash": "hash-unknown"}),
                    NodeRow("Item", "h", {"title": "a hub"}),
                    *(NodeRow("User", f"v{at:02}") for at in range(40)),
                ),
                tuple(
                    RelationshipRow(
                        *("INTERACTED", "User", f"v{at:02}", "Item", "h"),
                        {"event": "view", "at_s": float(at), "split": "train"},
                    )
                    for at in range(40)
                ),
            )
        )
        store.write_embeddings([("Item", "d", [0.5, -2.0], "v1")])
        yield store


def filled_vectors(folder: Path) -> Iterator[VectorStore]:
    """Vectors of the texts of a and b."""
    with VectorStore(folder / "vectors.sqlite") as vectors:
        matrix = np.array([[1, 0, 0], [0, 1, 0]], dtype=np.float32)
        vectors.put("letters", ["hash-a", "hash-b"], matrix)
        yield vectors


def expected_edges(store: BoltStore) -> dict[tuple[str, str, str], Counter[tuple[str, str]]]:
    """(start id, end id) of every edge of a snapshot, by the type that PyG calls it."""
    snapshot = store.snapshot()
    users, items = snapshot.users, [row.id for row in snapshot.items]
    edges: dict[tuple[str, str, str], Counter[tuple[str, str]]] = {}
    events, stated = snapshot.interactions, snapshot.item_entities
    for user, item in zip(events.user, events.item, strict=True):
        edges.setdefault(OWNED, Counter())[users[user], items[item]] += 1
    for item, entity in zip(stated.item, stated.entity, strict=True):
        row = snapshot.entities[entity]
        key = ("item", f"has_{row.kind}", row.kind)
        edges.setdefault(key, Counter())[items[item], row.id] += 1
    for type_, source, target, _ in snapshot.item_items:
        key = ("item", type_.lower(), "item")
        edges.setdefault(key, Counter())[items[source], items[target]] += 1
    for (start, name, end), pairs in list(edges.items()):
        edges[end, f"rev_{name}", start] = Counter({(b, a): n for (a, b), n in pairs.items()})
    return edges
