"""Which node and edge types a graph store holds, and the index of each node within its type.

Node types are ``user``, ``item`` and every entity kind that has a node (``colour``, ...). Edge
types are those of a Snapshot: ``(user, interacted, item)``, ``(item, has_colour, colour)``,
``(item, variant_of, item)``, each with its reverse (``(item, rev_interacted, user)``), for
messages flow from the first type to the last.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from kg.errors import SchemaError, StoreError
from kg.graph import GraphStore, Row
from kg.schema import DEFAULT_SCHEMA, INTERACTED, ITEM_ITEM_TYPES

#: (source node type, relation, destination node type), as in PyG.
EdgeType: TypeAlias = tuple[str, str, str]

_IDS = 10_000  # ids a record
_NODES = f"""
MATCH (n:%s) WHERE n.id IS NOT NULL %s WITH %s AS type, collect(n.id) AS ids
UNWIND range(0, size(ids) - 1, {_IDS}) AS at RETURN type, ids[at..at + {_IDS}] AS ids
"""
_COUNTS = f"""
MATCH (:User)-[r:{INTERACTED}]->(:Item) WHERE size($splits) = 0 OR r.split IN $splits
RETURN type(r) AS type, 'user' AS start, 'item' AS end, count(*) AS count
UNION ALL
MATCH (:Item)-[r]->(e:Entity) WHERE e.kind IS NOT NULL
RETURN type(r) AS type, 'item' AS start, e.kind AS end, count(*) AS count
UNION ALL
MATCH (:Item)-[r:{"|".join(ITEM_ITEM_TYPES)}]->(:Item)
RETURN type(r) AS type, 'item' AS start, 'item' AS end, count(*) AS count
"""


@dataclass(frozen=True, slots=True)
class Relation:
    """An edge type: relationships of ``type`` from ``start`` to ``end``, walked either way."""

    type: str
    start: str  # node type
    end: str
    count: int  # edges when the store was opened
    reverse: bool = False

    @property
    def edge_type(self) -> EdgeType:
        """What PyG calls it."""
        name = self.type.lower()
        return (
            (self.end, f"rev_{name}", self.start) if self.reverse else (self.start, name, self.end)
        )


class Topology:
    """Node ids in order and edge types of ``store``, as they were when this was made.

    ``ids[type]`` are sorted, and a node's index is its place there: the same indices as in a
    Snapshot (an entity's is its place among those of its kind). A node that comes later is not
    seen, nor an edge to it; make a new one to see them. ``splits``: only interactions of these
    splits (train, valid, test) are edges, so that no message carries what is to be foretold;
    empty: all are, those without a split too.

    SchemaError for an entity kind that is called ``item`` or ``user``.
    """

    def __init__(self, store: GraphStore, /, *, splits: Sequence[str] = ()) -> None:
        self._store, self._splits, self._process = store, list(splits), os.getpid()
        ids: dict[str, list[str]] = {"item": [], "user": []}
        for row in self.rows(_NODES % ("Item", "", "'item'"), {}):
            ids["item"] += row["ids"]
        for row in self.rows(_NODES % ("User", "", "'user'"), {}):
            ids["user"] += row["ids"]
        for row in self.rows(_NODES % ("Entity", "AND n.kind IS NOT NULL", "n.kind"), {}):
            if row["type"] in ("item", "user"):
                raise SchemaError(
                    "graph",
                    column="entity kind",
                    value=row["type"],
                    expected="a name of its own: item and user are node types",
                )
            ids.setdefault(row["type"], []).extend(row["ids"])
        for known in ids.values():
            known.sort()
        #: Node type -> ids, sorted.
        self.ids: Mapping[str, Sequence[str]] = ids
        #: Node type -> id -> index.
        self.index: Mapping[str, Mapping[str, int]] = {
            type_: {id_: at for at, id_ in enumerate(known)} for type_, known in ids.items()
        }
        schema = DEFAULT_SCHEMA.extended(tuple(sorted(ids.keys() - {"item", "user"})))
        self._labels = {type_: schema.kind(type_).label for type_ in ids.keys() - {"item", "user"}}
        self._labels |= {"item": "Item", "user": "User"}
        counted = self.rows(_COUNTS, {"splits": self._splits})
        counted.sort(key=lambda row: (row["type"], row["start"], row["end"]))
        #: Edge type -> how the database holds it; both directions.
        self.relations: Mapping[EdgeType, Relation] = {
            relation.edge_type: relation
            for row in counted
            for relation in (
                Relation(row["type"], row["start"], row["end"], row["count"]),
                Relation(row["type"], row["start"], row["end"], row["count"], reverse=True),
            )
        }

    def key_label(self, node_type: str, /) -> str:
        """The label under which a node of this type is found by its id."""
        return self._labels[node_type] if node_type in ("item", "user") else "Entity"

    def size(self, edge_type: EdgeType, /) -> tuple[int, int]:
        """(source nodes, destination nodes) of an edge type."""
        return len(self.ids[edge_type[0]]), len(self.ids[edge_type[2]])

    def into(self, edge_type: EdgeType, /) -> str:
        """Cypher: the edges ``r`` from nodes ``m`` into node ``n``, whose id is ``$ids[at]``."""
        source, _, destination = edge_type
        relation = self.relations[edge_type]
        left, right = ("-", "->") if relation.reverse else ("<-", "-")
        where = "WHERE r.split IN $splits " if relation.type == INTERACTED and self._splits else ""
        return (
            f"MATCH (n:{self.key_label(destination)} {{id: $ids[at]}})"
            f"{left}[r:`{relation.type}`]{right}(m:{self._labels[source]}) {where}"
        )

    def rows(self, text: str, params: Mapping[str, Any]) -> list[Row]:
        """All rows of a reading statement.

        StoreError in another process than the one that made this: a connection must not be
        shared by a fork.
        """
        if os.getpid() != self._process:
            raise StoreError(
                f"store {self._store.url}: opened by process {self._process} and used by its fork "
                f"{os.getpid()}: give the loader num_workers=0"
            )
        return self._store.read(text, {"splits": self._splits, **params}).rows
