"""cypher/catalogue: answers over the checkerboard world with more on top, worked out by hand."""

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


@pytest.mark.parametrize(
    ("all_of", "any_of", "none_of", "expected"),
    [
        (["colour:red", "category:shirt"], [], [], [("a", 2), ("e", 2)]),
        (["colour:red", "category:shirt"], [], ["colour:blue"], [("a", 2)]),
        ([], ["colour:blue", "brand:zen"], [], [("e", 2), ("c", 1), ("d", 1)]),
        (["colour:red"], ["brand:acme", "brand:zen"], [], [("e", 3), ("a", 2)]),
        (["colour:red", "colour:nowhere"], [], [], []),
        ([], ["colour:nowhere"], [], []),
        ([], [], ["colour:red"], []),
    ],
)
def test_items_by_entities(
    store: BoltStore,
    all_of: list[str],
    any_of: list[str],
    none_of: list[str],
    expected: list[tuple[str, int]],
) -> None:
    params = {"all_of": all_of, "any_of": any_of, "none_of": none_of}
    rows = ask(store, "catalogue/items_by_entities", **params)
    assert [(row["item_id"], row["matched"]) for row in rows] == expected


def test_items_by_entities_draws_what_matched_and_stops_at_the_limit(store: BoltStore) -> None:
    found = ask(store, "catalogue/items_by_entities", any_of=["colour:blue", "brand:zen"], limit=1)
    assert column(found, "item_id") == ["e"]
    assert drawn(found[0]["graph"]) == {"e", "colour:blue", "brand:zen"}
    assert found[0]["price"] == 12.0


def test_facets(store: BoltStore) -> None:
    rows = ask(store, "catalogue/facets", entity_ids=["colour:red"])
    # Red are a, b and e. Two of them are Acme's and shirts, one is Zen's, a shoe, also blue.
    assert [(row["kind"], row["entity_id"], row["name"], row["items"]) for row in rows] == [
        ("brand", "brand:acme", "Acme", 2),
        ("brand", "brand:zen", "Zen", 1),
        ("category", "category:shirt", "shirt", 2),
        ("category", "category:shoe", "shoe", 1),
        ("colour", "colour:blue", "blue", 1),
    ]
    assert drawn(rows[0]["graph"]) == {"brand:acme"}
    rows = ask(store, "catalogue/facets", entity_ids=["colour:red"], per_kind=1)
    assert column(rows, "entity_id") == ["brand:acme", "category:shirt", "colour:blue"]
    rows = ask(store, "catalogue/facets", entity_ids=["colour:red", "category:shirt"])
    assert [(row["entity_id"], row["items"]) for row in rows] == [
        ("brand:acme", 2),
        ("brand:zen", 1),
        ("colour:blue", 1),
    ]
    assert ask(store, "catalogue/facets", entity_ids=["colour:red", "colour:nowhere"]) == []
    # b is red by text and by picture, and one item.
    rows = ask(store, "catalogue/facets", entity_ids=["category:shoe"])
    assert [(row["entity_id"], row["items"]) for row in rows] == [
        ("colour:blue", 1),
        ("colour:red", 1),
    ]
    rows = ask(store, "catalogue/facets", entity_ids=["category:shoe"], at_most=1)
    assert [(row["entity_id"], row["items"]) for row in rows] == [("colour:red", 1)]


def test_variants(store: BoltStore) -> None:
    rows = ask(store, "catalogue/variants", item_id="c")
    assert [(row["item_id"], row["price"], row["differs"]) for row in rows] == [
        ("a", 10.0, ["brand:acme", "colour:red"]),
        ("e", 12.0, ["brand:acme", "brand:zen", "colour:red"]),
    ]
    # c is joined to e by way of a, to which both lead.
    assert drawn(rows[1]["graph"]) == {"a", "c", "e"}
    rows = ask(store, "catalogue/variants", item_id="a")
    assert [(row["item_id"], row["differs"]) for row in rows] == [
        ("c", ["colour:blue"]),
        ("e", ["brand:zen", "colour:blue"]),
    ]
    assert ask(store, "catalogue/variants", item_id="b") == []


def test_price_range(store: BoltStore) -> None:
    rows = ask(store, "catalogue/price_range", low=10.0, high=20.5)
    assert [(row["item_id"], row["price"]) for row in rows] == [
        ("a", 10.0),
        ("e", 12.0),
        ("b", 20.5),
    ]
    assert drawn(rows[0]["graph"]) == {"a"}
    both = ["colour:red", "category:shirt"]
    rows = ask(store, "catalogue/price_range", high=100, entity_ids=both)
    assert column(rows, "item_id") == ["a", "e"]
    assert ask(store, "catalogue/price_range", high=9.99) == []


def test_newest(store: BoltStore) -> None:
    rows = ask(store, "catalogue/newest")
    assert [(row["item_id"], row["date"]) for row in rows] == [
        ("e", "2026-03-01"),
        ("f", "2026-02-01"),
    ]
    assert column(ask(store, "catalogue/newest", limit=1), "item_id") == ["e"]
    # Any property that has an order will do.
    rows = ask(store, "catalogue/newest", property="price", limit=2)
    assert column(rows, "item_id") == ["d", "f"]


def test_entity(store: BoltStore) -> None:
    [row] = ask(store, "catalogue/entity", entity_id="colour:red")
    assert (row["id"], row["kind"], row["name"], row["items"]) == ("colour:red", "colour", "red", 3)
    assert row["properties"]["name_zh"] == "红色"
    assert row["properties"]["embedding"] is None
    assert (row["broader"], row["narrower"]) == (["colour:warm", "colour:any"], [])
    assert drawn(row["graph"]) == {"colour:red", "colour:warm", "colour:any"}
    [row] = ask(store, "catalogue/entity", entity_id="colour:warm")
    assert (row["items"], row["broader"], row["narrower"]) == (0, ["colour:any"], ["colour:red"])
    assert ask(store, "catalogue/entity", entity_id="colour:nowhere") == []


def test_entities(store: BoltStore) -> None:
    rows = ask(store, "catalogue/entities", kind="colour")
    # b says red twice, by text and picture, and is one item.
    assert [(row["entity_id"], row["items"]) for row in rows] == [
        ("colour:blue", 3),
        ("colour:red", 3),
        ("colour:any", 0),
        ("colour:warm", 0),
    ]
    assert len(ask(store, "catalogue/entities", kind="colour", limit=1)) == 1
    assert ask(store, "catalogue/entities", kind="nothing") == []


def test_what_the_first_queries_draw(store: BoltStore) -> None:
    [row] = ask(store, "catalogue/item", item_id="b")
    assert drawn(row["graph"]) == {"b", "colour:red", "category:shoe"}
    [row] = ask(store, "catalogue/item", item_id="f")
    assert (row["attributes"], drawn(row["graph"])) == ([], {"f"})
    rows = ask(store, "catalogue/items_by_entity", entity_id="colour:red")
    assert [(row["item_id"], drawn(row["graph"])) for row in rows] == [
        (item, {item, "colour:red"}) for item in ("a", "e", "b")
    ]
    rows = ask(store, "catalogue/search_titles", text="hat")
    assert [drawn(row["graph"]) for row in rows] == [{"f"}]


def test_statements(store: BoltStore) -> None:
    rows = ask(store, "catalogue/statements", item_ids=["e", "f", "c"])
    assert [(row["item_id"], row["type"], row["target_id"], row["modality"]) for row in rows] == [
        ("c", "HAS_CATEGORY", "category:shirt", "column"),
        ("c", "HAS_COLOUR", "colour:blue", "column"),
        ("c", "VARIANT_OF", "a", None),
        ("e", "HAS_BRAND", "brand:acme", "column"),
        ("e", "HAS_BRAND", "brand:zen", "text"),
        ("e", "HAS_CATEGORY", "category:shirt", "column"),
        ("e", "HAS_COLOUR", "colour:blue", "image"),
        ("e", "HAS_COLOUR", "colour:red", "column"),
        ("e", "VARIANT_OF", "a", None),
    ]
