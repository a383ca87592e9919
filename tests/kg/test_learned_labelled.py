"""Labelled files: every form that is read, every error that is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.errors import DataError
from kg.extraction.learned.examples import build_space, mentions, reject_unspelt, to_examples
from kg.extraction.learned.labelled import Columns, Labelled, fingerprint, read_labelled
from kg.extraction.learned.tokens import MAX_TOKENS, tokenize
from kg.rejects import Rejects


def read(path: Path, columns: Columns) -> tuple[list[Labelled], Rejects]:
    rejects = Rejects()
    return read_labelled(path, columns, rejects=rejects), rejects


def test_forms_of_labels(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows = [
        {"t": "red mug", "labels": {"Colour": "red", "Kind": ["mug"], "Size": None}},
        {"t": "blue or red", "labels": {"Colour": {"red": 1, "blue": 1, "green": 0}}},
        {"t": "nothing here", "labels": {"Colour": "n/a"}},
        {"t": "no labels", "labels": None},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found, rejects = read(path, Columns("t", "labels"))
    assert [one.values for one in found] == [
        {"Colour": ("red",), "Kind": ("mug",)},
        {"Colour": ("red", "blue")},
        {},
        {},
    ]
    assert rejects.total == 0


def test_csv_by_json_cell_and_by_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        'text,Shoe type,c,attributes\n"boot, red",boot,red|brown,"{""Kind"": ""boot""}"\n'
    )
    by_column, _ = read(path, Columns(attributes=("Shoe type", "c")))
    assert by_column[0].values == {"Shoe type": ("boot",), "c": ("red", "brown")}
    by_cell, _ = read(path, Columns())
    assert by_cell[0].values == {"Kind": ("boot",)}


def test_bad_rows_are_rejected_with_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"text": "a", "attributes": {"x": "a"}}\n{"text": "", "attributes": {}}\n'
        '{"text": "b", "attributes": ["x"]}\n{"text": "b", "attributes": {"x": [["b"]]}}\n'
        "not json\n"
    )
    found, rejects = read(path, Columns())
    assert [one.text for one in found] == ["a"]
    assert rejects.total == 4
    assert "a.jsonl:3: attributes ['x'] is not an object, attribute -> value or values" in {
        str(one) for one in rejects.first.values()
    }


def test_unknown_column_and_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a", "attributes": {"x": "a"}}\n')
    with pytest.raises(DataError, match="in no row: labels"):
        read(path, Columns("text", "labels"))
    with pytest.raises(DataError, match="in no row: kind"):
        read(path, Columns(category="kind"))
    path.write_text("")
    with pytest.raises(DataError, match="labelled examples"):
        read(path, Columns())


def test_value_that_is_not_in_the_text_is_rejected_and_the_rest_learned() -> None:
    labelled = [Labelled("red mug", "", {"Colour": ("blue", "red"), "Kind": ("cup",)}, row=7)]
    rejects = Rejects()
    space = build_space(labelled)
    (example,) = to_examples(labelled, space)
    reject_unspelt(labelled, [example], learned=set(), rejects=rejects, source="f")
    assert example.spans == {space.attributes.index("Colour"): ((0, 0),)}
    assert sorted(str(one) for one in rejects.first.values()) == [
        "f:7: Colour 'blue' is not a piece of the text, in whole words",
        "f:7: Kind 'cup' is not a piece of the text, in whole words",
    ]


def test_mentions() -> None:
    """Whole tokens only; as written before other case; every place, in order."""
    tokens = tokenize("Clear cup, clear lid, Clear 500ml clearance")
    assert mentions(tokens, "clear") == [(3, 3)]
    assert mentions(tokens, "Clear ") == [(0, 0), (6, 6)]
    assert mentions(tokens, "CLEAR") == [(0, 0), (3, 3), (6, 6)]
    assert mentions(tokens, "500") == [(7, 7)]
    assert mentions(tokens, "lear") == []
    assert mentions(tokens, " ") == []


def test_tokens_of_any_script() -> None:
    assert tokenize("16.9-Ounce Men's (K95)").words == (
        "16.9", "-", "Ounce", "Men's", "(", "K", "95", ")",
    )  # fmt: skip
    assert tokenize("红色Nike鞋42码").words == ("红", "色", "Nike", "鞋", "42", "码")
    assert tokenize("Кружка синяя 🎉").words == ("Кружка", "синяя", "🎉")
    assert len(tokenize("a " * 1000)) == MAX_TOKENS
    assert len(tokenize(" \n")) == 0


def test_several_values_are_a_rule_only_when_usual() -> None:
    """Two values in 1 of 100 texts are a slip (2 % is the line), in 3 of 100 a rule."""

    def several(twice: int) -> bool:
        rows = [Labelled("a b", "", {"x": ("a", "b") if i < twice else ("a",)}) for i in range(100)]
        return build_space(rows).several[0]

    assert not several(1)
    assert several(3)


def test_fingerprint_is_of_the_contents() -> None:
    one = Labelled("a", "c", {"x": ("a",)}, row=1)
    assert fingerprint([one]) == fingerprint([Labelled("a", "c", {"x": ("a",)}, row=9)])
    assert fingerprint([one]) != fingerprint([Labelled("a", "c", {"y": ("a",)}, row=1)])
