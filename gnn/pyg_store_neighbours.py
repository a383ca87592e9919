"""At most k edges into each of some nodes, drawn without replacement: by the database, or here.

Floyd's algorithm (Bentley and Floyd 1987, "A sample of brilliance") draws k of d from k random
numbers, every subset as likely as any other, and is short enough to be said in Cypher: so no
more than k neighbours a node leave the database, however many there are.
"""

from __future__ import annotations

from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gnn.pyg_store_edges import StoreEdges
from gnn.pyg_store_topology import EdgeType, Topology

Int64: TypeAlias = NDArray[np.int64]
#: (m,) position among the nodes asked for, (m,) index of the source node: one edge each.
Drawn: TypeAlias = tuple[Int64, Int64]

_PAGE = 500  # nodes whose edges the database looks at in one statement
_ALL = (
    "UNWIND range(0, size($ids) - 1) AS at {into}RETURN collect(at) AS at, collect(m.id) AS source"
)
_DRAW = """UNWIND range(0, size($ids) - 1) AS at {into}
WITH at, collect(m) AS found
WITH at, found, size(found) AS degree
WITH at, found, CASE WHEN degree <= $k THEN range(0, degree - 1) ELSE
  reduce(drawn = [], j IN range(0, $k - 1) | drawn + [
    CASE WHEN toInteger($chances[at * $k + j] * (degree - $k + j + 1)) IN drawn
    THEN degree - $k + j
    ELSE toInteger($chances[at * $k + j] * (degree - $k + j + 1)) END]) END AS drawn
UNWIND drawn AS position
WITH at, found[position] AS m
RETURN collect(at) AS at, collect(m.id) AS source"""


class Neighbours(Protocol):
    """Edges into nodes."""

    def draw(
        self, edge_type: EdgeType, nodes: Int64, /, *, k: int, chances: NDArray[np.float64]
    ) -> Drawn:
        """At most ``k`` (-1: all) of the edges of ``edge_type`` into each of ``nodes``.

        ``nodes``: (n,) indices of its destination type; ``chances``: (n, k) in [0, 1), what the
        draw is made from.
        """
        ...


class StoreNeighbours:
    """Drawn by the database, a statement a page of nodes: nothing is kept here.

    The same chances give the same edges as long as nobody writes, on one engine; another may
    keep a node's relationships in another order.
    """

    def __init__(self, topology: Topology, /) -> None:
        self._topology = topology

    def draw(
        self, edge_type: EdgeType, nodes: Int64, /, *, k: int, chances: NDArray[np.float64]
    ) -> Drawn:
        """See `Neighbours.draw`."""
        source_type, _, destination_type = edge_type
        ids, index = self._topology.ids[destination_type], self._topology.index[source_type]
        text = (_ALL if k < 0 else _DRAW).format(into=self._topology.into(edge_type))
        ats, sources = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for start in range(0, len(nodes), _PAGE):
            params: dict[str, object] = {
                "ids": [ids[node] for node in nodes[start : start + _PAGE].tolist()]
            }
            if k >= 0:
                params |= {"k": k, "chances": chances[start : start + _PAGE].ravel().tolist()}
            (found,) = self._topology.rows(text, params)
            source = np.fromiter((index.get(id_, -1) for id_ in found["source"]), np.int64)
            there = source >= 0
            ats.append(np.array(found["at"], dtype=np.int64)[there] + start)
            sources.append(source[there])
        at, source = np.concatenate(ats), np.concatenate(sources)
        # Rows come in the engine's order; a sampler's nodes must not.
        order = np.lexsort((source, at))
        return at[order], source[order]


class CachedNeighbours:
    """Drawn from the edge index that `StoreEdges` keeps: fast, where it fits into memory."""

    def __init__(self, edges: StoreEdges, /) -> None:
        self._edges = edges

    def draw(
        self, edge_type: EdgeType, nodes: Int64, /, *, k: int, chances: NDArray[np.float64]
    ) -> Drawn:
        """See `Neighbours.draw`."""
        row, pointer = (
            part.numpy() for part in self._edges.get_edge_index(edge_type=edge_type, layout="csc")
        )
        first = pointer[nodes]
        degree = pointer[nodes + 1] - first
        taken = degree if k < 0 else np.minimum(degree, k)
        at = np.repeat(np.arange(len(nodes), dtype=np.int64), taken)
        # 0, 1, ... within each node: all edges of those that have no more than k.
        position = np.arange(len(at), dtype=np.int64) - np.repeat(np.cumsum(taken) - taken, taken)
        if k > 0:
            many = np.flatnonzero(degree > k)
            drawn = _floyd(degree[many], chances[many])
            position[np.isin(at, many)] = drawn.ravel()
        return at, row[first[at] + position]


def _floyd(degree: Int64, chances: NDArray[np.float64]) -> Int64:
    """(n, k) different positions below ``degree`` (n,), each > k, from chances (n, k)."""
    k = chances.shape[1]
    drawn = np.full(chances.shape, -1, dtype=np.int64)
    for j in range(k):
        last = degree - k + j
        position = (chances[:, j] * (last + 1)).astype(np.int64)
        taken = (drawn[:, :j] == position[:, None]).any(axis=1)
        drawn[:, j] = np.where(taken, last, position)
    return drawn
