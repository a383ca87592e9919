"""Driver values as plain data, from each engine and made by hand."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator

import neo4j.time
import pytest
from neo4j.spatial import WGS84Point
from store_world import ENGINES, empty_store, world

from kg.stores.bolt import BoltStore
from kg.stores.values import plain


@pytest.fixture(scope="module", params=ENGINES)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BoltStore]:
    for store in empty_store(request.param, tmp_path_factory.mktemp(request.param)):
        store.write(world())
        yield store


def test_nodes_relationships_and_paths_are_plain(store: BoltStore) -> None:
    store.write_embeddings([("User", "u1", [1.0, 0.0], "m1")])
    text = (
        "MATCH p = (u:User {id: 'u1'})-[r:INTERACTED]->(i:Item) "
        "RETURN u, r, p, [u, {deep: r.event}] AS both, i.price AS price"
    )
    [row] = store.read(text, {}).rows
    stamped = {"revision": row["u"]["properties"].pop("revision", None)}
    user = {"labels": ["User"], "id": "u1"}
    # Without the embedding, which is there.
    assert row["u"] == user | {"properties": {"id": "u1", "age": 30, "embedding_version": "m1"}}
    event = {"event": "purchase", "weight": 1.0, "at_s": 100.0, "split": "train"}
    relationship = {"type": "INTERACTED", "start": "u1", "end": "a", "properties": event}
    assert row["r"] == relationship
    assert [node["id"] for node in row["p"]["nodes"]] == ["u1", "a"]
    assert row["p"]["relationships"] == [relationship]
    assert row["both"][1] == {"deep": "purchase"}
    assert row["both"][0]["labels"] == ["User"]
    assert row["price"] == 10.0
    assert json.dumps(row)
    assert set(stamped) == {"revision"}


def test_labels_are_sorted(store: BoltStore) -> None:
    [row] = store.read("MATCH (e {id: 'colour:red'}) RETURN e", {}).rows
    assert row["e"]["labels"] == ["Colour", "Entity"]


def test_times_points_and_bytes_are_json() -> None:
    moment = neo4j.time.DateTime(2024, 2, 29, 12, 30, 0)
    value = {
        "moment": moment,
        "day": neo4j.time.Date(2024, 2, 29),
        "long": neo4j.time.Duration(months=1, days=2),
        "python": datetime.date(2024, 2, 29),
        "place": WGS84Point((12.5, 55.5)),
        "raw": b"\x00\xff",
        "nested": ({"x": (1, None, True)},),
    }
    assert plain(value) == {
        "moment": "2024-02-29T12:30:00.000000000",
        "day": "2024-02-29",
        "long": "P1M2D",
        "python": "2024-02-29",
        "place": {"srid": 4326, "coordinates": [12.5, 55.5]},
        "raw": "AP8=",
        "nested": [{"x": [1, None, True]}],
    }
    with pytest.raises(TypeError, match="a object from the store"):
        plain(object())
