"""The nodes and relationships of a graph, or of a part of it, page by page with all properties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from kg.errors import NotFound, QueryError
from kg.graph import GraphStore
from kg.schema import NODE_LABELS

#: (label, id), label one of Item, User, Entity.
NodeKey: TypeAlias = tuple[str, str]
#: Label -> ids, sorted: the nodes that are exported.
Chosen: TypeAlias = Mapping[str, Sequence[str]]

#: A node with more relationships tells nothing: the way from ``around`` does not lead through it.
HUB = 500
MAX_HOPS = 4
_IDS = 10_000  # ids a record
_PAGE = 1000  # nodes a statement
#: What is no property of the shop's: the store's own, and the id, which has a place of its own.
_OWN = ["id", "revision"]
_EMBEDDING = ["embedding", "embedding_version"]
_LABEL = "CASE WHEN {0}:Item THEN 'Item' WHEN {0}:User THEN 'User' ELSE 'Entity' END"


@dataclass(frozen=True, slots=True)
class ExportedNode:
    """``label`` is Item, User or Entity; ``labels`` are all, sorted; no property is None."""

    label: str
    id: str
    labels: tuple[str, ...]
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ExportedRelationship:
    """A relationship with the keys of its ends."""

    type: str
    start: NodeKey
    end: NodeKey
    properties: Mapping[str, Any]


def everything(store: GraphStore, /) -> Chosen:
    """All items, users and entities that have an id."""
    text = (
        "MATCH (n:%s) WHERE n.id IS NOT NULL WITH collect(n.id) AS ids "
        f"UNWIND range(0, size(ids) - 1, {_IDS}) AS at RETURN ids[at..at + {_IDS}] AS ids"
    )
    return {
        label: sorted(id_ for row in store.read(text % label, {}).rows for id_ in row["ids"])
        for label in NODE_LABELS
    }


def around(store: GraphStore, node: NodeKey, /, *, hops: int, max_nodes: int) -> Chosen:
    """At most ``max_nodes`` nodes that lie at most ``hops`` (1 to 4) relationships from ``node``.

    Nearer ones first, of one distance those that more relationships lead to, then by label and
    id. The way does not lead through nodes of over 500 relationships, ``node`` excepted. QueryError
    for a label or number out of range; NotFound.
    """
    if node[0] not in NODE_LABELS or not 1 <= hops <= MAX_HOPS or max_nodes < 1:
        raise QueryError(
            f"export around {node[0]}:{node[1]}, hops {hops}, max_nodes {max_nodes}: the label is "
            f"one of {', '.join(NODE_LABELS)}, hops 1 to {MAX_HOPS}, max_nodes at least 1"
        )
    if not store.read(f"MATCH (n:{node[0]} {{id: $id}}) RETURN n.id AS id", {"id": node[1]}).rows:
        raise NotFound(f"{node[0]} {node[1]!r} is not in the graph")
    known, last = {node}, [node]
    for hop in range(hops):
        links: dict[NodeKey, int] = {}
        for label in NODE_LABELS:
            ids = [id_ for kind, id_ in last if kind == label]
            bound = f"WHERE COUNT {{ (s)--() }} <= {HUB} " if hop else ""
            text = (
                f"UNWIND $ids AS id MATCH (s:{label} {{id: id}}) {bound}MATCH (s)--(n) "
                "WHERE (n:Item OR n:User OR n:Entity) AND n.id IS NOT NULL "
                f"RETURN {_LABEL.format('n')} AS label, n.id AS id, count(*) AS links"
            )
            for at in range(0, len(ids), _PAGE):
                for row in store.read(text, {"ids": ids[at : at + _PAGE]}).rows:
                    key = (row["label"], row["id"])
                    if key not in known:
                        links[key] = links.get(key, 0) + row["links"]
        ranked = sorted(links, key=lambda key: (-links[key], key))
        last = ranked[: max_nodes - len(known)]
        known.update(last)
    return {label: sorted(id_ for kind, id_ in known if kind == label) for label in NODE_LABELS}


def nodes(
    store: GraphStore, chosen: Chosen, /, *, embeddings: bool = False
) -> Iterator[ExportedNode]:
    """The chosen nodes by label and id, with their embeddings only where asked for."""
    left_out = _OWN if embeddings else _OWN + _EMBEDDING
    for label, ids in chosen.items():
        text = (
            f"UNWIND $ids AS id MATCH (n:{label} {{id: id}}) "
            "RETURN n.id AS id, labels(n) AS labels, "
            "[key IN keys(n) WHERE NOT key IN $left_out | [key, n[key]]] AS properties"
        )
        for at in range(0, len(ids), _PAGE):
            params = {"ids": ids[at : at + _PAGE], "left_out": left_out}
            rows = store.read(text, params).rows
            for row in sorted(rows, key=lambda row: row["id"]):
                yield ExportedNode(
                    label, row["id"], tuple(sorted(row["labels"])), _sorted(row["properties"])
                )


def relationships(store: GraphStore, chosen: Chosen, /) -> Iterator[ExportedRelationship]:
    """The relationships between chosen nodes, by start, type and end."""
    there = {label: frozenset(ids) for label, ids in chosen.items()}
    for label, ids in chosen.items():
        text = (
            f"UNWIND $ids AS id MATCH (n:{label} {{id: id}})-[r]->(m) "
            "WHERE m:Item OR m:User OR m:Entity "
            f"RETURN id AS start, type(r) AS type, {_LABEL.format('m')} AS label, m.id AS end, "
            "[key IN keys(r) WHERE NOT key IN $left_out | [key, r[key]]] AS properties"
        )
        for at in range(0, len(ids), _PAGE):
            rows = store.read(text, {"ids": ids[at : at + _PAGE], "left_out": ["revision"]}).rows
            found = [
                ExportedRelationship(
                    row["type"],
                    (label, row["start"]),
                    (row["label"], row["end"]),
                    _sorted(row["properties"]),
                )
                for row in rows
                if row["end"] in there[row["label"]]
            ]
            # The properties decide between several of one type, so that two exports are equal.
            yield from sorted(
                found, key=lambda each: (each.start, each.type, each.end, repr(each.properties))
            )


def _sorted(properties: list[tuple[str, Any]]) -> Mapping[str, Any]:
    return dict(sorted(properties, key=lambda pair: pair[0]))
