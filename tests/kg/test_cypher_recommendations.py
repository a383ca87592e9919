"""cypher/recommendations: answers worked out by hand, the same on both engines.

The library's world (see query_fixtures), where a was chosen by u1, u2, u5; b by u2, u5; c by u3;
d by u3, u5; e by u5. On top: f and g are orange, which is warm like red; f is warm in so many words
and u4 looked at it twice; nobody chose g. So 7 items, 5 users; red has 4 statements, shirt 3,
shoe, Acme and orange 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import log, sqrt

import pytest
from explained_world import explained_world
from query_fixtures import ask, column, drawn
from store_world import ENGINES

from kg.graph import Row
from kg.queries import load_query
from kg.schema import DEFAULT_SCHEMA
from kg.stores.bolt import BoltStore


@pytest.fixture(scope="module", params=ENGINES)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BoltStore]:
    for store in explained_world(request.param, tmp_path_factory.mktemp(request.param)):
        # Of two numbers each: what is nearest can be seen on paper.
        store.migrate(DEFAULT_SCHEMA, vector_dim=2)
        vectors = {"a": [1.0, 0.0], "b": [1.6, 1.2], "c": [0.0, 1.0], "d": [-1.0, 0.0]}
        store.write_embeddings(("Item", id_, vector, "v1") for id_, vector in vectors.items())
        store.write_embeddings([("User", "u2", [0.6, 0.8], "v1")])
        yield store


def scored(rows: list[Row]) -> list[tuple[str, float]]:
    return [(row["item_id"], row["score"]) for row in rows]


def about(*pairs: tuple[str, float]) -> list[tuple[str, object]]:
    return [(id_, pytest.approx(score, abs=2e-6)) for id_, score in pairs]


def test_co_bought(store: BoltStore) -> None:
    rows = ask(store, "recommendations/co_bought", item_id="a")
    assert [(row["item_id"], row["people"]) for row in rows] == [("b", 2), ("d", 1), ("e", 1)]
    # People are counted, not drawn.
    assert drawn(rows[0]["graph"]) == {"a", "b"}
    assert len(ask(store, "recommendations/co_bought", item_id="a", limit=1)) == 1
    assert ask(store, "recommendations/co_bought", item_id="g") == []


def test_bought_together(store: BoltStore) -> None:
    name = "recommendations/bought_together"
    # u2 took b 100 s after a; u5 took e 600 s and b 1200 s before a, d 5200 s.
    [row] = ask(store, name, item_id="a", window_s=100)
    assert (row["item_id"], row["people"], row["support"]) == ("b", 1, 0.2)
    assert row["confidence"] == pytest.approx(1 / 3, abs=1e-6)
    assert row["lift"] == pytest.approx((1 / 3) / (2 / 5), abs=1e-6)
    rows = ask(store, name, item_id="a", window_s=1200)
    assert [(row["item_id"], row["people"]) for row in rows] == [("b", 2), ("e", 1)]
    assert column(rows, "lift") == pytest.approx([(2 / 3) / (2 / 5), (1 / 3) / (1 / 5)], abs=1e-6)
    rows = ask(store, name, item_id="a", window_s=1200, min_people=2)
    assert column(rows, "item_id") == ["b"]


def test_item_neighbours(store: BoltStore) -> None:
    rows = ask(store, "recommendations/item_neighbours", item_id="a")
    # Interactions: a 3, b 2, d 2, e 1.
    assert scored(rows) == about(("b", 2 / sqrt(6)), ("e", 1 / sqrt(3)), ("d", 1 / sqrt(6)))
    assert column(rows, "people") == [2, 1, 1]


def test_item_based(store: BoltStore) -> None:
    rows = ask(store, "recommendations/item_based", user_id="u2")
    # Over b: d 1/2, e 1/sqrt 2; over a: d 1/sqrt 6, e 1/sqrt 3. b and a are u2's own.
    assert scored(rows) == about(("e", sqrt(0.5) + 1 / sqrt(3)), ("d", 0.5 + 1 / sqrt(6)))
    assert rows[0]["because"] == ["Red shirt", "Red shoe"]
    assert drawn(rows[0]["graph"]) == {"a", "b", "e"}


def test_because_you_bought(store: BoltStore) -> None:
    rows = ask(store, "recommendations/because_you_bought", user_id="u2")
    # b came last, so its shelf comes first.
    assert [(row["owned_id"], row["item_id"], row["score"]) for row in rows] == [
        ("b", "e", pytest.approx(sqrt(0.5), abs=1e-6)),
        ("b", "d", 0.5),
        ("a", "e", pytest.approx(1 / sqrt(3), abs=1e-6)),
        ("a", "d", pytest.approx(1 / sqrt(6), abs=1e-6)),
    ]
    assert column(rows, "people") == [1, 1, 1, 1]
    assert ask(store, "recommendations/because_you_bought", user_id="nobody") == []


def test_user_based(store: BoltStore) -> None:
    rows = ask(store, "recommendations/user_based", user_id="u1")
    # u2 chose 2 items and u5 4, each with a in common.
    alike, less = 1 / sqrt(2), 1 / sqrt(4)
    assert scored(rows) == about(("b", alike + less), ("d", less), ("e", less))
    assert column(rows, "people") == [2, 1, 1]
    assert drawn(rows[0]["graph"]) == {"b"}


RED, SHIRT, SHOE, ACME = log(1 + 7 / 4), log(1 + 7 / 3), log(1 + 7 / 2), log(1 + 7 / 2)


def test_content_overlap(store: BoltStore) -> None:
    rows = ask(store, "recommendations/content_overlap", item_id="b")
    # The rare shoe outweighs the common red; b is red by .75 at most.
    assert scored(rows) == about(("d", SHOE), ("a", 0.75 * RED), ("e", 0.75 * 0.9 * RED))
    assert column(rows, "shared") == [["shoe"], ["red"], ["red"]]
    assert drawn(rows[0]["graph"]) == {"b", "d", "category:shoe"}
    assert ask(store, "recommendations/content_overlap", item_id="nowhere") == []


def test_content_for_user(store: BoltStore) -> None:
    rows = ask(store, "recommendations/content_for_user", user_id="u1")
    assert scored(rows) == about(("e", ACME + SHIRT + 0.9 * RED), ("c", SHIRT), ("b", 0.75 * RED))
    assert rows[0]["shared"] == ["Acme", "shirt", "red"]
    assert drawn(rows[1]["graph"]) == {"c", "category:shirt"}
    # What u2 has, a and b, is not suggested again.
    rows = ask(store, "recommendations/content_for_user", user_id="u2")
    assert set(column(rows, "item_id")) == {"c", "d", "e"}


def test_nearest_to_item(store: BoltStore) -> None:
    rows = ask(store, "recommendations/nearest_to_item", item_id="a")
    assert scored(rows) == [("b", 0.8), ("c", 0.0), ("d", -1.0)]
    assert scored(ask(store, "recommendations/nearest_to_item", item_id="a", limit=1)) == [
        ("b", 0.8)
    ]
    # The model does not know e.
    assert ask(store, "recommendations/nearest_to_item", item_id="e") == []


def test_nearest_to_user(store: BoltStore) -> None:
    rows = ask(store, "recommendations/nearest_to_user", user_id="u2")
    # a and b are u2's own.
    assert scored(rows) == [("c", 0.8), ("d", -0.6)]
    assert ask(store, "recommendations/nearest_to_user", user_id="u1") == []


def test_trending(store: BoltStore) -> None:
    name = "recommendations/trending"
    rows = ask(store, name, now_s=400, half_life_s=100)
    # c 1 x 1/2, a 2 x 1/8, b .5 x 1/4; d comes half a second later.
    assert scored(rows) == [("c", 0.5), ("a", 0.25), ("b", 0.125)]
    assert column(rows, "interactions") == [1, 2, 1]
    rows = ask(store, name, now_s=6200.0, half_life_s=600.0)
    # d is more than six half-lives old.
    assert scored(rows) == [("a", 0.5), ("e", 0.1), ("b", 0.05)]


def test_popular_in_entity(store: BoltStore) -> None:
    rows = ask(store, "recommendations/popular_in_entity", entity_id="colour:red")
    assert [(row["item_id"], row["interactions"], row["people"]) for row in rows] == [
        ("a", 3, 3),
        ("b", 2, 2),
        ("e", 1, 1),
    ]
    rows = ask(store, "recommendations/popular_in_entity", entity_id="colour:orange")
    assert [(row["item_id"], row["interactions"], row["people"]) for row in rows] == [
        ("f", 2, 1),
        ("g", 0, 0),
    ]
    # warm is broader than red and orange: entities are no items of it.
    rows = ask(store, "recommendations/popular_in_entity", entity_id="colour:warm")
    assert column(rows, "item_id") == ["f"]


def test_new_items(store: BoltStore) -> None:
    rows = ask(store, "recommendations/new_items", entity_id="colour:red", since_s=150)
    assert [(row["item_id"], row["first_s"], row["interactions"]) for row in rows] == [
        ("e", 5600.0, 1),
        ("b", 200.0, 2),
    ]
    rows = ask(store, "recommendations/new_items", entity_id="colour:orange", since_s=0)
    assert [(row["item_id"], row["first_s"]) for row in rows] == [("g", None), ("f", 9000.0)]


def test_complements(store: BoltStore) -> None:
    rows = ask(store, "recommendations/complements", item_id="a")
    # e, a shirt too, is no complement of a shirt.
    assert scored(rows) == about(("b", 2 / sqrt(6)), ("d", 1 / sqrt(6)))
    assert rows[0]["categories"] == ["shoe"]
    assert drawn(rows[0]["graph"]) == {"a", "b", "category:shoe"}
    # u3 has the blue shirt with the blue shoe.
    assert column(ask(store, "recommendations/complements", item_id="c"), "item_id") == ["d"]


def test_substitutes(store: BoltStore) -> None:
    rows = ask(store, "recommendations/substitutes", item_id="a")
    # e shares all three entities, but who has e has a as well; b is red but no shirt.
    assert scored(rows) == about(("c", 1 / 3), ("e", 0.0))
    assert column(rows, "people") == [0, 1]
    assert column(rows, "shared") == [["shirt"], ["Acme", "shirt", "red"]]


def test_along_broader(store: BoltStore) -> None:
    rows = ask(store, "recommendations/along_broader", item_id="b")
    orange = 0.75 * log(1 + 7 / 2)
    assert scored(rows) == about(("g", orange), ("f", 0.8 * orange))
    assert (rows[0]["broader"], rows[0]["entities"]) == (["warm"], ["orange"])
    assert drawn(rows[0]["graph"]) == {"b", "g", "colour:warm", "colour:orange"}
    assert ask(store, "recommendations/along_broader", item_id="c") == []


def edges(rows: list[Row]) -> list[tuple[object, ...]]:
    names = ("source_id", "type", "target_id", "weight", "times")
    return [tuple(row[name] for name in names) for row in rows]


def test_neighbourhood(store: BoltStore) -> None:
    name = "recommendations/neighbourhood"
    rows = ask(store, name, id="f", hops=1)
    # u4 is next to f by two events of .2 each, and has no name here.
    assert edges(rows) == [
        ("f", "HAS_COLOUR", "colour:orange", 0.8, 1),
        ("f", "HAS_COLOUR", "colour:warm", 0.5, 1),
        ("person 1", "INTERACTED", "f", 0.4, 2),
        ("colour:orange", "BROADER", "colour:warm", 1.0, 1),
    ]
    assert [(row["source_label"], row["target_label"]) for row in rows[1:3]] == [
        ("Item", "Entity"),
        ("User", "Item"),
    ]
    assert "u4" not in str(rows)
    # Two ways lead to warm: it is the first found at the second hop from g.
    rows = ask(store, name, id="g", hops=2, max_nodes=3)
    assert edges(rows) == [
        ("g", "HAS_COLOUR", "colour:orange", 1.0, 1),
        ("colour:orange", "BROADER", "colour:warm", 1.0, 1),
    ]
    rows = ask(store, name, id="u1", label="User", hops=1)
    assert edges(rows) == [("u1", "INTERACTED", "a", 1.0, 1)]
    assert drawn(rows[0]["graph"]) == {"u1", "a"}
    assert ask(store, name, id="u1", label="Item") == []


def test_the_persons_own_neighbourhood_names_no_others(store: BoltStore) -> None:
    query = load_query("recommendations/neighbourhood")
    rows = store.run(query, label="User", id="u2", hops=3)
    assert {"u2", "a", "b"} <= set(column(rows, "source_id")) | set(column(rows, "target_id"))
    assert not {"u1", "u3", "u5"} & {
        part["id"] for row in rows for part in row["graph"] if "id" in part
    }
    assert not any(f"'{other}'" in str(rows) for other in ("u1", "u3", "u4", "u5"))
