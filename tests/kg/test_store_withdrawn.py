"""Deleting by identity, on each engine that is at hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from store_world import ENGINES, asked, empty_store, world

from kg.errors import SchemaError
from kg.graph import GraphBatch, NodeRow, RelationshipRow, WriteSummary
from kg.schema import DEFAULT_SCHEMA
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


def test_what_is_withdrawn_goes_by_identity(store: BoltStore) -> None:
    store.write(world())
    red = ("HAS_COLOUR", "Item", "b", "Colour", "colour:red")
    withdrawn = (
        # Of two modalities one; the other properties do not matter.
        RelationshipRow(*red, {"modality": "image", "confidence": 0.1}),
        RelationshipRow("VARIANT_OF", "Item", "c", "Item", "a"),
        RelationshipRow("INTERACTED", "User", "u2", "Item", "b", {"event": "view", "at_s": 200}),
        # Not there: another time, another direction, another modality, a type of no schema.
        RelationshipRow("INTERACTED", "User", "u2", "Item", "a", {"event": "purchase", "at_s": 7}),
        RelationshipRow("VARIANT_OF", "Item", "a", "Item", "c"),
        RelationshipRow(*red, {"modality": "audio"}),
        RelationshipRow("HAS_SCENT", *red[1:], {"modality": "text"}),
    )
    before = edges(store)
    # Withdrawn last: a batch that also states it does not keep it.
    assert store.write(
        GraphBatch(relationships=world().relationships, withdrawn=withdrawn)
    ) == WriteSummary(relationships_deleted=3)
    assert before - edges(store) == {
        ("HAS_COLOUR", "b", "colour:red", "image", None),
        ("VARIANT_OF", "c", "a", None, None),
        ("INTERACTED", "u2", "b", None, 200.0),
    }
    assert store.write(GraphBatch(withdrawn=withdrawn)) == WriteSummary()


def test_a_type_that_has_left_the_schema_can_be_withdrawn(store: BoltStore) -> None:
    row = RelationshipRow("HAS_SCENT", "Item", "i", "Scent", "scent:rose", {"modality": "column"})
    store.migrate(DEFAULT_SCHEMA.extended(("scent",)))
    store.write(GraphBatch((NodeRow("Item", "i"), NodeRow("Scent", "scent:rose")), (row,)))
    store.migrate(DEFAULT_SCHEMA)
    with pytest.raises(SchemaError, match="Scent"):
        store.write(GraphBatch(withdrawn=(row,)))
    gone = dataclasses.replace(row, end_label="Entity")
    assert store.write(GraphBatch(withdrawn=(gone,))) == WriteSummary(relationships_deleted=1)


def edges(store: BoltStore) -> set[tuple[object, ...]]:
    text = (
        "MATCH (a)-[r]->(b) RETURN type(r) AS t, a.id AS a, b.id AS b, "
        "r.modality AS m, r.at_s AS at_s"
    )
    return {tuple(row.values()) for row in asked(store, text)}
