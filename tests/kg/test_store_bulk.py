"""Many rows at once: the same graph as one by one, stamped with revisions; on each engine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_world import ENGINES, asked, empty_store, world

from benchmarks.generated_graph import generated_graph
from kg.errors import StoreError
from kg.graph import GraphBatch, NodeRow, RelationshipRow, WriteSummary
from kg.schema import relationship_keys
from kg.settings import RESERVED
from kg.stores import statements, writing
from kg.stores.bolt import BoltStore


@pytest.fixture(scope="module", params=ENGINES)
def engine_store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BoltStore]:
    yield from empty_store(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(params=[1, 1_000_000], ids=["created", "merged"])
def store(
    engine_store: BoltStore, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[BoltStore]:
    """Both ways of writing: what starts at new nodes created, and everything merged."""
    monkeypatch.setattr(writing, "_CREATE_FROM", request.param)
    yield engine_store
    empty(engine_store)


def empty(store: BoltStore) -> None:
    store.connection.call("write", "MATCH (n) WHERE NOT n:Graph DETACH DELETE n", {})


def everything(store: BoltStore) -> list[str]:
    """Every node and relationship with its properties, the stamps aside, as sorted text."""
    nodes = asked(store, "MATCH (n) WHERE NOT n:Graph RETURN labels(n) AS l, properties(n) AS p")
    rows = asked(
        store,
        "MATCH (a)-[r]->(b) RETURN type(r) AS t, a.id AS a, b.id AS b, properties(r) AS p",
    )
    found = [("node", sorted(row["l"]), sorted_without_stamp(row["p"])) for row in nodes]  # type: ignore[call-overload]
    found += [(row["t"], row["a"], row["b"], sorted_without_stamp(row["p"])) for row in rows]  # type: ignore[misc]
    return sorted(map(repr, found))


def sorted_without_stamp(properties: object) -> list[tuple[str, object]]:
    assert isinstance(properties, dict)
    return sorted((name, value) for name, value in properties.items() if name != "revision")


def revision(store: BoltStore) -> int:
    (row,) = asked(
        store, "MATCH (g:Graph {id: 'graph'}) RETURN coalesce(g.revision, 0) AS revision"
    )
    assert isinstance(row["revision"], int)
    return row["revision"]


def stamped(store: BoltStore, *, after: int) -> dict[str, int]:
    """Id -> stamp of the nodes that were stamped after that revision."""
    text = "MATCH (n) WHERE n.revision > $after AND NOT n:Graph RETURN n.id AS id, n.revision AS r"
    return {row["id"]: row["r"] for row in asked(store, text, after=after)}  # type: ignore[misc]


def test_a_write_stamps_nodes_and_starts_with_the_graphs_revision(store: BoltStore) -> None:
    before = revision(store)
    store.write(world())
    # Statements: nodes of Category, Colour, Item, User; relationships of four types.
    assert revision(store) == before + 8
    stamps = stamped(store, after=before)
    assert len(stamps) == 12
    # Categories first, and nothing starts at them; u4 has no event, so its own statement's.
    assert (stamps["category:shirt"], stamps["colour:red"]) == (before + 1, before + 2)
    assert stamps["u4"] == before + 4
    # Types in alphabetical order: HAS_CATEGORY, HAS_COLOUR, INTERACTED, VARIANT_OF (from c).
    assert (stamps["a"], stamps["u1"], stamps["c"]) == (before + 6, before + 7, before + 8)

    before = revision(store)
    store.write(
        GraphBatch(
            relationships=(
                RelationshipRow(
                    "INTERACTED", "User", "u4", "Item", "b", {"event": "view", "at_s": 1}
                ),
            ),
            withdrawn=(RelationshipRow("VARIANT_OF", "Item", "c", "Item", "a"),),
        )
    )
    assert stamped(store, after=before) == {"u4": before + 1, "c": before + 2}


def test_what_finds_nothing_stamps_no_end_and_embeddings_stamp_nothing(store: BoltStore) -> None:
    store.write(world())
    before = revision(store)
    gone = RelationshipRow("VARIANT_OF", "Item", "nowhere", "Item", "a")
    assert store.write(GraphBatch((), (gone,), (gone,))).relationships_dangling == 1
    store.write_embeddings([("User", "u1", [1.0, 0.0], "m1")])
    assert stamped(store, after=before) == {}


def test_the_stamp_is_no_property_of_an_answer(store: BoltStore) -> None:
    store.write(world())
    answer = store.read("MATCH (u:User {id: 'u1'}) RETURN u", {})
    assert answer.rows == [
        {"u": {"labels": ["User"], "id": "u1", "properties": {"id": "u1", "age": 30}}}
    ]
    assert "revision" in RESERVED


def test_a_graph_without_its_node_takes_no_rows(store: BoltStore) -> None:
    store.connection.call("write", "MATCH (g:Graph {id: 'graph'}) SET g.id = 'aside'", {})
    try:
        with pytest.raises(StoreError, match="its node \\(:Graph\\) is gone"):
            store.write(world())
    finally:
        store.connection.call("write", "MATCH (g:Graph {id: 'aside'}) SET g.id = 'graph'", {})
    assert everything(store) == []


def test_a_generated_graph_is_there_whole_and_again_creates_nothing(
    store: BoltStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Hubs are cut, and groups are several statements, as in a graph a hundred times larger.
    monkeypatch.setattr(statements, "ROWS", 50)
    nodes, relationships = generated_graph(nodes=300, relationships=2500, seed=2)
    batch = GraphBatch(tuple(nodes), tuple(relationships))
    assert store.write(batch) == WriteSummary(300, 2500)
    found = everything(store)
    assert len(found) == 2800
    monkeypatch.undo()
    assert store.write(batch) == WriteSummary()
    assert everything(store) == found
    gone = GraphBatch(withdrawn=batch.relationships)
    assert store.write(gone) == WriteSummary(relationships_deleted=2500)
    assert len(everything(store)) == 300


def test_duplicates_within_a_batch_are_one_and_dangling_rows_are_each_counted(
    store: BoltStore,
) -> None:
    def stated(item: str, confidence: float, **more: str) -> RelationshipRow:
        properties = {"modality": "text", "confidence": confidence, **more}
        return RelationshipRow("HAS_COLOUR", "Item", item, "Colour", "colour:red", properties)

    batch = GraphBatch(
        (
            NodeRow("Item", "i", {"title": "One", "fit": "slim"}),
            NodeRow("Colour", "colour:red", {"name": "red"}),
            NodeRow("Item", "i", {"title": "Two"}),
        ),
        (stated("i", 0.5, extractor="a"), stated("gone", 1), stated("i", 1), stated("gone", 1)),
    )
    assert store.write(batch) == WriteSummary(2, 1, 2)
    # The later row overwrites what it names, the rest of the earlier stays.
    assert everything(store) == [
        "('HAS_COLOUR', 'i', 'colour:red', "
        "[('confidence', 1.0), ('extractor', 'a'), ('modality', 'text')])",
        "('node', ['Colour', 'Entity'], [('id', 'colour:red'), ('kind', 'colour'), "
        "('name', 'red')])",
        "('node', ['Item'], [('fit', 'slim'), ('id', 'i'), ('title', 'Two')])",
    ]


_WRITER = """
import sys
from kg.graph import GraphBatch, NodeRow, RelationshipRow
from kg.stores import open_store
me = sys.argv[3]
with open_store(sys.argv[1], password=sys.argv[2] or None) as store:
    for n in range(20):
        # Both write the same hub and the same items, in opposite orders.
        items = [f"i{k}" for k in range(8)]
        nodes = tuple(NodeRow("Item", item) for item in items)
        rows = tuple(
            RelationshipRow(
                "INTERACTED", "User", "hub", "Item", item, {"event": me, "at_s": float(n)}
            )
            for item in items
        )
        store.write(GraphBatch(nodes, rows))
        store.write(GraphBatch((NodeRow("User", "hub", {f"seen_{me}": n}),)))
"""


def test_writers_in_two_processes_take_turns_and_no_revision_is_used_twice(
    store: BoltStore,
) -> None:
    store.write(GraphBatch((NodeRow("User", "hub"),)))
    before = revision(store)
    password = store.connection.engine.address().password if store.url.startswith("neo4j") else ""
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, store.url, password or "", name],
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    for writer in writers:
        _, said = writer.communicate()
        assert writer.returncode == 0, said
    # Three statements a round: items, events, the hub.
    assert revision(store) == before + 2 * 20 * 3
    assert (
        len(asked(store, "MATCH (:User {id: 'hub'})-[r:INTERACTED]->() RETURN r.at_s AS at")) == 320
    )
    (hub,) = asked(store, "MATCH (u:User {id: 'hub'}) RETURN u.seen_one AS one, u.seen_two AS two")
    assert hub == {"one": 19, "two": 19}


_IDS = ("p", "q", "r")
_LABELS = ("Item", "User", "Colour")
_NODES = st.builds(
    lambda label, id_, name: NodeRow(label, f"{label}:{id_}", {"name": name}),
    st.sampled_from(_LABELS),
    st.sampled_from(_IDS),
    st.sampled_from(["x", None, "y"]),
)


def _row(type_: str, start: str, end: str, key: int, score: float) -> RelationshipRow:
    labels = {"INTERACTED": ("User", "Item"), "HAS_COLOUR": ("Item", "Colour")}
    start_label, end_label = labels.get(type_, ("Item", "Item"))
    values = {"event": "e", "at_s": key, "modality": ("text", "image")[key], "kind": str(key)}
    identity = {name: values[name] for name in relationship_keys(type_)}
    ends = (start_label, f"{start_label}:{start}", end_label, f"{end_label}:{end}")
    return RelationshipRow(type_, *ends, {**identity, "score": score})


_RELATIONSHIPS = st.builds(
    _row,
    st.sampled_from(["INTERACTED", "HAS_COLOUR", "VARIANT_OF", "LINKED_TO"]),
    st.sampled_from(_IDS),
    st.sampled_from(_IDS),
    st.integers(0, 1),
    st.sampled_from([0.5, 1.0]),
)
_WORLDS = st.tuples(st.lists(_NODES, max_size=8), st.lists(_RELATIONSHIPS, max_size=10))
_FEW = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@_FEW
@given(_WORLDS)
def test_law_a_bulk_write_equals_its_rows_written_one_by_one(
    store: BoltStore, rows: tuple[list[NodeRow], list[RelationshipRow]]
) -> None:
    empty(store)
    nodes, relationships = rows
    batch = GraphBatch(tuple(nodes), tuple(relationships))
    summary = store.write(batch)
    at_once = everything(store)
    again = store.write(batch)
    assert again == WriteSummary(relationships_dangling=summary.relationships_dangling)
    assert everything(store) == at_once

    empty(store)
    total = WriteSummary()
    for node in nodes:
        total += store.write(GraphBatch((node,)))
    for relationship in relationships:
        total += store.write(GraphBatch(relationships=(relationship,)))
    assert total == summary
    assert everything(store) == at_once


@_FEW
@given(_WORLDS, st.randoms(use_true_random=False))
def test_law_the_order_of_rows_does_not_change_the_snapshot(
    store: BoltStore, rows: tuple[list[NodeRow], list[RelationshipRow]], random: object
) -> None:
    empty(store)
    # Rows of the same identity must agree here: of two that do not, the later one stays.
    nodes = [replace(node, properties={"name": node.id}) for node in rows[0]]
    relationships = [replace(row, properties={**row.properties, "score": 1.0}) for row in rows[1]]
    summary = store.write(GraphBatch(tuple(nodes), tuple(relationships)))
    fingerprint = store.snapshot().fingerprint
    empty(store)
    random.shuffle(nodes)  # type: ignore[attr-defined]
    random.shuffle(relationships)  # type: ignore[attr-defined]
    assert store.write(GraphBatch(tuple(nodes), tuple(relationships))) == summary
    assert store.snapshot().fingerprint == fingerprint
