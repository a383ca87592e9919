from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import SchemaError
from kg.ingest_entities import Entities
from kg.items import Attribute, CatalogItem, Evidence, Modality
from kg.resolution import Statement, resolve
from kg.schema import DEFAULT_SCHEMA


@dataclass(frozen=True)
class Known:
    value: str
    names: Mapping[str, str] = field(default_factory=dict)
    broader: str | None = None


RED = Known("red", {"en": "red", "zh": "红色"})


def lexicon(kind: str, value: str) -> Known | None:
    return RED if kind == "colour" and value.casefold() in {"red", "红色"} else None


def guess(
    kind: str, value: str, confidence: float, modality: Modality = "text", **evidence: object
) -> Attribute:
    return Attribute(
        kind,
        value,
        confidence,
        Evidence(modality, f"{modality}/1", **evidence),  # type: ignore[arg-type]
        names=RED.names if value == "red" else {},
    )


def resolved(item: CatalogItem, *guesses: Attribute) -> list[tuple[str, str, float]]:
    statements = resolve(item, guesses, canonical=lexicon)
    return [(each.entity, each.modality, each.confidence) for each in statements]


def item(**columns: tuple[str, ...]) -> CatalogItem:
    return CatalogItem("i", (), columns=columns)


@pytest.mark.parametrize("written", ["Red", "RED", "红色"])
def test_one_entity_for_every_way_to_write_a_colour(written: str) -> None:
    assert resolved(item(colour=(written,)), guess("colour", "red", 0.8)) == [
        ("colour:red", "column", 1.0),
        ("colour:red", "text", 0.8),
    ]


def test_a_guess_never_overrules_a_column() -> None:
    guesses = [guess("colour", "orange", 0.9, "image"), guess("material", "wool", 0.7)]
    assert resolved(item(colour=("Red",)), *guesses) == [
        ("colour:red", "column", 1.0),
        ("material:wool", "text", 0.7),
    ]


def test_without_a_column_every_modality_keeps_its_own_word() -> None:
    guesses = [guess("colour", "red", 0.4, "image"), guess("colour", "orange", 0.9, "image")]
    assert resolved(item(), guess("colour", "red", 0.8), *guesses) == [
        ("colour:orange", "image", 0.9),
        ("colour:red", "image", 0.4),
        ("colour:red", "text", 0.8),
    ]


def test_the_strongest_mention_of_a_modality_is_the_evidence() -> None:
    guesses = [
        guess("material", "wool", 0.6, field="description.en", span=(4, 8), quote="Wool"),
        guess("material", "Wool ", 0.9, field="title.en", span=(0, 4), quote="Wool"),
        guess("material", "wool", 0.9, field="title.en", span=(9, 13), quote="wool"),
    ]
    (statement,) = resolve(item(), guesses, canonical=lexicon)
    assert statement.entity == "material:wool"
    assert statement.confidence == 0.9
    assert json.loads(statement.evidence) == {"field": "title.en", "quote": "Wool", "span": [0, 4]}


def test_a_value_the_lexicon_does_not_know_keeps_its_spelling_as_name() -> None:
    (statement,) = resolve(item(brand=("  ACME  Ltd",)), [], canonical=lexicon)
    assert (statement.entity, statement.name) == ("brand:acme ltd", "  ACME  Ltd")
    assert json.loads(statement.evidence) == {"field": "brand", "quote": "  ACME  Ltd"}


def named(name: str, names: Mapping[str, str]) -> Statement:
    return Statement("i", "brand", "brand:acme", "column", 1.0, "column", "{}", name, names)


def test_an_entity_is_called_by_its_most_usual_spelling() -> None:
    entities = Entities(DEFAULT_SCHEMA)
    for name in ("ACME", "Acme", "acme", "Acme"):
        entities.add(named(name, {}))
    (row,) = entities.rows()
    assert (row.label, row.id, row.properties) == ("Brand", "brand:acme", {"name": "Acme"})


@given(
    st.permutations(["b", "a", "c", "c", "b"]), st.permutations([{}, {"zh": "二"}, {"zh": "一"}])
)
def test_names_do_not_depend_on_the_order_of_items(
    spellings: list[str], languages: list[dict[str, str]]
) -> None:
    entities = Entities(DEFAULT_SCHEMA)
    for position, name in enumerate(spellings):
        entities.add(named(name, languages[position] if position < 3 else {}))
    (row,) = entities.rows()
    assert row.properties == {"name": "b", "name_zh": "一"}


def test_a_kind_outside_the_schema_is_an_error() -> None:
    entities = Entities(DEFAULT_SCHEMA)
    (statement,) = resolve(item(flavour=("mint",)), [], canonical=lexicon)
    with pytest.raises(SchemaError, match="flavour"):
        entities.add(statement)
