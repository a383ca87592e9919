"""Answers of the query library over the checkerboard world, worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from query_fixtures import ask
from store_world import ENGINES, EVIDENCE, empty_store, world

from kg.graph import Row
from kg.queries import GRAPH
from kg.stores.bolt import BoltStore


@pytest.fixture(scope="module", params=ENGINES)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BoltStore]:
    for store in empty_store(request.param, tmp_path_factory.mktemp(request.param)):
        store.write(world())
        yield store


def without_graph(rows: list[Row]) -> list[Row]:
    """Rows without the column to draw; what it holds is asked in the tests of each topic."""
    return [{name: value for name, value in row.items() if name != GRAPH} for row in rows]


def test_item(store: BoltStore) -> None:
    [row] = ask(store, "catalogue/item", item_id="b")
    assert (row["id"], row["title"]) == ("b", "Red shoe")
    assert row["properties"]["price"] == 20.5
    assert row["properties"]["embedding"] is None
    said = [(a["relationship"], a["name_zh"], a["confidence"]) for a in row["attributes"]]
    assert said == [
        ("HAS_CATEGORY", "鞋", 1.0),
        ("HAS_COLOUR", "红色", 0.75),
        ("HAS_COLOUR", "红色", 0.5),
    ]
    assert row["attributes"][0]["evidence"] == EVIDENCE
    assert ask(store, "catalogue/item", item_id="nowhere") == []


def test_items_by_entity(store: BoltStore) -> None:
    rows = ask(store, "catalogue/items_by_entity", entity_id="colour:red", limit=9)
    assert [(row["item_id"], row["confidence"]) for row in rows] == [("a", 1.0), ("b", 0.75)]
    assert len(ask(store, "catalogue/items_by_entity", entity_id="colour:red", limit=1)) == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("red", {"a", "b"}),
        ("SHOE", {"b", "d"}),
        ("蓝", {"c", "d"}),
        ('sho" (red) AND', {"a", "b"}),
        ("/red\\ ~:[", {"a", "b"}),
        ("red NOT shirt", {"a", "b", "c"}),  # words, no operators
        ("zebra", set()),
        (" *?", set()),
        ("", set()),
    ],
)
def test_search_titles(store: BoltStore, text: str, found: set[str]) -> None:
    rows = ask(store, "catalogue/search_titles", text=text, limit=9)
    assert {row["item_id"] for row in rows} == found
    scores = [row["score"] for row in rows]
    assert scores == sorted(scores, reverse=True)


def test_titles_with_more_of_the_words_come_first(store: BoltStore) -> None:
    # Chinese is found by the character: 蓝 (blue) in two titles, 色 in all four.
    rows = ask(store, "catalogue/search_titles", text="蓝色", limit=2)
    assert {row["item_id"] for row in rows} == {"c", "d"}
    rows = ask(store, "catalogue/search_titles", text="blue shoe", limit=1)
    assert rows[0]["item_id"] == "d"


def test_history_is_newest_first(store: BoltStore) -> None:
    rows = ask(store, "users/history", user_id="u2", limit=9)
    assert [(row["item_id"], row["event"], row["at_s"]) for row in rows] == [
        ("b", "view", 200.0),
        ("a", "purchase", 100.0),
    ]
    assert ask(store, "users/history", user_id="u4", limit=9) == []


def test_interests(store: BoltStore) -> None:
    rows = ask(store, "users/interests", user_id="u2", limit=9)
    # Red on both items, by the surer statement of each: (1 + 0.75) / 2.
    assert [(row["entity_id"], row["items"], row["confidence"]) for row in rows] == [
        ("colour:red", 2, 0.875),
        ("category:shirt", 1, 1.0),
        ("category:shoe", 1, 1.0),
    ]


def test_co_bought(store: BoltStore) -> None:
    rows = ask(store, "recommendations/co_bought", item_id="a", limit=9)
    assert without_graph(rows) == [{"item_id": "b", "title": "Red shoe", "people": 1}]


def test_shared_entities(store: BoltStore) -> None:
    rows = ask(store, "explanations/shared_entities", user_id="u1", item_id="b")
    assert without_graph(rows) == [
        {
            "owned_id": "a",
            "owned_title": "Red shirt",
            "relationship": "HAS_COLOUR",
            "entity_id": "colour:red",
            "entity_name": "red",
            "confidence": 0.75,
            "evidence": EVIDENCE,
        }
    ]
    # Nothing is both blue or a shoe and u1's.
    assert ask(store, "explanations/shared_entities", user_id="u1", item_id="d") == []
    rows = ask(store, "explanations/shared_entities", user_id="u3", item_id="b")
    assert [(row["owned_id"], row["entity_id"]) for row in rows] == [("d", "category:shoe")]


def test_co_purchase_counts_people_and_names_none(store: BoltStore) -> None:
    rows = ask(store, "explanations/co_purchase", user_id="u1", item_id="b")
    assert without_graph(rows) == [{"owned_id": "a", "owned_title": "Red shirt", "people": 1}]
    # u2 alone has both: to u2 there is nobody else.
    assert ask(store, "explanations/co_purchase", user_id="u2", item_id="b") == []


def test_orphans(store: BoltStore) -> None:
    rows = ask(store, "quality/orphans", limit=9)
    assert without_graph(rows) == [{"label": "User", "id": "u4"}]


def test_low_confidence(store: BoltStore) -> None:
    rows = ask(store, "quality/low_confidence", threshold=0.75, limit=9)
    assert [(row["item_id"], row["entity_id"], row["confidence"]) for row in rows] == [
        ("d", "colour:blue", 0.25),
        ("b", "colour:red", 0.5),
    ]


def test_counts(store: BoltStore) -> None:
    rows = ask(store, "administration/counts")
    counts = {(row["part"], row["name"]): row["count"] for row in rows}
    assert counts == {
        ("node", "Item"): 4,
        ("node", "User"): 4,
        ("node", "Entity"): 4,
        ("node", "Colour"): 2,
        ("node", "Category"): 2,
        ("node", "Graph"): 1,
        ("relationship", "INTERACTED"): 5,
        ("relationship", "HAS_COLOUR"): 5,
        ("relationship", "HAS_CATEGORY"): 4,
        ("relationship", "VARIANT_OF"): 1,
    }
