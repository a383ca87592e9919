"""cypher/users: answers over the checkerboard world with more on top, worked out by hand.

u5 bought d (at 1000 s), looked at b (5000), at e (5600) and put a into the cart (6200).
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from query_fixtures import ask, column, drawn, library_store
from store_world import ENGINES

from kg.stores.bolt import BoltStore


@pytest.fixture(scope="module", params=ENGINES)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BoltStore]:
    yield from library_store(request.param, tmp_path_factory.mktemp(request.param))


def test_history(store: BoltStore) -> None:
    rows = ask(store, "users/history", user_id="u5")
    assert [(row["item_id"], row["event"], row["weight"], row["at_s"]) for row in rows] == [
        ("a", "cart", 0.5, 6200.0),
        ("e", "view", 0.2, 5600.0),
        ("b", "view", 0.2, 5000.0),
        ("d", "purchase", 1.0, 1000.0),
    ]
    assert drawn(rows[0]["graph"]) == {"u5", "a"}
    assert len(ask(store, "users/history", user_id="u5", limit=3)) == 3


def test_interests(store: BoltStore) -> None:
    rows = ask(store, "users/interests", user_id="u5", limit=4)
    # By the surest statement an item: red (1 + .75 + .9) / 3, blue (.25 + .4) / 2.
    assert [(row["entity_id"], row["items"], row["confidence"]) for row in rows] == [
        ("colour:red", 3, 0.883333),
        ("brand:acme", 2, 1.0),
        ("category:shirt", 2, 1.0),
        ("category:shoe", 2, 1.0),
    ]
    assert drawn(rows[0]["graph"]) == {"u5", "a", "b", "e", "colour:red"}


def test_interests_by_kind(store: BoltStore) -> None:
    rows = ask(store, "users/interests_by_kind", user_id="u5", kind="colour")
    # Red: .2 x .75 (b) + .2 x .9 (e) + .5 x 1 (a) = .83; blue: 1 x .25 (d) + .2 x .4 (e) = .33.
    assert [(row["entity_id"], row["name"], row["items"], row["weight"]) for row in rows] == [
        ("colour:red", "red", 3, pytest.approx(0.83)),
        ("colour:blue", "blue", 2, pytest.approx(0.33)),
    ]
    assert column(rows, "share") == pytest.approx([0.83 / 1.16, 0.33 / 1.16])
    assert drawn(rows[1]["graph"]) == {"u5", "d", "e", "colour:blue"}
    assert ask(store, "users/interests_by_kind", user_id="u5", kind="pattern") == []
    assert ask(store, "users/interests_by_kind", user_id="u4", kind="colour") == []


def test_price_band(store: BoltStore) -> None:
    [row] = ask(store, "users/price_band", user_id="u5")
    # 10, 12, 20.5, 40: a quarter of the way lies .75 of a step past 10, and so on.
    assert [row[name] for name in ("items", "lowest", "highest")] == [4, 10.0, 40.0]
    quarters = [row[name] for name in ("lower_quarter", "median", "upper_quarter", "mean")]
    assert quarters == pytest.approx([11.5, 16.25, 25.375, 20.625])
    assert drawn(row["graph"]) == {"a", "b", "d"}
    # c has no price; u4 has nothing.
    [row] = ask(store, "users/price_band", user_id="u3")
    assert (row["items"], row["lowest"], row["highest"]) == (1, 40.0, 40.0)
    assert ask(store, "users/price_band", user_id="u4") == []


def test_similar_users(store: BoltStore) -> None:
    rows = ask(store, "users/similar_users", user_id="u5")
    # u5 has a, b, d, e; u2 has a and b, u1 has a, u3 has c and d: 2/4, 1/4, 1/5.
    assert [(row["user_id"], row["shared"], row["chosen"], row["jaccard"]) for row in rows] == [
        ("u2", 2, 2, 0.5),
        ("u1", 1, 1, 0.25),
        ("u3", 1, 2, 0.2),
    ]
    assert drawn(rows[0]["graph"]) == {"u5", "u2", "a", "b"}
    # Three people have a: it then finds nobody, but counts where b has found somebody.
    rows = ask(store, "users/similar_users", user_id="u5", popular=2)
    assert [(row["user_id"], row["jaccard"]) for row in rows] == [("u2", 0.5), ("u3", 0.2)]
    assert column(ask(store, "users/similar_users", user_id="u5", candidates=1), "user_id") == [
        "u2"
    ]
    assert ask(store, "users/similar_users", user_id="u4") == []


@pytest.mark.parametrize(
    ("gap_s", "limit", "expected"),
    [
        (1800.0, 50, ["b", "e", "a"]),
        (600.0, 50, ["b", "e", "a"]),
        (599.0, 50, ["a"]),
        (4000.0, 50, ["d", "b", "e", "a"]),
        (1800.0, 2, ["e", "a"]),
    ],
)
def test_recent_session(store: BoltStore, gap_s: float, limit: int, expected: list[str]) -> None:
    rows = ask(store, "users/recent_session", user_id="u5", gap_s=gap_s, limit=limit)
    assert column(rows, "item_id") == expected
    assert drawn(rows[-1]["graph"]) == {"u5", "a"}


def test_recent_session_of_one_event_and_of_none(store: BoltStore) -> None:
    assert column(ask(store, "users/recent_session", user_id="u1"), "item_id") == ["a"]
    assert ask(store, "users/recent_session", user_id="u4") == []


def test_taste_shift(store: BoltStore) -> None:
    rows = ask(store, "users/taste_shift", user_id="u5", since_s=5000.0)
    # Before: d alone, blue and a shoe. Since: b, e and a.
    assert [(row["entity_id"], row["before"]) for row in rows] == [
        ("colour:red", 0.0),
        ("brand:acme", 0.0),
        ("category:shirt", 0.0),
        ("category:shoe", 1.0),
        ("colour:blue", 1.0),
        ("brand:zen", 0.0),
    ]
    thirds = [3, 2, 2, 1, 1, 1]
    assert column(rows, "since") == pytest.approx([third / 3 for third in thirds])
    moves = [3, 2, 2, -2, -2, 1]
    assert column(rows, "change") == pytest.approx([move / 3 for move in moves], abs=1e-6)
    # Nothing to compare with.
    assert ask(store, "users/taste_shift", user_id="u5", since_s=1000.0) == []
    assert ask(store, "users/taste_shift", user_id="u5", since_s=9999.0) == []
