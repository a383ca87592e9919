"""cypher/quality: answers over the checkerboard world with more on top, worked out by hand."""

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


def test_orphans(store: BoltStore) -> None:
    rows = ask(store, "quality/orphans")
    assert [(row["label"], row["id"], drawn(row["graph"])) for row in rows] == [
        ("Item", "f", {"f"}),
        ("User", "u4", {"u4"}),
    ]


def test_low_confidence(store: BoltStore) -> None:
    rows = ask(store, "quality/low_confidence", threshold=0.5)
    assert [(row["item_id"], row["confidence"], drawn(row["graph"])) for row in rows] == [
        ("d", 0.25, {"d", "colour:blue"}),
        ("e", 0.4, {"e", "colour:blue"}),
    ]
    assert column(ask(store, "quality/low_confidence"), "item_id") == ["d"]  # below .3


def test_conflicting_values(store: BoltStore) -> None:
    rows = ask(store, "quality/conflicting_values")
    assert [(row["item_id"], row["kind"], row["values"]) for row in rows] == [
        ("e", "brand", ["brand:acme", "brand:zen"])
    ]
    assert drawn(rows[0]["graph"]) == {"e", "brand:acme", "brand:zen"}
    # b is red by text and by picture: one value.
    rows = ask(store, "quality/conflicting_values", kinds=["colour"])
    assert [(row["item_id"], row["values"]) for row in rows] == [
        ("e", ["colour:blue", "colour:red"])
    ]


def test_conflicting_modalities(store: BoltStore) -> None:
    rows = ask(store, "quality/conflicting_modalities")
    names = ("item_id", "kind", "first", "first_values", "second", "second_values")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("e", "colour", "column", ["colour:red"], "image", ["colour:blue"])
    ]
    assert drawn(rows[0]["graph"]) == {"e", "colour:red", "colour:blue"}
    rows = ask(store, "quality/conflicting_modalities", kinds=["brand", "category"])
    assert [(row["item_id"], row["kind"], row["second"]) for row in rows] == [
        ("e", "brand", "text")
    ]


@pytest.mark.parametrize(
    ("property", "expected"),
    [
        ("title", [("Red shirt", 2, ["a", "e"])]),
        ("image_hash", [("h1", 2, ["e", "f"])]),
        ("text_hash", []),
    ],
)
def test_duplicates(
    store: BoltStore, property: str, expected: list[tuple[str, int, list[str]]]
) -> None:
    rows = ask(store, "quality/duplicates", property=property)
    assert [(row["value"], row["items"], row["item_ids"]) for row in rows] == expected
    assert all(drawn(row["graph"]) == set(row["item_ids"]) for row in rows)


def test_hubs(store: BoltStore) -> None:
    rows = ask(store, "quality/hubs", limit=4)
    # a: three people, three statements, two variants lead to it. e: one, five, one.
    # b: two people, three statements. Red: four statements, one wider entity.
    assert [(row["label"], row["id"], row["relationships"]) for row in rows] == [
        ("Item", "a", 8),
        ("Item", "e", 7),
        ("Item", "b", 5),
        ("Entity", "colour:red", 5),
    ]
    assert drawn(rows[3]["graph"]) == {"colour:red"}


def test_missing_kind(store: BoltStore) -> None:
    rows = ask(store, "quality/missing_kind", kind="brand")
    assert column(rows, "item_id") == ["b", "c", "d", "f"]
    assert drawn(rows[0]["graph"]) == {"b"}
    assert column(ask(store, "quality/missing_kind", kind="colour"), "item_id") == ["f"]


def test_kind_coverage(store: BoltStore) -> None:
    names = ("kind", "items", "share", "entities", "confidence")
    rows = [tuple(row[name] for name in names) for row in ask(store, "quality/kind_coverage")]
    # Of six items. Colour, the surest of each item: (1 + .75 + 1 + .25 + .9) / 5.
    assert rows == [
        ("brand", 2, 0.333333, 2, 1.0),
        ("category", 5, 0.833333, 2, 1.0),
        ("colour", 5, 0.833333, 2, 0.78),
    ]


def test_incomplete_items(store: BoltStore) -> None:
    rows = ask(store, "quality/incomplete_items")
    assert [(row["item_id"], row["missing"]) for row in rows] == [
        ("c", ["text_hash", "image", "price"]),
        ("a", ["text_hash", "image"]),
        ("b", ["text_hash", "image"]),
        ("d", ["text_hash", "image"]),
        ("f", ["text_hash", "image"]),
    ]
    assert drawn(rows[0]["graph"]) == {"c"}
    rows = ask(store, "quality/incomplete_items", properties=["price"])
    assert column(rows, "item_id") == ["c"]


def test_stale_items(store: BoltStore) -> None:
    rows = ask(store, "quality/stale_items", since_s=400.0)
    assert [(row["item_id"], row["events"], row["last_at_s"]) for row in rows] == [
        ("f", 0, None),
        ("c", 1, 300.0),
    ]
    assert drawn(rows[1]["graph"]) == {"c"}
    rows = ask(store, "quality/stale_items", since_s=1e9)
    assert column(rows, "item_id") == ["f", "c", "d", "b", "e", "a"]
