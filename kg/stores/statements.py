"""Checked rows as statements: grouped by source node, ordered, cut by bytes.

Labels and types cannot be parameters in Cypher 5, so they are checked against the schema and
quoted; everything else travels in parameters, so that data stays data.

Each statement first raises the graph's ``revision``, then stamps the nodes that it merges, and
the start of each relationship that it merges or deletes, with it. The graph's own node is locked
by that until the commit: transactions of several processes follow one another, never deadlock,
and are committed in the order of their revisions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from kg.graph import NodeRow, PropertyValue, RelationshipRow
from kg.schema import GraphSchema, relationship_keys
from kg.stores.rows import CHARACTERS, entity_labels, stored

#: Rows of a statement at most: other writers wait for a transaction, and its memory is bounded.
ROWS = 5000
#: What goes into a message, the characters it takes there, about, and how many rows it counts.
_Sized: TypeAlias = tuple[list[Any], int, int]
_FRAME = 12  # bytes around a row in a message
_RAISE = (
    "MATCH (g:Graph {id: 'graph'}) SET g.revision = coalesce(g.revision, 0) + 1 "
    "WITH g.revision AS revision UNWIND $rows AS row "
)


#: The graph's node locked and its revision raised, alone.
RAISE = (
    "MATCH (g:Graph {id: 'graph'}) SET g.revision = coalesce(g.revision, 0) + 1 "
    "RETURN g.revision AS revision"
)


@dataclass(frozen=True, slots=True)
class Creation:
    """How starts without any relationship of the type get theirs: CREATE looks for nothing.

    ``old`` returns, of parameter ``starts``, the ids that have one. ``text`` takes ``revision``
    and ``rows`` as `columns` makes them. Right as long as the graph's node stays locked between
    the two, so that no other write of ours comes between.
    """

    old: str
    text: str
    names: tuple[str, ...]
    #: Starts of which one relationship is said more than once: these are merged.
    twice: frozenset[str]

    def columns(self, rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
        """Rows of a `Merge` with properties as columns: smaller, and read faster, than maps."""
        names = self.names
        return [
            [start, [[end, *[given.get(name) for name in names]] for end, given in targets]]
            for start, targets in rows
        ]


@dataclass(frozen=True, slots=True)
class Merge:
    """One statement and its parameter ``rows``; ``relationships``: how many it merges."""

    text: str
    rows: list[list[Any]]
    relationships: int = 0
    creation: Creation | None = None


def node_merges(nodes: Sequence[NodeRow], schema: GraphSchema) -> Iterator[Merge]:
    """MERGE by id, entities with both labels and their ``kind`` at creation; sorted by id."""
    kinds = entity_labels(schema)
    by_label: dict[str, list[NodeRow]] = {}
    for row in nodes:
        by_label.setdefault(row.label, []).append(row)
    for label, group in sorted(by_label.items()):
        labels = f"Entity:`{label}`" if label in kinds else f"`{label}`"
        kind = f"n.kind = '{kinds[label]}', " if label in kinds else ""
        text = (
            f"{_RAISE}MERGE (n:{labels} {{id: row[0]}}) "
            f"SET {kind}n += row[1], n.revision = revision RETURN count(*) AS matched"
        )
        group.sort(key=lambda row: row.id)
        for part, _, _ in _cut(_named(row.id, row.properties) for row in group):
            yield Merge(text, part)


def relationship_merges(
    relationships: Sequence[RelationshipRow], schema: GraphSchema
) -> Iterator[Merge]:
    """MERGE between existing ends, a row a start node: an engine looks each up once.

    Starts and ends are in order, so that it also touches each page once.
    """
    for (type_, start, end), starts in sorted(_by_start(relationships, schema).items()):
        keys = relationship_keys(type_)
        identity = ", ".join(f"`{key}`: to[1].`{key}`" for key in keys)
        text = (
            f"{_RAISE}MATCH (s:`{start}` {{id: row[0]}}) SET s.revision = revision "
            f"WITH s, row UNWIND row[1] AS to MATCH (e:`{end}` {{id: to[0]}}) "
            f"MERGE (s)-[r:`{type_}`{f' {{{identity}}}' if keys else ''}]->(e) "
            "SET r += to[1] RETURN count(*) AS matched"
        )
        creation = _creation((type_, start, end), starts, _said_twice(starts, keys))
        for part, _, count in _cut(_from_starts(starts)):
            yield Merge(text, part, count, creation)


def _creation(
    group: tuple[str, str, str],
    starts: Mapping[str, Sequence[RelationshipRow]],
    twice: frozenset[str],
) -> Creation:
    type_, start, end = group
    names = tuple(
        sorted({name for rows in starts.values() for row in rows for name in row.properties})
    )
    given = ", ".join(f"`{name}`: to[{place}]" for place, name in enumerate(names, start=1))
    return Creation(
        f"UNWIND $starts AS id MATCH (s:`{start}` {{id: id}}) "
        f"WHERE EXISTS {{ (s)-[:`{type_}`]->() }} RETURN id",
        f"UNWIND $rows AS row MATCH (s:`{start}` {{id: row[0]}}) SET s.revision = $revision "
        f"WITH s, row UNWIND row[1] AS to MATCH (e:`{end}` {{id: to[0]}}) "
        f"CREATE (s)-[:`{type_}`{f' {{{given}}}' if names else ''}]->(e) "
        "RETURN count(*) AS matched",
        names,
        twice,
    )


def relationship_deletes(
    relationships: Sequence[RelationshipRow], schema: GraphSchema
) -> Iterator[Merge]:
    """DELETE by identity. The type is data here: its kind may have left the schema since."""
    entities = entity_labels(schema)
    groups: dict[tuple[str, str, tuple[str, ...]], list[RelationshipRow]] = {}
    for row in relationships:
        ends = _end(row.start_label, entities), _end(row.end_label, entities)
        groups.setdefault((*ends, relationship_keys(row.type)), []).append(row)
    for (start, end, keys), group in sorted(groups.items()):
        same = "".join(f" AND r.`{key}` = row[3].`{key}`" for key in keys)
        text = (
            f"{_RAISE}MATCH (s:`{start}` {{id: row[0]}})-[r]->(e:`{end}` {{id: row[1]}}) "
            f"WHERE type(r) = row[2]{same} SET s.revision = revision "
            "DELETE r RETURN count(*) AS matched"
        )
        group.sort(key=lambda row: (row.start_id, row.end_id))
        for part, _, _ in _cut(_withdrawn(row, keys) for row in group):
            yield Merge(text, part)


def _by_start(
    relationships: Sequence[RelationshipRow], schema: GraphSchema
) -> dict[tuple[str, str, str], dict[str, list[RelationshipRow]]]:
    """(type, start label, end label) -> start id -> rows, in the order given."""
    entities = entity_labels(schema)
    # The unique index is on Entity, whatever the kind.
    group_of = {
        (type_, start, end): (type_, _end(start, entities), _end(end, entities))
        for type_, start, end in {
            (row.type, row.start_label, row.end_label) for row in relationships
        }
    }
    groups: dict[tuple[str, str, str], dict[str, list[RelationshipRow]]] = {}
    for row in relationships:
        group = group_of[row.type, row.start_label, row.end_label]
        groups.setdefault(group, {}).setdefault(row.start_id, []).append(row)
    return groups


def _from_starts(starts: dict[str, list[RelationshipRow]]) -> Iterator[_Sized]:
    """[start id, [[end id, properties], ...]] with its size; a hub's are several."""
    for start in sorted(starts):
        rows = starts[start]
        rows.sort(key=lambda row: row.end_id)
        for targets, length, count in _cut(_named(row.end_id, row.properties) for row in rows):
            yield [start, targets], len(start) + length, count


def _said_twice(
    starts: Mapping[str, Sequence[RelationshipRow]], keys: tuple[str, ...]
) -> frozenset[str]:
    """Starts of which one relationship is said more than once."""
    found = set()
    for start, rows in starts.items():
        # To Python, unlike Cypher, True is 1: told apart too seldom does no harm here.
        said = {(row.end_id, *[row.properties[key] for key in keys]) for row in rows}
        if len(said) < len(rows):
            found.add(start)
    return frozenset(found)


def _named(id_: str, properties: Mapping[str, PropertyValue]) -> _Sized:
    values, length = stored(properties)
    return [id_, values], len(id_) + length, 1


def _withdrawn(row: RelationshipRow, keys: tuple[str, ...]) -> _Sized:
    identity, length = stored({key: row.properties[key] for key in keys})
    length += len(row.start_id) + len(row.end_id) + len(row.type)
    return [row.start_id, row.end_id, row.type, identity], length, 1


def _cut(rows: Iterable[_Sized]) -> Iterator[_Sized]:
    """``rows`` in parts of at most CHARACTERS and ROWS; none is cut itself."""
    part: list[Any] = []
    characters = counted = 0
    for row, length, count in rows:
        if part and (counted + count > ROWS or characters + length > CHARACTERS):
            yield part, characters, counted
            part, characters, counted = [], 0, 0
        part.append(row)
        characters += length + _FRAME
        counted += count
    if part:
        yield part, characters, counted


def _end(label: str, entities: dict[str, str]) -> str:
    return "Entity" if label in entities else label
