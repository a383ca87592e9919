"""What a row may hold and what is refused, on every engine: any text as data, nothing as Cypher."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from store_world import ENGINES, asked, empty_store

from kg.errors import DataError, SchemaError
from kg.graph import GraphBatch, NodeRow, RelationshipRow
from kg.queries import load_query
from kg.stores.bolt import BoltStore


@pytest.fixture(scope="module", params=ENGINES)
def engine_store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BoltStore]:
    yield from empty_store(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture
def store(engine_store: BoltStore) -> Iterator[BoltStore]:
    yield engine_store
    engine_store.connection.call("write", "MATCH (n) WHERE NOT n:Graph DETACH DELETE n", {})


@pytest.mark.parametrize(
    "id_",
    [
        "a/b",
        "it's",
        'say "hi"',
        "日本語",
        "🧦",
        "back\\slash",
        "`tick`",
        "$x",
        "line\nbreak",
        " pad ",
    ],
)
def test_ids_may_hold_anything(store: BoltStore, id_: str) -> None:
    store.write(GraphBatch((NodeRow("Item", id_),)))
    assert [item.id for item in store.snapshot().items] == [id_]
    assert store.run(load_query("catalogue/item"), item_id=id_)[0]["id"] == id_


def test_cypher_in_data_stays_data(store: BoltStore) -> None:
    evil = "x'}) DETACH DELETE n //"
    rows = (NodeRow("Item", evil, {"title": evil, "x} SET n:Owned //": evil}), NodeRow("Item", "b"))
    store.write(GraphBatch(rows))
    store.write(GraphBatch((NodeRow("Colour", "colour:'); MATCH (n) DELETE n", {"name": evil}),)))
    snapshot = store.snapshot()
    assert [item.id for item in snapshot.items] == ["b", evil]
    assert snapshot.items[1].title == evil
    assert asked(store, "MATCH (n:Owned) RETURN n") == []


def one(label: str, id_: str, properties: dict[str, object] | None = None) -> GraphBatch:
    return GraphBatch((NodeRow(label, id_, properties or {}),))  # type: ignore[arg-type]


def link(type_: str, start_label: str) -> GraphBatch:
    return GraphBatch((), (RelationshipRow(type_, start_label, "u", "Item", "i"),))


@pytest.mark.parametrize(
    ("batch", "error", "message"),
    [
        (one("Entity", "x"), SchemaError, "label 'Entity'"),
        (one("Item`) DETACH DELETE n //", "x"), SchemaError, "label"),
        (link("OWNS", "User"), SchemaError, "type 'OWNS' is not one of: ABOUT, "),
        (link("INTERACTED", "Shop"), SchemaError, "label 'Shop'"),
        (link("INTERACTED", "User"), DataError, "INTERACTED u -> i: event None is not a value"),
        (one("Item", ""), DataError, "Item id ''"),
        (one("Item", "x", {"id": "y"}), DataError, "Item x: id 'y'"),
        (one("Item", "x", {"a": {"b": 1}}), DataError, "Item x: a "),
        (one("Item", "x", {"a": ["b", None]}), DataError, "Item x: a None"),
        (one("Item", "x", {"n": 1 << 63}), DataError, "64-bit"),
        (one("Item", "x", {"@rid": 1}), DataError, "without ` and @"),
        (one("Item", "x", {"t": "y" * 3_000_001}), DataError, "at most 3000000"),
    ],
)
def test_a_bad_row_is_refused_before_anything_is_written(
    store: BoltStore, batch: GraphBatch, error: type[Exception], message: str
) -> None:
    whole = GraphBatch((NodeRow("Item", "good"), *batch.nodes), batch.relationships)
    with pytest.raises(error) as raised:
        store.write(whole)
    assert message in str(raised.value)
    assert store.snapshot().items == ()
