"""cypher/graph: a node, what it is related to; and what promotion says. Worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from query_fixtures import ask, drawn, library_store
from store_world import ENGINES

from kg.stores.bolt import BoltStore


@pytest.fixture(scope="module", params=ENGINES)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BoltStore]:
    yield from library_store(request.param, tmp_path_factory.mktemp(request.param))


def test_node(store: BoltStore) -> None:
    [row] = ask(store, "graph/node", label="Item", id="e")
    # One person, five statements, one variant.
    assert (row["node"]["id"], row["degree"], row["people"]) == ("e", 7, 1)
    assert drawn(row["graph"]) == {"e"}
    assert ask(store, "graph/node", label="User", id="e") == []


def test_neighbours(store: BoltStore) -> None:
    rows = ask(store, "graph/neighbours", label="Item", id="b")
    assert [(row["type"], row["direction"], row["node"]["id"]) for row in rows] == [
        ("HAS_CATEGORY", "out", "category:shoe"),
        ("HAS_COLOUR", "out", "colour:red"),
        ("HAS_COLOUR", "out", "colour:red"),
    ]
    assert [row["properties"]["modality"] for row in rows] == ["column", "image", "text"]
    rows = ask(store, "graph/neighbours", label="Item", id="b", people=True, direction="in")
    assert [(row["type"], row["node"]["id"]) for row in rows] == [
        ("INTERACTED", "u2"),
        ("INTERACTED", "u5"),
    ]


def test_edges(store: BoltStore) -> None:
    rows = ask(store, "graph/edges", nodes=[{"label": "Item", "id": "b"}])
    # Two items are shoes; red has four statements and one wider colour.
    assert [(row["type"], row["times"], row["other_id"], row["other_degree"]) for row in rows] == [
        ("HAS_CATEGORY", 1, "category:shoe", 2),
        ("HAS_COLOUR", 2, "colour:red", 5),
    ]


def test_what_promotion_says(store: BoltStore) -> None:
    assert ask(store, "administration/artifact") == []
    said = [{"artifact_version": "v1", "artifact_at_s": 1.5}]
    assert ask(store, "administration/promote", version="v1", at_s=1.5) == said
    assert ask(store, "administration/artifact") == said
