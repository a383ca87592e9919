"""Rows of a GraphBatch, checked before the first of them is written, as statements take them."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from kg.errors import DataError, SchemaError
from kg.graph import NodeRow, PropertyValue, RelationshipRow
from kg.schema import (
    BROADER,
    INTERACTED,
    ITEM_ITEM_TYPES,
    REVIEWED,
    SAME_AS,
    GraphSchema,
    relationship_keys,
)

#: Of a whole message: engines refuse, or wait for ever on, one of 16 MB and more (4 B a character).
CHARACTERS = 3_000_000
#: Always stored as floats: an engine that infers types must not see 1 before 0.5.
FLOATS = frozenset({"at_s", "weight", "confidence", "score", "price", "rating"})
_INT64 = 1 << 63
_NUMBER = 9  # bytes of a number in a message


def entity_labels(schema: GraphSchema) -> dict[str, str]:
    """Label -> name of every entity kind."""
    return {kind.label: kind.name for kind in schema.kinds.values()}


def check_nodes(nodes: Sequence[NodeRow], schema: GraphSchema) -> None:
    """SchemaError for a label outside the schema, DataError for what no graph can hold."""
    known = ["Item", "User", *sorted(entity_labels(schema))]
    _check_among({row.label for row in nodes}, "label", known)
    names: set[str] = set()
    for row in nodes:
        _check_id(row.id, row.label, "id")
        given = row.properties.get("id", row.id)
        if given != row.id:
            raise DataError(_place(row), column="id", value=given, expected="the node's own id")
        _check_properties(row, names)


def check_relationships(relationships: Sequence[RelationshipRow], schema: GraphSchema) -> None:
    """SchemaError for a type or label outside the schema, DataError for what no graph can hold."""
    types = {kind.relationship for kind in schema.kinds.values()}
    types |= {INTERACTED, REVIEWED, BROADER, SAME_AS, *ITEM_ITEM_TYPES}
    _check_among({row.type for row in relationships}, "type", sorted(types))
    check_withdrawn(relationships, schema)


def check_withdrawn(relationships: Sequence[RelationshipRow], schema: GraphSchema) -> None:
    """As `check_relationships`, but a type may have left the schema since it was written."""
    ends = sorted({*entity_labels(schema), "Entity", "Item", "User"})
    _check_among({row.start_label for row in relationships}, "label", ends)
    _check_among({row.end_label for row in relationships}, "label", ends)
    names: set[str] = set()
    keys_of = {type_: relationship_keys(type_) for type_ in {row.type for row in relationships}}
    for row in relationships:
        _check_id(row.start_id, row.type, "start")
        _check_id(row.end_id, row.type, "end")
        _check_properties(row, names)
        for key in keys_of[row.type]:
            value = row.properties.get(key)
            if value is None or (isinstance(value, float) and math.isnan(value)):
                raise DataError(
                    _place(row),
                    column=key,
                    value=value,
                    expected=f"a value: {key} tells one {row.type} from another",
                )


def stored(properties: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
    """Checked ``properties`` as an engine takes them, and the characters of a message, about.

    The same object where it is so already: of a million rows, most are.
    """
    characters = 0
    changed: dict[str, Any] | None = None if isinstance(properties, dict) else {}
    for name, value in properties.items():
        kind = type(value)
        if kind is str:
            characters += len(name) + len(value)
            continue
        characters += len(name) + _NUMBER
        if kind is float or value is None:
            continue
        if kind is tuple or kind is list:
            characters += sum(len(part) if isinstance(part, str) else _NUMBER for part in value)
            if kind is tuple:
                changed = {**(changed or {}), name: list(value)}
        elif name in FLOATS and isinstance(value, int) and not isinstance(value, bool):
            changed = {**(changed or {}), name: float(value)}
    if changed is None:
        return properties, characters  # type: ignore[return-value]
    return {**properties, **changed}, characters


def _check_properties(row: NodeRow | RelationshipRow, names: set[str]) -> None:
    """Values and names of one row; ``names`` are those found good before."""
    long = 0
    for name, value in row.properties.items():
        if name not in names:
            if not name or "`" in name or "@" in name:
                raise DataError(
                    _place(row), column="property", value=name, expected="a name without ` and @"
                )
            names.add(name)
        kind = type(value)
        if kind is str:
            long += len(value)  # type: ignore[arg-type]
        elif kind is not float and value is not None:
            _check_value(row, name, value)
            long += stored({name: value})[1]
    # What numbers and names add is little.
    if long > CHARACTERS // 2 and (characters := stored(row.properties)[1]) > CHARACTERS:
        raise DataError(
            _place(row),
            column="properties",
            value=f"{characters} characters",
            expected=f"at most {CHARACTERS} characters",
        )


def _check_value(row: NodeRow | RelationshipRow, name: str, value: PropertyValue) -> None:
    # None alone removes the property; inside a list no engine can store it.
    for part in value if isinstance(value, list | tuple) else [value]:
        if not isinstance(part, str | int | float | bool):
            raise DataError(
                _place(row),
                column=name,
                value=part,
                expected="text, a number, true or false, or a list of these",
            )
        if isinstance(part, int) and not -_INT64 <= part < _INT64:
            raise DataError(_place(row), column=name, value=part, expected="a 64-bit integer")


def _check_among(values: Collection[str], column: str, known: Sequence[str]) -> None:
    for value in sorted(set(values) - set(known)):
        raise SchemaError(
            "graph", column=column, value=value, expected=f"one of: {', '.join(known)}"
        )


def _check_id(id_: object, what: str, column: str) -> None:
    if not isinstance(id_, str) or not id_:
        expected = "text that is not empty"
        raise DataError("graph", column=f"{what} {column}", value=id_, expected=expected)


def _place(row: NodeRow | RelationshipRow) -> str:
    if isinstance(row, NodeRow):
        return f"{row.label} {row.id}"
    return f"{row.type} {row.start_id} -> {row.end_id}"
