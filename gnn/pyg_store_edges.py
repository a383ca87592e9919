"""PyG's GraphStore over a graph store: the edges of a type as one sorted tensor."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import EdgeAttr, GraphStore
from torch_geometric.data.graph_store import EdgeLayout

from gnn.pyg_store_topology import EdgeType, Topology
from kg.errors import StoreError

_PAGE = 2000  # nodes whose edges are read at once


class StoreEdges(GraphStore):  # type: ignore[misc]
    """Edge types of the database; each is read when it is first asked for.

    Caching: an edge type read once is kept, 8 bytes an edge and as many a node, and is never
    read again, for PyG takes edge indices to be static. `remove_edge_index` forgets the copy (the
    database is not touched) so that the next reading sees the graph as it is then. A
    `StoreSampler` needs none of it: it asks the database hop by hop.

    Layout is CSC, sorted by destination, then source: ``(row, colptr)`` int64, a relationship an
    edge, so that several between two nodes are several edges.
    """

    def __init__(self, topology: Topology, /) -> None:
        super().__init__()
        self.topology = topology
        self._read: dict[EdgeType, tuple[Tensor, Tensor]] = {}
        self._reading = threading.Lock()

    def get_all_edge_attrs(self) -> list[EdgeAttr]:
        """Every edge type, with the number of nodes at its ends."""
        return [
            EdgeAttr(edge_type, EdgeLayout.CSC, size=self.topology.size(edge_type))
            for edge_type in self.topology.relations
        ]

    def _get_edge_index(self, edge_attr: EdgeAttr) -> tuple[Tensor, Tensor] | None:
        edge_type: EdgeType = tuple(edge_attr.edge_type)
        if edge_type not in self.topology.relations or edge_attr.layout != EdgeLayout.CSC:
            return None
        with self._reading:
            if edge_type not in self._read:
                self._read[edge_type] = self._csc(edge_type)
            return self._read[edge_type]

    def _remove_edge_index(self, edge_attr: EdgeAttr) -> bool:
        with self._reading:
            return self._read.pop(tuple(edge_attr.edge_type), None) is not None

    def _put_edge_index(self, edge_index: Any, edge_attr: EdgeAttr) -> bool:
        raise StoreError(
            f"edges {edge_attr.edge_type}: this view of the graph only reads; "
            "relationships are written by GraphStore.write"
        )

    def _csc(self, edge_type: EdgeType) -> tuple[Tensor, Tensor]:
        source_type, _, destination_type = edge_type
        ids, index = self.topology.ids[destination_type], self.topology.index[source_type]
        text = (
            f"UNWIND range(0, size($ids) - 1) AS at {self.topology.into(edge_type)}"
            "RETURN collect(at) AS at, collect(m.id) AS source"
        )
        empty = np.empty(0, dtype=np.int64)
        rows, columns = [empty], [empty]
        for start in range(0, len(ids), _PAGE):
            (found,) = self.topology.rows(text, {"ids": ids[start : start + _PAGE]})
            source = np.fromiter((index.get(id_, -1) for id_ in found["source"]), np.int64)
            there = source >= 0
            rows.append(source[there])
            columns.append(np.array(found["at"], dtype=np.int64)[there] + start)
        row, column = np.concatenate(rows), np.concatenate(columns)
        order = np.lexsort((row, column))
        counts = np.bincount(column, minlength=len(ids))
        pointer = np.concatenate(([0], np.cumsum(counts))).astype(np.int64)
        return torch.from_numpy(row[order]), torch.from_numpy(pointer)
