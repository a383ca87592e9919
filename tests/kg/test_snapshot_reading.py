"""Snapshots read from both engines: in pages, while a writer writes, and from an earlier one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from snapshot_fixtures import same
from store_world import ENGINES, empty_store, world, world_snapshot

from kg.errors import DataError
from kg.graph import GraphBatch, NodeRow, RelationshipRow
from kg.stores import reading_pages
from kg.stores.bolt import BoltStore


@pytest.fixture(scope="module", params=ENGINES)
def engine_store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BoltStore]:
    yield from empty_store(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture
def store(engine_store: BoltStore) -> Iterator[BoltStore]:
    yield engine_store
    by_hand(engine_store, "MATCH (n) WHERE NOT n:Graph DETACH DELETE n")


def by_hand(store: BoltStore, text: str, **params: object) -> None:
    """What somebody types into Neo4j Browser: no write of ours stamps it."""
    store.connection.call("write", text, params)


def event(user: str, item: str, at_s: float, **properties: object) -> RelationshipRow:
    values = {"event": "view", "at_s": at_s, **properties}
    return RelationshipRow("INTERACTED", "User", user, "Item", item, values)  # type: ignore[arg-type]


@pytest.mark.parametrize(("nodes", "rows"), [(1, 1), (3, 2), (2, 100)])
def test_the_size_of_pages_is_not_in_the_snapshot(
    store: BoltStore, monkeypatch: pytest.MonkeyPatch, nodes: int, rows: int
) -> None:
    store.write(world())
    monkeypatch.setattr(reading_pages, "NODES", nodes)
    monkeypatch.setattr(reading_pages, "ROWS", rows)
    same(store.snapshot(), world_snapshot())


def test_a_snapshot_says_where_and_when_it_was_read(store: BoltStore) -> None:
    first = store.snapshot()
    store.write(world())
    second = store.snapshot()
    assert first.graph == second.graph == store.identity()
    assert 0 <= first.revision < second.revision


def test_nothing_written_nothing_read(store: BoltStore) -> None:
    store.write(world())
    before = store.snapshot()
    after = store.snapshot(since=before)
    assert after.items is before.items
    assert after.interactions is before.interactions


def test_only_what_was_written_since_is_read(store: BoltStore) -> None:
    store.write(world())
    before = store.snapshot()
    # Not stamped, so it is not seen with since: this shows that u3 is not read again ...
    by_hand(store, "MATCH (:User {id: 'u3'})-[r:INTERACTED]->() SET r.weight = 9.0")
    store.write(GraphBatch(relationships=(event("u1", "b", 7.0),)))
    after = store.snapshot(since=before)
    assert len(after.interactions) == len(before.interactions) + 1 == 6
    assert after.interactions.weight.max() == 2.0
    assert after.items[0] is before.items[0]
    # ... and without since it is.
    assert store.snapshot().interactions.weight.max() == 9.0


def test_what_is_deleted_goes_with_its_relationships(store: BoltStore) -> None:
    store.write(world())
    before = store.snapshot()
    # a: an end of u1's and u2's events and of c's link; its colour and category stay.
    by_hand(store, "MATCH (n) WHERE n.id IN ['a', 'u3', 'colour:blue'] DETACH DELETE n")
    after = store.snapshot(since=before)
    same(after, store.snapshot())
    assert [row.id for row in after.items] == ["b", "c", "d"]
    assert after.users == ("u1", "u2", "u4")
    # Left: u2 views b. No link: c's was to a.
    assert after.interactions.user.tolist() == [1]
    assert after.interactions.item.tolist() == [0]
    assert len(after.item_items) == 0
    assert after.item_entities.item.tolist() == [0, 0, 0, 1, 2]


def test_a_node_made_by_hand_is_found(store: BoltStore) -> None:
    store.write(world())
    before = store.snapshot()
    by_hand(store, "MATCH (i:Item {id: 'a'}) CREATE (:Item {id: 'e'})-[:SIMILAR_TO]->(i)")
    after = store.snapshot(since=before)
    same(after, store.snapshot())
    assert after.item_items[0] == ("SIMILAR_TO", 4, 0, 1.0)


@pytest.mark.parametrize("change", [{"graph": "another"}, {"graph": ""}, {"revision": -1}])
def test_of_another_graph_nothing_is_kept(store: BoltStore, change: dict[str, str]) -> None:
    store.write(world())
    before = replace(store.snapshot(), users=("nobody",) * 4, **change)
    same(store.snapshot(since=before), world_snapshot())


def test_of_a_graph_put_back_nothing_is_kept(store: BoltStore) -> None:
    store.write(world())
    now = store.snapshot()
    later = replace(now, revision=now.revision + 1, users=("nobody",) * 4)
    same(store.snapshot(since=later), world_snapshot())


def test_an_unstamped_graph_is_read_whole(store: BoltStore) -> None:
    """A store of an older version, before its migration."""
    store.write(world())
    revision = store.snapshot().revision
    by_hand(store, "MATCH (g:Graph) REMOVE g.revision")
    try:
        before = store.snapshot()
        assert before.revision == -1
        by_hand(store, "MATCH (u:User {id: 'u1'}) SET u.age = 31")
        assert store.snapshot(since=before).profiles[0] == {"age": 31}
    finally:
        by_hand(store, "MATCH (g:Graph) SET g.revision = $revision", revision=revision)


@pytest.mark.parametrize("name", ["event", "at_s"])
def test_an_event_that_lacks_what_identifies_it_is_named(store: BoltStore, name: str) -> None:
    store.write(world())
    by_hand(store, f"MATCH (:User {{id: 'u2'}})-[r]->(:Item {{id: 'b'}}) REMOVE r.{name}")
    with pytest.raises(DataError) as raised:
        store.snapshot()
    assert f"snapshot of u1 to u4: {name} None is not a value in each of 5 rows" in str(
        raised.value
    )


def test_what_was_typed_by_hand_is_read_as_far_as_it_goes(store: BoltStore) -> None:
    store.write(world())
    by_hand(store, "MATCH (n:Item {id: 'd'})-[r]->(:Colour) REMOVE r.modality, r.confidence")
    by_hand(store, "CREATE (:Item {title: 'no id'})")
    snapshot = store.snapshot()
    assert len(snapshot.items) == 4
    of_d = snapshot.item_entities.item == 3
    assert snapshot.item_entities.confidence[of_d].tolist() == [1.0, 1.0]
    assert snapshot.item_entities.modality[-2:] == ("column", "unknown")


def test_an_id_that_is_not_text_is_named(store: BoltStore) -> None:
    by_hand(store, "CREATE (:User {id: 7})")
    with pytest.raises(DataError, match=r"User\.id 7 is not text"):
        store.snapshot()


def test_a_snapshot_taken_while_a_writer_writes(store: BoltStore) -> None:
    store.write(world())
    done = threading.Event()

    def write() -> None:
        for n in range(15):
            nodes = (NodeRow("Item", f"i{n}"), NodeRow("User", f"w{n}"))
            events = tuple(event(user, f"i{n}", n) for user in ("u1", f"w{n}"))
            store.write(GraphBatch(nodes, events))
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    taken = [store.snapshot()]
    while not done.is_set():
        taken.append(store.snapshot(since=taken[-1]))
    writer.join()
    for snapshot in taken:
        events = snapshot.interactions
        assert {"a", "b", "c", "d"} <= {row.id for row in snapshot.items}
        assert len(events) >= 5
        assert events.user.max() < len(snapshot.users)
        assert events.item.max() < len(snapshot.items)
    final = store.snapshot(since=taken[-1])
    same(final, store.snapshot())
    assert len(final.interactions) == 5 + 30


_ITEMS, _USERS, _ENTITIES = ["p", "q", "r"], ["x", "y"], ["red", "blue"]
_AMOUNTS = st.sampled_from([0.0, 0.1, 1.0, 3.5])
_NODES = st.one_of(
    st.builds(
        lambda id_, title, price: NodeRow("Item", id_, {"title": title, "price": price}),
        st.sampled_from(_ITEMS),
        st.sampled_from(["A", "B", None]),
        st.none() | _AMOUNTS,
    ),
    st.builds(
        lambda id_, age: NodeRow("User", id_, {"age": age}),
        st.sampled_from(_USERS),
        st.sampled_from([None, 1, 2]),
    ),
    st.builds(
        lambda id_, name: NodeRow("Colour", id_, {"name_en": name}),
        st.sampled_from(_ENTITIES),
        st.sampled_from([None, "Red"]),
    ),
)
_RELATIONSHIPS = st.one_of(
    st.builds(
        lambda user, item, at_s, kind, weight, split: RelationshipRow(
            "INTERACTED",
            *("User", user, "Item", item),
            {"event": kind, "at_s": at_s, "weight": weight, "split": split},
        ),
        st.sampled_from(_USERS),
        st.sampled_from(_ITEMS),
        st.integers(0, 1),
        st.sampled_from(["view", "buy"]),
        _AMOUNTS,
        st.sampled_from([None, "train", "test"]),
    ),
    st.builds(
        lambda item, entity, modality, confidence: RelationshipRow(
            "HAS_COLOUR",
            *("Item", item, "Colour", entity),
            {"modality": modality, "confidence": confidence},
        ),
        st.sampled_from(_ITEMS),
        st.sampled_from(_ENTITIES),
        st.sampled_from(["text", "image"]),
        _AMOUNTS,
    ),
    st.builds(
        lambda type_, source, target, score: RelationshipRow(
            type_, "Item", source, "Item", target, {"score": score, "kind": "related"}
        ),
        st.sampled_from(["VARIANT_OF", "LINKED_TO"]),
        st.sampled_from(_ITEMS),
        st.sampled_from(_ITEMS),
        _AMOUNTS,
    ),
)
_WRITES = st.builds(
    lambda nodes, merged, withdrawn: GraphBatch(tuple(nodes), tuple(merged), tuple(withdrawn)),
    st.lists(_NODES, max_size=4),
    st.lists(_RELATIONSHIPS, max_size=6),
    st.lists(_RELATIONSHIPS, max_size=3),
)
#: A write, or the id of a node that somebody deletes.
_STEPS = st.one_of(_WRITES, _WRITES, st.sampled_from(_ITEMS + _USERS + _ENTITIES))


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(st.tuples(_STEPS, st.booleans()), min_size=2, max_size=5))
def test_law_a_snapshot_from_an_earlier_one_equals_a_full_one(
    store: BoltStore, steps: list[tuple[GraphBatch | str, bool]]
) -> None:
    whole = GraphBatch(
        tuple(
            NodeRow(label, id_)
            for label, ids in (("Item", _ITEMS), ("User", _USERS), ("Colour", _ENTITIES))
            for id_ in ids
        )
    )
    store.write(whole)
    snapshot = first = store.snapshot()
    for step, look in steps:
        if isinstance(step, str):
            # Seen by its absence only, so it must be looked at before it may come back.
            by_hand(store, "MATCH (n) WHERE n.id = $id DETACH DELETE n", id=step)
            snapshot = first = store.snapshot(since=snapshot)
        else:
            store.write(step)
            if look:
                snapshot = store.snapshot(since=snapshot)
    full = store.snapshot()
    same(store.snapshot(since=snapshot), full)
    same(store.snapshot(since=first), full)
    by_hand(store, "MATCH (n) WHERE NOT n:Graph DETACH DELETE n")
