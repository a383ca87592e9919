"""Rows as statements, without an engine: which rows go together, and how many at most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import DataError
from kg.graph import NodeRow, RelationshipRow
from kg.schema import DEFAULT_SCHEMA
from kg.stores import statements
from kg.stores.rows import CHARACTERS, check_nodes, check_relationships, stored
from kg.stores.statements import Merge, node_merges, relationship_deletes, relationship_merges


def event(user: str, item: str, at_s: float) -> RelationshipRow:
    properties = {"event": "view", "at_s": at_s}
    return RelationshipRow("INTERACTED", "User", user, "Item", item, properties)


def variant(source: str, target: str) -> RelationshipRow:
    return RelationshipRow("VARIANT_OF", "Item", source, "Item", target)


@pytest.fixture
def three_rows_a_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, "ROWS", 3)


@pytest.mark.usefixtures("three_rows_a_statement")
def test_relationships_are_grouped_by_start_in_order_and_a_hub_is_cut() -> None:
    rows = [event("u2", "b", 1.0), event("u1", "z", 2.0), event("u2", "a", 3.0)]
    rows += [variant("x", "y"), event("u2", "c", 4.0), event("u2", "d", 5.0), event("u1", "a", 6.0)]
    merges = list(relationship_merges(rows, DEFAULT_SCHEMA))
    # u1 has two, u2 four: three and one; two and three are more than three.
    assert [starts(merge) for merge in merges] == [
        [("u1", ["a", "z"])],
        [("u2", ["a", "b", "c"])],
        [("u2", ["d"])],
        [("x", ["y"])],
    ]
    assert [merge.relationships for merge in merges] == [2, 3, 1, 1]
    assert len({merge.text for merge in merges[:3]}) == 1


@pytest.mark.usefixtures("three_rows_a_statement")
def test_nodes_go_by_label_then_id() -> None:
    nodes = [NodeRow("User", "u"), *(NodeRow("Item", id_) for id_ in "dbca")]
    merges = list(node_merges(nodes, DEFAULT_SCHEMA))
    assert [[row[0] for row in merge.rows] for merge in merges] == [["a", "b", "c"], ["d"], ["u"]]
    assert [merge.relationships for merge in merges] == [0, 0, 0]


def test_kinds_of_entities_share_the_statement_of_their_type_alone() -> None:
    given_ = [
        RelationshipRow("HAS_COLOUR", "Item", "a", label, "e", {"modality": "text"})
        for label in ("Colour", "Entity")
    ]
    (merge,) = relationship_merges(given_, DEFAULT_SCHEMA)
    assert "(e:`Entity` {id: to[0]})" in merge.text
    assert starts(merge) == [("a", ["e", "e"])]


def test_a_statement_takes_no_more_characters_than_a_message_may() -> None:
    long = "x" * 1_000_000
    nodes = [NodeRow("Item", str(n), {"text": long}) for n in range(5)]
    # Three with their names are more than three million.
    assert [len(merge.rows) for merge in node_merges(nodes, DEFAULT_SCHEMA)] == [2, 2, 1]
    rows = [
        RelationshipRow("REVIEWED", "User", "u", "Item", str(n), {"review_id": "r", "text": long})
        for n in range(5)
    ]
    parts = [starts(merge) for merge in relationship_merges(rows, DEFAULT_SCHEMA)]
    assert parts == [[("u", ["0", "1"])], [("u", ["2", "3"])], [("u", ["4"])]]


def test_what_is_withdrawn_goes_by_ends_and_keys() -> None:
    rows = [variant("b", "a"), event("u", "i", 2), variant("a", "c")]
    merges = list(relationship_deletes(rows, DEFAULT_SCHEMA))
    assert [merge.rows for merge in merges] == [
        [["a", "c", "VARIANT_OF", {}], ["b", "a", "VARIANT_OF", {}]],
        [["u", "i", "INTERACTED", {"event": "view", "at_s": 2.0}]],
    ]


def test_every_statement_raises_the_revision_before_anything_else() -> None:
    nodes = [NodeRow("Item", "a"), NodeRow("Colour", "colour:red")]
    rows = [event("u", "i", 1.0), variant("a", "b")]
    merges = [*node_merges(nodes, DEFAULT_SCHEMA), *relationship_merges(rows, DEFAULT_SCHEMA)]
    merges += relationship_deletes(rows, DEFAULT_SCHEMA)
    assert len(merges) == 6
    for merge in merges:
        assert merge.text.startswith("MATCH (g:Graph {id: 'graph'}) SET g.revision = ")


@given(
    st.lists(
        st.builds(event, st.sampled_from("pqr"), st.sampled_from("abc"), st.integers(0, 3)),
        max_size=30,
    )
)
def test_law_no_row_is_lost_and_none_is_written_twice(rows: list[RelationshipRow]) -> None:
    merges = list(relationship_merges(rows, DEFAULT_SCHEMA))
    written = Counter(
        (row[0], to[0], to[1]["at_s"]) for merge in merges for row in merge.rows for to in row[1]
    )
    assert written == Counter((row.start_id, row.end_id, row.properties["at_s"]) for row in rows)
    assert sum(merge.relationships for merge in merges) == len(rows)


@given(st.permutations([event("u", "i", at) for at in (1.0, 2.0)] + [variant("a", "b")]))
def test_law_statements_do_not_depend_on_the_order_between_groups(
    rows: list[RelationshipRow],
) -> None:
    texts = [merge.text for merge in relationship_merges(rows, DEFAULT_SCHEMA)]
    assert ["INTERACTED" in text for text in texts] == [True, False]


def test_values_are_stored_as_engines_keep_them() -> None:
    as_given = {"price": 2.5, "names": ["a"], "vip": True, "gone": None}
    assert stored(as_given)[0] is as_given
    changed, _ = stored({"price": 2, "weight": True, "names": ("a", "b"), "age": 2})
    assert changed == {"price": 2.0, "weight": True, "names": ["a", "b"], "age": 2}
    assert [type(changed[name]) for name in ("price", "weight", "age")] == [float, bool, int]
    assert type(stored(MappingProxyType({"age": 2}))[0]) is dict


def test_size_counts_names_and_texts_in_lists_too() -> None:
    # Names 2 + 1 + 1 + 1, texts 3 and 2 + 1, and nine for a number, a list or nothing.
    assert stored({"ab": "xyz", "c": 1, "d": ("xy", "z"), "e": None})[1] == 5 + 6 + 9 + 9 + 9


@pytest.mark.parametrize("value", [None, float("nan")])
def test_a_relationship_needs_what_tells_it_from_others(value: float | None) -> None:
    row = event("u", "i", 1.0)
    bad = RelationshipRow("INTERACTED", "User", "u", "Item", "i", {"event": "view", "at_s": value})
    with pytest.raises(DataError, match=r"INTERACTED u -> i: at_s (None|nan) is not a value: at_s"):
        check_relationships([row, bad], DEFAULT_SCHEMA)


def test_a_long_list_is_too_long_as_a_long_text_is() -> None:
    half = "x" * (CHARACTERS // 2)
    check_nodes([NodeRow("Item", "a", {"texts": [half, half[:-20]]})], DEFAULT_SCHEMA)
    with pytest.raises(DataError, match="Item a: properties '3000014 characters' is not at most"):
        check_nodes([NodeRow("Item", "a", {"texts": [half, half]})], DEFAULT_SCHEMA)


def starts(merge: Merge) -> list[tuple[str, list[str]]]:
    return [(row[0], [to[0] for to in row[1]]) for row in merge.rows]


def test_statements_are_made_one_at_a_time() -> None:
    merges: Iterator[Merge] = node_merges([NodeRow("Item", "a")], DEFAULT_SCHEMA)
    assert next(merges).rows == [["a", {}]]
    assert next(merges, None) is None
