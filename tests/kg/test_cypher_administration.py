"""cypher/administration: what the graph is made of, worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from query_fixtures import ask, column, drawn, library_store
from store_world import ENGINES

from kg.stores.bolt import BoltStore


@pytest.fixture(scope="module", params=ENGINES)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BoltStore]:
    for store in library_store(request.param, tmp_path_factory.mktemp(request.param)):
        vectors = [("a", "v1"), ("b", "v1"), ("c", "v0")]
        store.write_embeddings([("Item", item, [1.0, 0.0], version) for item, version in vectors])
        yield store


def test_counts(store: BoltStore) -> None:
    rows = ask(store, "administration/counts")
    parts = [(row["part"], row["name"]) for row in rows]
    assert parts == sorted(parts)
    counts = {row["name"]: row["count"] for row in rows}
    assert counts == {
        "Item": 6,
        "User": 5,
        "Entity": 10,
        "Colour": 4,
        "Category": 2,
        "Brand": 2,
        "Pattern": 2,
        "Graph": 1,
        "INTERACTED": 9,
        "HAS_COLOUR": 7,
        "HAS_CATEGORY": 5,
        "HAS_BRAND": 3,
        "VARIANT_OF": 2,
        "BROADER": 4,
    }


def test_identity(store: BoltStore) -> None:
    [row] = ask(store, "administration/identity")
    assert (row["identity"], row["vector_dim"]) == (store.identity(), None)


def test_node_schema(store: BoltStore) -> None:
    rows = ask(store, "administration/node_schema")
    found = {(row["label"], row["property"]): (row["nodes"], row["types"]) for row in rows}
    assert found["Item", "price"] == (5, ["FLOAT"])
    assert found["Item", "released_at"] == (2, ["STRING"])
    assert found["User", "age"] == (1, ["INTEGER"])
    assert found["User", "vip"] == (1, ["BOOLEAN"])
    assert found["Entity", "name"] == (10, ["STRING"])
    assert found["Item", "embedding"] == (3, ["LIST"])
    assert ("Item", "age") not in found
    assert list(found) == sorted(found)


def test_relationship_schema(store: BoltStore) -> None:
    rows = ask(store, "administration/relationship_schema")
    statement = ["confidence", "evidence", "extractor", "modality"]
    assert [tuple(row.values()) for row in rows] == [
        ("Colour", "BROADER", "Colour", 2, []),
        ("Item", "HAS_BRAND", "Brand", 3, statement),
        ("Item", "HAS_CATEGORY", "Category", 5, statement),
        ("Item", "HAS_COLOUR", "Colour", 7, statement),
        ("Item", "VARIANT_OF", "Item", 2, ["score"]),
        ("Pattern", "BROADER", "Pattern", 2, []),
        # Some events have a split, some have none: counted once, named once.
        ("User", "INTERACTED", "Item", 9, ["at_s", "event", "split", "weight"]),
    ]


def test_indexes(store: BoltStore) -> None:
    rows = ask(store, "administration/indexes")
    found = {(row["label"], tuple(row["properties"]), row["type"], row["state"]) for row in rows}
    for label in ("Item", "User", "Entity", "Graph"):
        assert (label, ("id",), "RANGE", "ONLINE") in found
    assert ("Item", ("title", "title_en", "title_zh"), "FULLTEXT", "ONLINE") in found


def test_embeddings(store: BoltStore) -> None:
    rows = ask(store, "administration/embeddings")
    assert [(row["label"], row["version"], row["nodes"], row["share"]) for row in rows] == [
        ("Entity", None, 10, 1.0),
        ("Item", "v0", 1, 0.166667),
        ("Item", "v1", 2, 0.333333),
        ("Item", None, 3, 0.5),
        ("User", None, 5, 1.0),
    ]


def test_broader_chains(store: BoltStore) -> None:
    rows = ask(store, "administration/broader_chains")
    assert [(row["kind"], row["steps"], row["entity_ids"]) for row in rows] == [
        ("colour", 2, ["colour:red", "colour:warm", "colour:any"]),
        # Each wider than the other: the mistake is shown from both ends.
        ("pattern", 2, ["pattern:x", "pattern:y", "pattern:x"]),
        ("pattern", 2, ["pattern:y", "pattern:x", "pattern:y"]),
    ]
    assert drawn(rows[0]["graph"]) == {"colour:red", "colour:warm", "colour:any"}
    rows = ask(store, "administration/broader_chains", limit=1)
    assert column(rows, "kind") == ["colour"]
