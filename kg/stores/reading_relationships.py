"""The relationships of a snapshot: columns kept from before, and columns read page by page.

Indices are into the nodes as they are now. A relationship with an end that is not among them
(deleted, or newer than the list of nodes) is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kg.schema import ITEM_ITEM_TYPES
from kg.snapshot import (
    SPLITS,
    EntityRow,
    Int32,
    Interactions,
    ItemEntities,
    ItemItems,
    ItemRow,
    Profile,
)
from kg.snapshot_tables import interactions_table, item_entities_table, item_items_table
from kg.stores.connection import Connection
from kg.stores.reading_nodes import Nodes
from kg.stores.reading_pages import pages

#: Column -> what it is read from and kept as; ``str`` becomes codes of a vocabulary.
_Columns: TypeAlias = Mapping[str, tuple[str, type[np.number[Any]] | type[str]]]

_SPLIT = "CASE r.split " + " ".join(
    f"WHEN '{name}' THEN {code}" for code, name in enumerate(SPLITS)
)
_INTERACTIONS: _Columns = {
    "weight": ("coalesce(r.weight, 1.0)", np.float32),
    "at_s": ("r.at_s", np.float64),
    "event": ("r.event", str),
    "split": (f"{_SPLIT} ELSE -1 END", np.int8),
}
_ITEM_ENTITIES: _Columns = {
    "confidence": ("coalesce(r.confidence, 1.0)", np.float32),
    "modality": ("coalesce(r.modality, 'unknown')", str),
}
_ITEM_ITEMS: _Columns = {
    "score": ("coalesce(r.score, 1.0)", np.float64),
    "type": ("type(r)", str),
}


class _Codes(dict[str, int]):
    """A vocabulary that grows: name -> code, in the order of first sight."""

    def __missing__(self, name: str) -> int:
        self[name] = code = len(self)
        return code

    def of(self, names: Sequence[str]) -> Int32:
        return np.fromiter(map(self.__getitem__, names), np.int32, len(names))


class _Table:
    """Columns of one kind of relationship while they are gathered."""

    def __init__(self, columns: _Columns) -> None:
        self.names = {name: _Codes() for name, (_, kind) in columns.items() if kind is str}
        self._columns = columns
        self._parts: dict[str, list[NDArray[Any]]] = {
            name: [] for name in ("start", "end", *columns)
        }

    def add(self, start: Int32, end: Int32, columns: Mapping[str, Any]) -> None:
        """Rows whose two ends are there, that is not -1."""
        there = (start >= 0) & (end >= 0)
        self._parts["start"].append(start[there])
        self._parts["end"].append(end[there])
        for name, (_, kind) in self._columns.items():
            codes = self.names.get(name)
            values = columns[name]
            column = np.asarray(values, kind) if codes is None else codes.of(values)
            self._parts[name].append(column[there])

    def read(
        self, connection: Connection, match: str, starts: Nodes[Any], ends: Nodes[Any]
    ) -> None:
        """Add the relationships ``r`` to ``e`` of the start nodes that were read anew."""
        wanted = {"end": "e.id"} | {name: text for name, (text, _) in self._columns.items()}
        for ids, found in pages(connection, starts.read, match, wanted):
            start = np.array([starts.index[id_] for id_ in ids], dtype=np.int32)
            index, names = ends.index, found["end"]
            end = np.fromiter((index.get(id_, -1) for id_ in names), np.int32, len(names))
            self.add(start[np.array(found["at"], dtype=np.int32)], end, found)

    def column(self, name: str) -> NDArray[Any]:
        """The whole of a column, codes of ``names`` where it holds text."""
        parts = self._parts.pop(name)
        return np.concatenate(parts)


def read_interactions(
    connection: Connection,
    before: Interactions,
    users: Nodes[tuple[str, Profile]],
    items: Nodes[ItemRow],
) -> Interactions:
    """What users did. DataError for one without ``event`` or ``at_s``."""
    table = _Table(_INTERACTIONS)
    event = [before.events[code] for code in before.event.tolist()]
    columns = {"weight": before.weight, "at_s": before.at_s, "event": event, "split": before.split}
    table.add(users.kept[before.user], items.moved[before.item], columns)
    table.read(connection, "MATCH (:User {id: $ids[at]})-[r:INTERACTED]->(e:Item)", users, items)
    return interactions_table(
        table.column("start"),
        table.column("end"),
        weight=table.column("weight"),
        at_s=table.column("at_s"),
        event=table.column("event"),
        events=list(table.names["event"]),
        split=table.column("split"),
    )


def read_item_entities(
    connection: Connection,
    before: ItemEntities,
    items: Nodes[ItemRow],
    entities: Nodes[EntityRow],
) -> ItemEntities:
    """What is said of items, whatever the relationship's type."""
    table = _Table(_ITEM_ENTITIES)
    columns = {"confidence": before.confidence, "modality": before.modality}
    table.add(items.kept[before.item], entities.moved[before.entity], columns)
    table.read(connection, "MATCH (:Item {id: $ids[at]})-[r]->(e:Entity)", items, entities)
    return item_entities_table(
        table.column("start"),
        table.column("end"),
        confidence=table.column("confidence"),
        modality=table.column("modality"),
        modalities=list(table.names["modality"]),
    )


def read_item_items(connection: Connection, before: ItemItems, items: Nodes[ItemRow]) -> ItemItems:
    """Variants, links and the like between items."""
    table = _Table(_ITEM_ITEMS)
    type_ = [before.types[code] for code in before.type.tolist()]
    columns = {"score": before.score, "type": type_}
    table.add(items.kept[before.source], items.moved[before.target], columns)
    types = "|".join(ITEM_ITEM_TYPES)
    table.read(connection, f"MATCH (:Item {{id: $ids[at]}})-[r:{types}]->(e:Item)", items, items)
    return item_items_table(
        table.column("type"),
        table.column("start"),
        table.column("end"),
        score=table.column("score"),
        types=list(table.names["type"]),
    )
