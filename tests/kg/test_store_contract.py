"""What every graph store owes, checked against each engine that is at hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_world import ENGINES, asked, empty_store, world, world_snapshot

from kg.errors import DataError, QueryError, SchemaError
from kg.graph import GraphBatch, NodeRow, RelationshipRow, WriteSummary
from kg.queries import Query, load_query
from kg.schema import DEFAULT_SCHEMA
from kg.snapshot import Snapshot
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


def same(left: Snapshot, right: Snapshot) -> bool:
    """Equal in every field that is part of the graph, arrays by value."""
    for field in (field for field in dataclasses.fields(Snapshot) if field.compare):
        one, other = getattr(left, field.name), getattr(right, field.name)
        if dataclasses.is_dataclass(one):
            for part in dataclasses.fields(one):
                np.testing.assert_array_equal(getattr(one, part.name), getattr(other, part.name))
        else:
            assert one == other, field.name
    return True


def test_writing_twice_creates_once(store: BoltStore) -> None:
    # 4 items + 4 users + 4 entities; 5 events + 9 statements + 1 variant.
    assert store.write(world()) == WriteSummary(12, 15, 0)
    first = store.snapshot()
    assert store.write(world()) == WriteSummary(0, 0, 0)
    assert store.snapshot().fingerprint == first.fingerprint


def test_a_snapshot_equals_the_rows_it_was_written_from(store: BoltStore) -> None:
    store.write(world())
    assert same(store.snapshot(), world_snapshot())


def test_order_of_rows_does_not_matter(store: BoltStore) -> None:
    store.write(GraphBatch(world().nodes[::-1], world().relationships[::-1]))
    assert store.snapshot().fingerprint == world_snapshot().fingerprint


def test_embeddings_leave_the_snapshot_as_it_was(store: BoltStore) -> None:
    store.write(world())
    store.migrate(DEFAULT_SCHEMA, vector_dim=3)
    rows = [("Item", "a", [1.0, 0.0, 0.0], "m1"), ("Item", "b", np.array([0, 1, 0]), "m1")]
    assert store.write_embeddings([*rows, ("Item", "nowhere", [0, 0, 1], "m1")]) == 2
    assert store.write_embeddings([("User", "u1", [1.0, 0.0, 0.0], "m1")]) == 1
    assert store.snapshot().fingerprint == world_snapshot().fingerprint
    nearest = asked(
        store,
        "CALL db.index.vector.queryNodes('item_embedding', 2, $v) YIELD node, score "
        "RETURN node.id AS id, node.embedding_version AS version, score ORDER BY score DESC",
        v=[1.0, 0.0, 0.0],
    )
    # The scores are (1 + cos) / 2.
    assert [(row["id"], row["version"]) for row in nearest] == [("a", "m1"), ("b", "m1")]
    assert [row["score"] for row in nearest] == pytest.approx([1.0, 0.5], abs=1e-3)


def test_another_vector_length_replaces_index_and_embeddings(store: BoltStore) -> None:
    store.write(world())
    store.migrate(DEFAULT_SCHEMA, vector_dim=3)
    store.write_embeddings([("Item", "a", [1.0, 0.0, 0.0], "m1")])
    with pytest.raises(DataError, match=r"Item b: embedding \(2,\) is not a vector of length 3"):
        store.write_embeddings([("Item", "b", [1.0, 0.0], "m2")])
    store.migrate(DEFAULT_SCHEMA, vector_dim=2)
    assert asked(store, "MATCH (i:Item) WHERE i.embedding IS NOT NULL RETURN i.id AS id") == []
    assert store.write_embeddings([("Item", "b", [0.0, 1.0], "m2")]) == 1
    found = asked(
        store,
        "CALL db.index.vector.queryNodes('item_embedding', 5, [0.0, 1.0]) YIELD node "
        "RETURN node.id AS id",
    )
    assert found == [{"id": "b"}]


def test_a_vector_index_left_behind_makes_room(store: BoltStore) -> None:
    store.migrate(DEFAULT_SCHEMA, vector_dim=3)
    # The graph is emptied by hand, its own node with it; the engine keeps the index.
    store.connection.call("write", "MATCH (n) DETACH DELETE n", {})
    store.migrate(DEFAULT_SCHEMA, vector_dim=2)
    nearest = "CALL db.index.vector.queryNodes('item_embedding', 1, $v) YIELD node RETURN node.id"
    store.write(world())
    store.write_embeddings([("Item", "a", [1.0, 0.0], "m1"), ("Item", "b", [0.0, 1.0], "m1")])
    assert asked(store, nearest, v=[0.1, 0.9]) == [{"node.id": "b"}]
    # The other way: the graph knows of an index that somebody has dropped.
    store.connection.engine.drop_vector_index(store.connection.statement)
    store.migrate(DEFAULT_SCHEMA, vector_dim=2)
    assert asked(store, nearest, v=[0.9, 0.1]) == [{"node.id": "a"}]
    assert "item_embedding" in {index.name for index in store.status().indexes}


def test_properties_overwrite_and_none_removes(store: BoltStore) -> None:
    store.write(GraphBatch((NodeRow("Item", "a", {"title": "One", "price": 1, "fit": "slim"}),)))
    store.write(GraphBatch((NodeRow("Item", "a", {"title": "Two", "fit": None}),)))
    rows = asked(store, "MATCH (i:Item {id: 'a'}) RETURN properties(i) AS properties")
    properties = rows[0]["properties"]
    assert properties.pop("revision") > 0  # type: ignore[attr-defined]
    assert properties == {"id": "a", "title": "Two", "price": 1.0}


def test_a_dangling_relationship_is_counted_and_not_written(store: BoltStore) -> None:
    event = {"event": "purchase", "at_s": 1.0}
    batch = GraphBatch(
        (NodeRow("User", "u"), NodeRow("Item", "i")),
        (
            RelationshipRow("INTERACTED", "User", "u", "Item", "i", event),
            RelationshipRow("INTERACTED", "User", "u", "Item", "gone", event),
            RelationshipRow("INTERACTED", "User", "gone", "Item", "i", event),
        ),
    )
    assert store.write(batch) == WriteSummary(2, 1, 2)
    assert len(store.snapshot().interactions) == 1


def test_identity_of_a_relationship_is_its_ends_and_keys(store: BoltStore) -> None:
    ends = ("User", "u", "Item", "i")
    events = [("purchase", 1, 1.0), ("purchase", 2, 1.0), ("view", 1, 1.0), ("view", 1.0, 3.0)]
    batch = GraphBatch(
        (NodeRow("User", "u"), NodeRow("Item", "i")),
        tuple(
            RelationshipRow("INTERACTED", *ends, {"event": event, "at_s": at_s, "weight": weight})
            for event, at_s, weight in events
        ),
    )
    # The last two are the same event, the later one's weight stays.
    assert store.write(batch).relationships_created == 3
    interactions = store.snapshot().interactions
    assert interactions.at_s.tolist() == [1.0, 1.0, 2.0]
    assert interactions.weight.tolist() == [1.0, 3.0, 1.0]


def test_an_entity_has_both_labels_and_its_kind(store: BoltStore) -> None:
    store.write(world())
    rows = asked(store, "MATCH (e:Entity:Colour) RETURN e.id AS id, e.kind AS kind ORDER BY id")
    assert rows == [{"id": "colour:blue", "kind": "colour"}, {"id": "colour:red", "kind": "colour"}]


def test_a_kind_from_configuration_is_written_and_read(store: BoltStore) -> None:
    row = NodeRow("HeelHeight", "heel_height:flat", {"name": "flat"})
    with pytest.raises(SchemaError, match=r"label 'HeelHeight' is not one of: .*Colour"):
        store.write(GraphBatch((row,)))
    store.migrate(DEFAULT_SCHEMA.extended(("heel_height",)))
    try:
        store.write(GraphBatch((row,)))
        assert [entity.kind for entity in store.snapshot().entities] == ["heel_height"]
    finally:
        store.migrate(DEFAULT_SCHEMA)


def test_a_batch_of_any_size_goes_in(store: BoltStore) -> None:
    nodes = [NodeRow("User", "u")]
    nodes += [NodeRow("Item", f"i{n:05d}", {"description": "long " * 500}) for n in range(1500)]
    events = [
        RelationshipRow("INTERACTED", "User", "u", "Item", f"i{n:05d}", {"event": "e", "at_s": n})
        for n in range(1500)
    ]
    assert store.write(GraphBatch(tuple(nodes), tuple(events))) == WriteSummary(1501, 1500, 0)
    snapshot = store.snapshot()
    assert len(snapshot.items) == 1500
    assert snapshot.interactions.at_s.tolist() == list(range(1500))


_IDS = st.sampled_from(["p", "q", "r"])
_EVENT_ROWS = st.builds(
    lambda user, item, at_s, weight: RelationshipRow(
        "INTERACTED", "User", user, "Item", item, {"event": "e", "at_s": at_s, "weight": weight}
    ),
    _IDS,
    _IDS,
    st.integers(0, 2),
    st.floats(0, 4, width=16),
)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    nodes=st.lists(st.builds(NodeRow, st.sampled_from(["Item", "User"]), _IDS)),
    events=st.lists(_EVENT_ROWS, max_size=6),
)
def test_law_writing_again_changes_nothing(
    store: BoltStore, nodes: list[NodeRow], events: list[RelationshipRow]
) -> None:
    batch = GraphBatch(tuple(nodes), tuple(events))
    first = store.write(batch)
    snapshot = store.snapshot()
    second = store.write(batch)
    assert second == WriteSummary(0, 0, first.relationships_dangling)
    assert store.snapshot().fingerprint == snapshot.fingerprint
    store.connection.call("write", "MATCH (n) WHERE NOT n:Graph DETACH DELETE n", {})


def test_writers_in_several_threads_lose_nothing(store: BoltStore) -> None:
    store.write(GraphBatch((NodeRow("User", "u"),)))

    def write(n: int) -> WriteSummary:
        event = RelationshipRow(
            "INTERACTED", "User", "u", "Item", f"i{n}", {"event": "e", "at_s": n}
        )
        return store.write(GraphBatch((NodeRow("Item", f"i{n}"),), (event,)))

    with ThreadPoolExecutor(4) as pool:
        total = sum(pool.map(write, range(24)), WriteSummary())
    assert total == WriteSummary(24, 24, 0)
    assert len(store.snapshot().interactions) == 24


def test_the_identity_is_made_once(store: BoltStore) -> None:
    identity = store.identity()
    store.migrate(DEFAULT_SCHEMA)
    store.write(world())
    assert store.identity() == identity
    assert len(identity) == 36


def test_parameters_are_checked_before_the_engine_sees_them(store: BoltStore) -> None:
    with pytest.raises(QueryError, match="missing parameter user_id"):
        store.run(load_query("users/history"), limit=1)


def test_an_engine_error_names_its_query(store: BoltStore) -> None:
    broken = Query("test/broken", "MATCH (n RETURN n", "", {}, ("n",), "read")
    with pytest.raises(QueryError, match="query test/broken"):
        store.run(broken)
