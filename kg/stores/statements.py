"""Rows of a GraphBatch as statements: checked, grouped, ordered, at most 1,000 rows each.

Labels and types cannot be parameters in Cypher 5, so they are checked against the schema and
quoted; everything else travels in parameters, so that data stays data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
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

ROWS = 1000
#: Of a whole message: engines refuse, or wait for ever on, one of 16 MB and more (4 B a character).
CHARACTERS = 3_000_000
#: Always stored as floats: an engine that infers types must not see 1 before 0.5.
FLOATS = frozenset({"at_s", "weight", "confidence", "score", "price", "rating"})
_INT64 = 1 << 63


@dataclass(frozen=True, slots=True)
class Merge:
    """One statement and its rows; ``relationships`` where each row is one to merge."""

    text: str
    rows: list[dict[str, Any]]
    relationships: bool


def node_merges(nodes: Sequence[NodeRow], schema: GraphSchema) -> Iterator[Merge]:
    """MERGE by id, entities with both labels and their ``kind`` at creation."""
    kinds = {kind.label: kind.name for kind in schema.kinds.values()}
    for row in nodes:
        if row.label not in kinds and row.label not in {"Item", "User"}:
            known = ", ".join(["Item", "User", *sorted(kinds)])
            raise SchemaError("graph", column="label", value=row.label, expected=f"one of: {known}")
        _check_id(row.id, f"{row.label} id")
        if row.properties.get("id", row.id) != row.id:
            raise DataError(
                f"{row.label} {row.id}",
                column="id",
                value=row.properties["id"],
                expected="the node's own id",
            )
    for label, group in groupby(sorted(nodes, key=lambda row: row.label), lambda row: row.label):
        kind = kinds.get(label)
        labels = f"`{label}`" if kind is None else f"Entity:`{label}`"
        text = (
            f"UNWIND $rows AS row MERGE (n:{labels} {{id: row.id}}) "
            "SET n += row.properties RETURN count(*) AS matched"
        )
        extra = {} if kind is None else {"kind": kind}
        rows = [
            {
                "id": row.id,
                "properties": extra | _properties(row.properties, f"{row.label} {row.id}"),
            }
            for row in group
        ]
        yield from _chunks(text, rows, relationships=False)


def relationship_merges(
    relationships: Sequence[RelationshipRow], schema: GraphSchema
) -> Iterator[Merge]:
    """MERGE between existing ends, sorted by start: an engine then touches each page once."""
    entity_labels = {kind.label for kind in schema.kinds.values()} | {"Entity"}
    ends = entity_labels | {"Item", "User"}
    types = {kind.relationship for kind in schema.kinds.values()}
    types |= {INTERACTED, REVIEWED, BROADER, SAME_AS, *ITEM_ITEM_TYPES}

    def group_of(row: RelationshipRow) -> tuple[str, str, str]:
        # The unique index is on Entity, whatever the kind.
        return row.type, _end(row.start_label, entity_labels), _end(row.end_label, entity_labels)

    for row in relationships:
        for column, value, known in (
            ("type", row.type, types),
            ("label", row.start_label, ends),
            ("label", row.end_label, ends),
        ):
            if value not in known:
                raise SchemaError(
                    "graph",
                    column=column,
                    value=value,
                    expected=f"one of: {', '.join(sorted(known))}",
                )
        _check_id(row.start_id, f"{row.type} start")
        _check_id(row.end_id, f"{row.type} end")
    ordered = sorted(relationships, key=lambda row: (group_of(row), row.start_id, row.end_id))
    for (type_, start, end), group in groupby(ordered, group_of):
        keys = relationship_keys(type_)
        identity = ", ".join(f"`{key}`: row.properties.`{key}`" for key in keys)
        text = (
            f"UNWIND $rows AS row MATCH (s:`{start}` {{id: row.start}}) "
            f"MATCH (e:`{end}` {{id: row.end}}) "
            f"MERGE (s)-[r:`{type_}`{f' {{{identity}}}' if keys else ''}]->(e) "
            "SET r += row.properties RETURN count(*) AS matched"
        )
        rows = [_relationship(row, keys) for row in group]
        yield from _chunks(text, rows, relationships=True)


def relationship_deletes(
    relationships: Sequence[RelationshipRow], schema: GraphSchema
) -> Iterator[Merge]:
    """DELETE by identity. The type is data here: its kind may have left the schema since."""
    entity_labels = {kind.label for kind in schema.kinds.values()} | {"Entity"}
    for row in relationships:
        for label in (row.start_label, row.end_label):
            if label not in entity_labels | {"Item", "User"}:
                raise SchemaError(
                    "graph", column="label", value=label, expected="Item, User, Entity or a kind's"
                )

    def group_of(row: RelationshipRow) -> tuple[str, str, tuple[str, ...]]:
        start, end = _end(row.start_label, entity_labels), _end(row.end_label, entity_labels)
        return start, end, relationship_keys(row.type)

    ordered = sorted(relationships, key=lambda row: (group_of(row), row.start_id, row.end_id))
    for (start, end, keys), group in groupby(ordered, group_of):
        same = "".join(f" AND r.`{key}` = row.properties.`{key}`" for key in keys)
        text = (
            f"UNWIND $rows AS row MATCH (s:`{start}` {{id: row.start}})-[r]->"
            f"(e:`{end}` {{id: row.end}}) WHERE type(r) = row.type{same} "
            "DELETE r RETURN count(*) AS matched"
        )
        rows = [{"type": row.type, **_relationship(row, keys)} for row in group]
        yield from _chunks(text, rows, relationships=False)


def _end(label: str, entity_labels: set[str]) -> str:
    return "Entity" if label in entity_labels else label


def _relationship(row: RelationshipRow, keys: Iterable[str]) -> dict[str, Any]:
    place = f"{row.type} {row.start_id} -> {row.end_id}"
    properties = _properties(row.properties, place)
    for key in keys:
        if properties.get(key) is None:
            raise DataError(
                place,
                column=key,
                value=None,
                expected=f"a value: {key} tells one {row.type} from another",
            )
    return {"start": row.start_id, "end": row.end_id, "properties": properties}


def _properties(given: Mapping[str, PropertyValue], place: str) -> dict[str, PropertyValue]:
    checked: dict[str, PropertyValue] = {}
    for name, value in given.items():
        if not name or "`" in name or "@" in name:
            raise DataError(
                place, column="property", value=name, expected="a name without ` and @ in it"
            )
        # None alone removes the property; inside a list no engine can store it.
        parts = value if isinstance(value, list | tuple) else [] if value is None else [value]
        for part in parts:
            if not isinstance(part, str | int | float | bool):
                raise DataError(
                    place,
                    column=name,
                    value=part,
                    expected="text, a number, true or false, or a list of these",
                )
            if isinstance(part, int) and not -_INT64 <= part < _INT64:
                raise DataError(place, column=name, value=part, expected="a 64-bit integer")
        if name in FLOATS and isinstance(value, int) and not isinstance(value, bool):
            checked[name] = float(value)
        else:
            checked[name] = list(value) if isinstance(value, tuple) else value
    return checked


def _check_id(id_: object, column: str) -> None:
    if not isinstance(id_, str) or not id_:
        raise DataError("graph", column=column, value=id_, expected="text that is not empty")


def _chunks(text: str, rows: list[dict[str, Any]], *, relationships: bool) -> Iterator[Merge]:
    chunk: list[dict[str, Any]] = []
    size = 0
    for row in rows:
        length = len(repr(row))
        if length > CHARACTERS:
            raise DataError(
                "graph",
                column="properties",
                value=f"{row.get('id', row.get('start'))}: {length} characters",
                expected=f"at most {CHARACTERS} characters",
            )
        if len(chunk) == ROWS or size + length > CHARACTERS:
            yield Merge(text, chunk, relationships)
            chunk, size = [], 0
        chunk.append(row)
        size += length
    if chunk:
        yield Merge(text, chunk, relationships)
