"""Tables, order and fingerprint of a snapshot, without a store."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_world import world_snapshot

from kg.errors import DataError
from kg.snapshot import EntityRow, ItemRow, Snapshot, build_snapshot

ITEMS = [ItemRow("b", "Shoe", {"en": "Shoe"}, 2.5, group="g"), ItemRow("a", "Shirt", {}, image="p")]
EVENTS = [
    ("v", "b", "view", 0.5, 2.0, None),
    ("u", "b", "view", 1.0, 2.0, "test"),
    ("u", "a", "view", 1.0, 3.0, "valid"),
    ("u", "b", "buy", 1.0, 2.0, "train"),
    ("u", "b", "view", 0.25, 1.0, "train"),
]
STATED = [("b", "red", 0.5, "text"), ("a", "red", 1.0, "text"), ("b", "red", 0.75, "image")]
LINKS = [("VARIANT_OF", "b", "a", 1.0), ("LINKED_TO", "b", "a", 0.25), ("LINKED_TO", "a", "b", 0.5)]


def small(**changes: Any) -> Snapshot:
    rows: dict[str, Any] = {
        "items": ITEMS,
        "users": [("v", {"age": 3, "club": "gold"}), ("u", {})],
        "entities": [EntityRow("red", "colour", "red", {"en": "red", "zh": "红"})],
        "interactions": EVENTS,
        "item_entities": STATED,
        "item_items": LINKS,
    }
    return build_snapshot(**(rows | changes))


def test_tables_are_sorted_by_all_they_hold() -> None:
    # Items a=0, b=1; users u=0, v=1; events buy=0, view=1.
    snapshot = small()
    events = snapshot.interactions
    assert events.events == ("buy", "view")
    assert events.user.tolist() == [0, 0, 0, 0, 1]
    assert events.item.tolist() == [0, 1, 1, 1, 1]
    assert events.at_s.tolist() == [3.0, 1.0, 2.0, 2.0, 2.0]
    assert events.event.tolist() == [1, 1, 0, 1, 1]
    assert events.weight.tolist() == [1.0, 0.25, 1.0, 1.0, 0.5]
    assert events.split.tolist() == [1, 0, 0, 2, -1]
    stated = snapshot.item_entities
    assert stated.item.tolist() == [0, 1, 1]
    assert stated.modality == ("text", "image", "text")
    assert stated.confidence.tolist() == [1.0, 0.75, 0.5]
    assert list(snapshot.item_items) == [
        ("LINKED_TO", 0, 1, 0.5),
        ("LINKED_TO", 1, 0, 0.25),
        ("VARIANT_OF", 1, 0, 1.0),
    ]
    assert len(snapshot.item_items) == 3
    assert snapshot.profiles == ({}, {"age": 3, "club": "gold"})


#: An event that differs from another in its split alone.
TWIN = (*EVENTS[1][:5], "valid")


@given(
    events=st.permutations([*EVENTS, TWIN]),
    stated=st.permutations(STATED),
    links=st.permutations(LINKS),
    items=st.permutations(ITEMS),
)
def test_law_the_order_of_rows_is_not_in_the_fingerprint(
    events: list[Any], stated: list[Any], links: list[Any], items: list[ItemRow]
) -> None:
    shuffled = small(interactions=events, item_entities=stated, item_items=links, items=items)
    assert shuffled.fingerprint == small(interactions=[*EVENTS, TWIN]).fingerprint


def test_the_order_of_properties_and_the_sign_of_nothing_are_not_in_the_fingerprint() -> None:
    zero, minus = ([("u", "a", "view", zero, zero, None)] for zero in (0.0, -0.0))
    entity = EntityRow("red", "colour", "red", {"zh": "红", "en": "red"})
    users = [("v", {"club": "gold", "age": 3}), ("u", {})]
    assert small(users=users, entities=[entity]).fingerprint == small().fingerprint
    assert small(interactions=zero).fingerprint == small(interactions=minus).fingerprint


@pytest.mark.parametrize(
    "changes",
    [
        {"items": [dataclasses.replace(ITEMS[0], **change), ITEMS[1]]}
        for change in (
            {"title": "Boot"},
            {"titles": {"en": "Boot"}},
            {"price": None},
            {"image": "q"},
            {"text_hash": "h"},
            {"image_hash": "h"},
            {"group": None},
        )
    ]
    + [
        {"interactions": [(*EVENTS[0][:at], value, *EVENTS[0][at + 1 :]), *EVENTS[1:]]}
        for at, value in enumerate(("u", "a", "buy", 0.75, 4.0, "test"))
    ]
    + [
        {"item_entities": [(*STATED[0][:at], value, *STATED[0][at + 1 :]), *STATED[1:]]}
        for at, value in ((0, "a"), (2, 0.25), (3, "image"))
    ]
    + [
        {"item_items": [(*LINKS[0][:at], value, *LINKS[0][at + 1 :]), *LINKS[1:]]}
        for at, value in ((0, "SIMILAR_TO"), (1, "a"), (2, "b"), (3, 0.5))
    ]
    + [
        {"entities": [EntityRow("red", kind, name, names)]}
        for kind, name, names in (
            ("style", "red", {"en": "red", "zh": "红"}),
            ("colour", "Red", {"en": "red", "zh": "红"}),
            ("colour", "red", {"en": "red"}),
        )
    ]
    + [
        {"users": [("v", {"age": 3}), ("u", {})]},
        {"users": [("v", {"age": 4, "club": "gold"}), ("u", {})]},
        {"users": [("v", {"age": 3, "club": "gold"}), ("u", {}), ("w", {})]},
        {"interactions": EVENTS[1:]},
        {"item_entities": STATED[1:]},
        {"item_items": LINKS[1:]},
    ],
)
def test_whatever_is_held_is_in_the_fingerprint(changes: dict[str, Any]) -> None:
    assert small(**changes).fingerprint != small().fingerprint


def test_where_it_was_read_is_not_in_the_fingerprint() -> None:
    elsewhere = dataclasses.replace(small(), graph="other", revision=7)
    assert elsewhere.fingerprint == small().fingerprint
    assert (small().graph, small().revision) == ("", -1)


def test_a_fingerprint_is_the_same_on_every_machine() -> None:
    # Written down once: a change of definition must be meant, artifacts carry the fingerprint.
    assert world_snapshot().fingerprint.startswith("08f5b85e3993d766")


def test_an_empty_graph_has_tables_of_no_rows() -> None:
    empty = build_snapshot(items=[], users=[])
    lengths = [len(empty.interactions), len(empty.item_entities), len(empty.item_items)]
    assert lengths == [0, 0, 0]
    assert empty.interactions.at_s.dtype == np.float64
    assert empty.interactions.events == ()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"interactions": [("nobody", "a", "view", 1.0, 0.0, None)]}, "user 'nobody'"),
        ({"interactions": [("u", "nothing", "view", 1.0, 0.0, None)]}, "item 'nothing'"),
        ({"item_entities": [("a", "green", 1.0, "text")]}, "entity 'green'"),
        ({"item_items": [("VARIANT_OF", "a", "z", 1.0)]}, "item 'z'"),
    ],
)
def test_a_row_that_names_no_node_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError) as raised:
        small(**changes)
    assert said in str(raised.value)
