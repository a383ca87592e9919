"""cypher/explanations: answers worked out by hand, the same on both engines.

The library's world with orange on top (see test_cypher_recommendations): u1 has a; u2 a, b;
u3 c, d; u4 f; u5 d, b, e, a. Relationships that point at red: 4; at blue, shirt, warm: 3 each; at
shoe, Acme, orange: 2 each.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import log2

import pytest
from explained_world import explained_world
from query_fixtures import ask, column, drawn
from store_world import ENGINES, EVIDENCE

from kg.queries import load_query
from kg.schema import DEFAULT_SCHEMA
from kg.stores.bolt import BoltStore


@pytest.fixture(scope="module", params=ENGINES)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BoltStore]:
    for store in explained_world(request.param, tmp_path_factory.mktemp(request.param)):
        store.migrate(DEFAULT_SCHEMA, vector_dim=2)
        store.write_embeddings([("Item", "b", [0.6, 0.8], "v1")])
        yield store


def test_shared_entities_are_drawn_with_both_statements(store: BoltStore) -> None:
    [row] = ask(store, "explanations/shared_entities", user_id="u1", item_id="b")
    assert (row["entity_id"], row["confidence"]) == ("colour:red", 0.75)
    assert drawn(row["graph"]) == {"a", "colour:red", "b"}
    said = [(part["start"], part["end"]) for part in row["graph"] if "type" in part]
    assert sorted(said) == [("a", "colour:red"), ("b", "colour:red")]


def test_co_purchase_draws_items_and_no_people(store: BoltStore) -> None:
    rows = ask(store, "explanations/co_purchase", user_id="u1", item_id="b")
    assert [(row["owned_id"], row["people"]) for row in rows] == [("a", 2)]
    assert drawn(rows[0]["graph"]) == {"a", "b"}


def test_paths_over_entities_and_links(store: BoltStore) -> None:
    rows = ask(store, "explanations/paths", user_id="u1", item_id="e")
    assert [(row["hops"], row["nodes"], row["score"]) for row in rows] == [
        (2, ["u1", "a", "e"], 1.0),  # a variant of a
        (3, ["u1", "a", "brand:acme", "e"], pytest.approx(1 / log2(3), abs=1e-6)),
        (3, ["u1", "a", "category:shirt", "e"], 0.5),
        (3, ["u1", "a", "colour:red", "e"], pytest.approx(0.9 / log2(5), abs=1e-6)),
    ]
    assert rows[1]["steps"] == ["INTERACTED", "HAS_BRAND", "HAS_BRAND"]
    assert rows[1]["names"] == ["u1", "Red shirt", "Acme", "Red shirt"]
    assert drawn(rows[1]["graph"]) == {"u1", "a", "brand:acme", "e"}
    assert sum("type" in part for part in rows[1]["graph"]) == 3
    assert len(ask(store, "explanations/paths", user_id="u1", item_id="e", limit=2)) == 2


def test_paths_over_a_third_item(store: BoltStore) -> None:
    rows = ask(store, "explanations/paths", user_id="u3", item_id="e")
    # c and e are both variants of a; c is blue for sure, d by .25, e by .4; blue has 3.
    assert [(row["nodes"], row["score"]) for row in rows] == [
        (["u3", "c", "a", "e"], 1.0),
        (["u3", "c", "category:shirt", "e"], 0.5),
        (["u3", "c", "colour:blue", "e"], pytest.approx(0.4 / log2(4))),
        (["u3", "d", "colour:blue", "e"], pytest.approx(0.25 * 0.4 / log2(4))),
    ]
    assert rows[0]["steps"] == ["INTERACTED", "VARIANT_OF", "VARIANT_OF"]


def test_paths_along_broader_entities_both_ways(store: BoltStore) -> None:
    # f is said to be warm (.5), a is red, and red is warm.
    score = pytest.approx(0.5 / log2(4) / log2(5), abs=1e-6)
    [up] = ask(store, "explanations/paths", user_id="u1", item_id="f")
    assert (up["hops"], up["nodes"]) == (4, ["u1", "a", "colour:red", "colour:warm", "f"])
    assert up["steps"] == ["INTERACTED", "HAS_COLOUR", "BROADER", "HAS_COLOUR"]
    assert up["score"] == score
    [down] = ask(store, "explanations/paths", user_id="u4", item_id="a")
    assert down["nodes"] == ["u4", "f", "colour:warm", "colour:red", "a"]
    assert down["score"] == score
    assert drawn(down["graph"]) == {"u4", "f", "colour:warm", "colour:red", "a"}


def test_a_path_of_one_step_is_what_was_chosen(store: BoltStore) -> None:
    rows = ask(store, "explanations/paths", user_id="u1", item_id="a")
    assert [(row["steps"], row["nodes"], row["score"]) for row in rows] == [
        (["INTERACTED"], ["u1", "a"], 1.0)
    ]


@pytest.mark.parametrize("item", ["a", "b", "c", "d", "e", "f", "g"])
def test_paths_name_nobody_else(store: BoltStore, item: str) -> None:
    rows = ask(store, "explanations/paths", user_id="u5", item_id=item, limit=1000)
    people = {id_ for row in rows for id_ in drawn(row["graph"]) if id_.startswith("u")}
    assert people <= {"u5"}


def test_paths_through_people(store: BoltStore) -> None:
    query = load_query("explanations/paths_through_people")
    assert query.people is not None
    rows = ask(store, "explanations/paths_through_people", user_id="u1", item_id="b")
    # a has 3 interactions; u2 has 2 and u5 has 4.
    assert [(row["owned_id"], row["person_id"], row["score"]) for row in rows] == [
        ("a", "u2", pytest.approx(1 / log2(4) / log2(3), abs=1e-6)),
        ("a", "u5", pytest.approx(1 / log2(4) / log2(5), abs=1e-6)),
    ]
    assert drawn(rows[0]["graph"]) == {"u1", "a", "u2", "b"}
    assert sum("type" in part for part in rows[0]["graph"]) == 3


@pytest.mark.parametrize(
    ("ends", "chains"),
    [
        (("a", "e"), [["a", "e"]]),
        (("a", "b"), [["a", "colour:red", "b"]]),
        (("a", "d"), [["a", "c", "colour:blue", "d"], ["a", "e", "colour:blue", "d"]]),
        (("f", "b"), [["f", "colour:warm", "colour:red", "b"]]),
        (("g", "b"), [["g", "colour:orange", "colour:warm", "colour:red", "b"]]),
        (("a", "a"), []),
        # Five steps: over orange, warm, red and a or e.
        (("g", "c"), []),
    ],
)
def test_shortest_path(store: BoltStore, ends: tuple[str, str], chains: list[list[str]]) -> None:
    rows = ask(store, "explanations/shortest_path", from_id=ends[0], to_id=ends[1])
    assert column(rows, "nodes") == chains
    assert column(rows, "hops") == [len(chain) - 1 for chain in chains]


def test_shortest_path_says_its_steps(store: BoltStore) -> None:
    [row, _] = ask(store, "explanations/shortest_path", from_id="a", to_id="d")
    assert row["steps"] == ["VARIANT_OF", "HAS_COLOUR", "HAS_COLOUR"]
    assert row["names"] == ["Red shirt", "Blue shirt", "blue", "Blue shoe"]
    assert drawn(row["graph"]) == {"a", "c", "colour:blue", "d"}


def checks(store: BoltStore, user: str, item: str) -> list[tuple[str, bool, int]]:
    rows = ask(store, "explanations/why_not", user_id=user, item_id=item)
    assert column(rows, "step") == list(range(1, len(rows) + 1))
    return [(row["check"], row["speaks_for"], row["count"]) for row in rows]


def test_why_not(store: BoltStore) -> None:
    assert checks(store, "u1", "b") == [
        ("not_chosen", True, 0),
        ("shared_entities", True, 1),  # red
        ("co_purchase", True, 2),  # u2 and u5 have a and b
        ("price_band", False, 0),  # a costs 10.0; 20.5 is more than twice that
        ("popularity", True, 2),
        ("embedding", True, 1),
    ]
    assert checks(store, "u1", "a") == [
        ("not_chosen", False, 1),
        ("shared_entities", False, 0),
        ("co_purchase", False, 0),
        ("price_band", True, 0),  # there is nothing else of u1's to compare with
        ("popularity", True, 2),
        ("embedding", False, 0),
    ]
    # e costs 12, a 10 and b 20.5: both within 6 .. 24.
    assert ("price_band", True, 2) in checks(store, "u2", "e")
    # a costs 10: of u5's others only e, for 12, is within 5 .. 20; b (20.5) and d (40) are not.
    assert ("price_band", True, 1) in checks(store, "u5", "a")
    # Nobody chose g, whose price is not known.
    assert checks(store, "u5", "g")[2:5] == [
        ("co_purchase", False, 0),
        ("price_band", True, 0),
        ("popularity", False, 0),
    ]
    assert checks(store, "u1", "nowhere") == []


def test_why_not_draws_what_it_counts(store: BoltStore) -> None:
    rows = ask(store, "explanations/why_not", user_id="u1", item_id="b")
    assert [drawn(row["graph"]) for row in rows[:4]] == [
        {"u1", "b"},
        {"u1", "b", "colour:red"},
        {"u1", "b", "a"},
        {"u1", "b"},
    ]


def test_people_between(store: BoltStore) -> None:
    [row] = ask(store, "explanations/people_between", item_id="a", other_id="b")
    assert (row["people"], row["item_people"], row["other_people"]) == (2, 3, 2)
    assert row["jaccard"] == pytest.approx(2 / 3, abs=1e-6)
    assert row["lift"] == pytest.approx((2 / 5) / (3 / 5 * 2 / 5), abs=1e-6)
    [row] = ask(store, "explanations/people_between", item_id="g", other_id="b")
    assert (row["people"], row["jaccard"], row["lift"]) == (0, 0.0, 0.0)


def test_evidence(store: BoltStore) -> None:
    rows = ask(store, "explanations/evidence", item_id="b")
    # Red by .75 and by .5: wrong together one time in eight.
    assert [(row["entity_name"], row["relationship"], row["agreed"]) for row in rows] == [
        ("shoe", "HAS_CATEGORY", 1.0),
        ("red", "HAS_COLOUR", 0.875),
    ]
    assert rows[1]["statements"] == [
        {"modality": "text", "extractor": "hand", "confidence": 0.75, "evidence": EVIDENCE},
        {"modality": "image", "extractor": "hand", "confidence": 0.5, "evidence": EVIDENCE},
    ]
    assert drawn(rows[1]["graph"]) == {"b", "colour:red"}


def test_links(store: BoltStore) -> None:
    rows = ask(store, "explanations/links", item_id="a", other_id="e")
    assert [(row["kind"], row["relationship"], row["name"], row["strength"]) for row in rows] == [
        ("link", "VARIANT_OF", "VARIANT_OF", 1.0),
        ("entity", "HAS_BRAND", "Acme", 1.0),
        ("entity", "HAS_CATEGORY", "shirt", 1.0),
        ("entity", "HAS_COLOUR", "red", 0.9),
        ("broader", "BROADER", "warm", 1.0),
        ("people", "INTERACTED", "people who chose both", 1.0),
    ]
    assert drawn(rows[3]["graph"]) == {"a", "e", "colour:red"}
    assert drawn(rows[5]["graph"]) == {"a", "e"}
    assert ask(store, "explanations/links", item_id="c", other_id="g") == []
