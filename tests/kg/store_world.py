"""The checkerboard world, small enough to know every answer, and the engines to put it in.

Items by colour and kind: a red shirt, b red shoe, c blue shirt, d blue shoe.
u1 owns a; u2 owns a then b; u3 owns c then d; u4 owns nothing.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.graph import GraphBatch, NodeRow, RelationshipRow
from kg.schema import DEFAULT_SCHEMA
from kg.snapshot import EntityRow, ItemRow, Snapshot, build_snapshot
from kg.stores import open_store
from kg.stores.bolt import BoltStore

ENGINES = ("embedded", "neo4j")
PASSWORD = "checkerboard"
EVIDENCE = json.dumps({"field": "title.en", "quote": "Red", "span": [0, 3], "region": None})

_ITEMS = {
    "a": ("Red shirt", "红色衬衫", 10.0),
    "b": ("Red shoe", "红色鞋", 20.5),
    "c": ("Blue shirt", "蓝色衬衫", None),
    "d": ("Blue shoe", "蓝色鞋", 40.0),
}
_ENTITIES = {
    "colour:red": ("Colour", "red", "红色"),
    "colour:blue": ("Colour", "blue", "蓝色"),
    "category:shirt": ("Category", "shirt", "衬衫"),
    "category:shoe": ("Category", "shoe", "鞋"),
}
_STATEMENTS = [
    ("a", "colour:red", 1.0, "column"),
    ("a", "category:shirt", 1.0, "column"),
    ("b", "colour:red", 0.75, "text"),
    ("b", "colour:red", 0.5, "image"),
    ("b", "category:shoe", 1.0, "column"),
    ("c", "colour:blue", 1.0, "column"),
    ("c", "category:shirt", 1.0, "column"),
    ("d", "colour:blue", 0.25, "image"),
    ("d", "category:shoe", 1.0, "column"),
]
_EVENTS = [
    ("u1", "a", "purchase", 1.0, 100.0, "train"),
    ("u2", "a", "purchase", 1.0, 100.0, "train"),
    ("u2", "b", "view", 0.5, 200.0, None),
    ("u3", "c", "purchase", 1.0, 300.0, "train"),
    ("u3", "d", "purchase", 2.0, 400.5, "test"),
]
_USERS = {"u1": {"age": 30}, "u2": {"club": "gold", "vip": True}, "u3": {}, "u4": {}}


def world() -> GraphBatch:
    types = {"Colour": "HAS_COLOUR", "Category": "HAS_CATEGORY"}
    nodes = [
        NodeRow("Item", id_, {"title": en, "title_en": en, "title_zh": zh, "price": price})
        for id_, (en, zh, price) in _ITEMS.items()
    ]
    nodes += [NodeRow("User", id_, profile) for id_, profile in _USERS.items()]
    nodes += [
        NodeRow(label, id_, {"name": en, "name_en": en, "name_zh": zh})
        for id_, (label, en, zh) in _ENTITIES.items()
    ]
    relationships = [
        RelationshipRow(
            "INTERACTED",
            *("User", user, "Item", item),
            {"event": event, "weight": weight, "at_s": at_s, "split": split},
        )
        for user, item, event, weight, at_s, split in _EVENTS
    ]
    for item, entity, confidence, modality in _STATEMENTS:
        label = _ENTITIES[entity][0]
        properties = {
            "confidence": confidence,
            "modality": modality,
            "extractor": "hand",
            "evidence": EVIDENCE,
        }
        ends = ("Item", item, label, entity)
        relationships.append(RelationshipRow(types[label], *ends, properties))
    relationships.append(RelationshipRow("VARIANT_OF", "Item", "c", "Item", "a", {"score": 1.0}))
    return GraphBatch(tuple(nodes), tuple(relationships))


def world_snapshot() -> Snapshot:
    """The same world without a store."""
    return build_snapshot(
        items=[
            ItemRow(i, en, {"en": en, "zh": zh}, price) for i, (en, zh, price) in _ITEMS.items()
        ],
        users=list(_USERS.items()),
        entities=[
            EntityRow(id_, label.lower(), en, {"en": en, "zh": zh})
            for id_, (label, en, zh) in _ENTITIES.items()
        ],
        interactions=_EVENTS,
        item_entities=_STATEMENTS,
        item_items=[("VARIANT_OF", "c", "a", 1.0)],
    )


def asked(store: BoltStore, text: str, **params: object) -> list[dict[str, object]]:
    """Rows of a statement that is not in the library."""
    return store.connection.call("read", text, params)


def empty_store(engine: str, folder: Path) -> Iterator[BoltStore]:
    """A migrated store without rows; a Neo4j server is left as empty as it was found."""
    url = f"embedded:{folder / 'graph'}" if engine == "embedded" else neo4j_url()
    store = open_store(url, password=None if engine == "embedded" else _neo4j_password())
    try:
        if engine == "neo4j" and store.connection.call("read", "MATCH (n) RETURN n LIMIT 1", {}):
            pytest.fail(f"the graph at {url} is not empty: tests would delete what is in it")
        store.migrate(DEFAULT_SCHEMA)
        yield store
        if engine == "neo4j":
            store.connection.call("write", "MATCH (n) DETACH DELETE n", {})
    finally:
        store.close()


def neo4j_url() -> str:
    return os.environ.get("SHOPGRAPH_TEST_NEO4J_URL") or _start_neo4j()


def _neo4j_password() -> str | None:
    given = "SHOPGRAPH_TEST_NEO4J_URL" in os.environ
    return os.environ.get("SHOPGRAPH_TEST_NEO4J_PASSWORD") if given else PASSWORD


@functools.cache
def _start_neo4j() -> str:
    folder = tempfile.TemporaryDirectory(prefix="shopgraph-neo4j-")
    atexit.register(folder.cleanup)
    port = start_neo4j(Path(folder.name))
    # Before the folder goes: what is registered last is done first.
    atexit.register(stop_neo4j, Path(folder.name))
    return f"neo4j://127.0.0.1:{port}"


def start_neo4j(folder: Path, *, extra_conf: Path | None = None) -> int:
    """The Bolt port of a server of its own in ``folder``; pair it with `stop_neo4j`."""
    with socket.socket() as bolt, socket.socket() as http:
        bolt.bind(("127.0.0.1", 0))
        http.bind(("127.0.0.1", 0))
        ports = [str(found.getsockname()[1]) for found in (bolt, http)]
    extra = {} if extra_conf is None else {"NEO4J_EXTRA_CONF": str(extra_conf)}
    subprocess.run(
        [_scripts() / "start", folder, *ports, PASSWORD],
        check=True,
        capture_output=True,
        env=os.environ | {"NEO4J_HEAP": "512m", "NEO4J_PAGECACHE": "64m"} | extra,
    )
    return int(ports[0])


def stop_neo4j(folder: Path) -> None:
    subprocess.run([_scripts() / "stop", folder, "--kill"], check=True)


def _scripts() -> Path:
    root = Path(__file__).resolve().parents[2]
    scripts = Path(os.environ.get("SHOPGRAPH_SHARED", root.parent / "shared")) / "neo4j"
    if not (scripts / "start").is_file():
        pytest.skip(f"no Neo4j at {scripts}, and SHOPGRAPH_TEST_NEO4J_URL is not set")
    return scripts
