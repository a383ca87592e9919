"""The graph around a node as a networkx graph, and what lies nearest in it.

Personalised PageRank (Haveliwala 2002; Page et al. 1999) walks from the node along relationships
in either direction and comes back to it now and then: where it is found most often is near. It
needs no training and sees people, entities and links between items at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import networkx

from kg.errors import NotFound, QueryError
from kg.graph import GraphStore
from kg.queries import load_query
from kg.schema import NODE_LABELS

#: (label, id), label one of Item, User, Entity.
NodeKey: TypeAlias = tuple[str, str]
MAX_HOPS = 3


@dataclass(frozen=True, slots=True)
class NearItem:
    """An item and the share of the walk that is spent there; higher is nearer."""

    item_id: str
    score: float


def neighbourhood(
    store: GraphStore, node: NodeKey, /, *, hops: int = 2, max_nodes: int = 500
) -> networkx.MultiDiGraph:
    """What lies at most ``hops`` (1 to 3) relationships from ``node``, itself included.

    Nodes are (label, id) with attributes ``label`` and ``id``; edges point as in the graph, a
    relationship type is the key, with attributes ``type``, ``weight`` (interactions: summed;
    others: greatest confidence or score) and ``times``. People other than ``node`` are called
    'person N'. At most ``max_nodes`` nodes, and hubs are not walked through: see
    cypher/recommendations/neighbourhood. A node without relationships stands alone.

    QueryError for another label, or ``hops`` or ``max_nodes`` out of range; NotFound where there
    is no such node.
    """
    label, id_ = node
    if label not in NODE_LABELS or not 1 <= hops <= MAX_HOPS or max_nodes < 1:
        raise QueryError(
            f"neighbourhood of {label} {id_!r}, hops {hops}, max_nodes {max_nodes}: the label is "
            f"one of {', '.join(NODE_LABELS)}, hops 1 to {MAX_HOPS}, max_nodes at least 1"
        )
    rows = store.run(
        load_query("recommendations/neighbourhood"),
        label=label,
        id=id_,
        hops=hops,
        max_nodes=max_nodes,
    )
    if not rows and not store.run(load_query("graph/node"), label=label, id=id_):
        raise NotFound(f"{label} {id_!r} is not in the graph")
    graph = networkx.MultiDiGraph()
    graph.add_node(node, label=label, id=id_)
    for row in rows:
        source = (row["source_label"], row["source_id"])
        target = (row["target_label"], row["target_id"])
        for key in (source, target):
            graph.add_node(key, label=key[0], id=key[1])
        graph.add_edge(
            source,
            target,
            key=row["type"],
            type=row["type"],
            weight=row["weight"],
            times=row["times"],
        )
    return graph


def personalised_pagerank(
    store: GraphStore,
    node: NodeKey,
    /,
    *,
    k: int = 20,
    hops: int = 3,
    max_nodes: int = 500,
    damping: float = 0.85,
) -> list[NearItem]:
    """The ``k`` items nearest to a user, an item or an entity; best first, ties by id.

    Left out are the node itself and, for a user, what they chose. ``damping`` in (0, 1): the
    chance to walk on instead of going back to ``node``. Errors as `neighbourhood`.
    """
    graph = neighbourhood(store, node, hops=hops, max_nodes=max_nodes)
    known = {node} | {
        target for _, target, kind in graph.out_edges(node, keys=True) if kind == "INTERACTED"
    }
    scores = walk(graph, node, damping=damping)
    near = [
        NearItem(id_, score)
        for (label, id_), score in scores.items()
        if label == "Item" and (label, id_) not in known
    ]
    return sorted(near, key=lambda item: (-item.score, item.item_id))[:k]


def walk(
    graph: networkx.MultiDiGraph, start: NodeKey, /, *, damping: float = 0.85
) -> Mapping[NodeKey, float]:
    """Where a walk from ``start`` is found, by node: sums to 1.

    Each relationship is walked in both directions, the more often the greater its ``weight``;
    weights of several relationships between two nodes add up, and one of 0 or less is no way.
    """
    undirected = networkx.Graph()
    undirected.add_nodes_from(graph)
    for source, target, weight in graph.edges(data="weight"):
        if weight > 0:
            before = undirected.get_edge_data(source, target, {"weight": 0.0})["weight"]
            undirected.add_edge(source, target, weight=before + weight)
    found: Mapping[NodeKey, float] = networkx.pagerank(
        undirected,
        alpha=damping,
        personalization={start: 1.0},
        dangling={start: 1.0},
        tol=1e-12,
        max_iter=1000,
        weight="weight",
    )
    return found
