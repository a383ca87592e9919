"""A PyG sampler over the database: hop by hop, it asks for neighbours of what it found before.

PyG's own NeighborSampler wants pyg-lib or torch-sparse and all edges in memory. This one needs
neither; give it to ``NeighborLoader(..., neighbor_sampler=)``, ``NodeLoader`` or ``LinkLoader``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch_geometric.sampler import (
    BaseSampler,
    EdgeSamplerInput,
    HeteroSamplerOutput,
    NegativeSampling,
    NodeSamplerInput,
    NumNeighbors,
)
from torch_geometric.sampler.neighbor_sampler import edge_sample

from gnn.pyg_store_edges import StoreEdges
from gnn.pyg_store_neighbours import CachedNeighbours, Drawn, Int64, Neighbours, StoreNeighbours
from gnn.pyg_store_topology import EdgeType

#: Edge types asked for at once: the engine answers one while another is read here.
_READERS = 2


class StoreSampler(BaseSampler):  # type: ignore[misc]
    """GraphSAGE's neighbour sampling (Hamilton et al. 2017) over the types of ``edges``.

    ``num_neighbors``: a number a hop for all edge types, or edge type -> numbers, with
    ``default`` for those not named; -1 takes all. Each node is expanded in the hop after the one
    it was first met in, and edges point from the neighbour to it, as with PyG's directional
    NeighborSampler. Random numbers are torch's: `torch.manual_seed` repeats a batch as long as
    nobody writes to the graph. ``cached``: draw from the edge indices that ``edges`` keeps
    instead of asking the database.
    """

    def __init__(
        self,
        edges: StoreEdges,
        num_neighbors: Sequence[int] | Mapping[EdgeType, Sequence[int]],
        *,
        default: Sequence[int] | None = None,
        cached: bool = False,
    ) -> None:
        topology = edges.topology
        if isinstance(num_neighbors, Mapping):
            lengths = {tuple(key): list(given) for key, given in num_neighbors.items()}
            numbers = NumNeighbors(lengths, None if default is None else list(default))
        else:
            numbers = NumNeighbors(list(num_neighbors))
        self._numbers: dict[EdgeType, list[int]] = numbers.get_values(list(topology.relations))
        self._hops: int = numbers.num_hops
        self._topology = topology
        self._neighbours: Neighbours = (
            CachedNeighbours(edges) if cached else StoreNeighbours(topology)
        )
        self._counts = {type_: len(ids) for type_, ids in topology.ids.items()}

    def sample_from_nodes(self, index: NodeSamplerInput, **_: Any) -> HeteroSamplerOutput:
        """The subgraph around nodes of one type."""
        out = self._sample({index.input_type: index.node})
        out.metadata = (index.input_id, index.time)
        return out

    def sample_from_edges(
        self, index: EdgeSamplerInput, neg_sampling: NegativeSampling | None = None
    ) -> HeteroSamplerOutput:
        """The subgraph around both ends of edges, and of drawn negative ones."""
        return edge_sample(index, self._sample, self._counts, False, None, neg_sampling)

    def _sample(
        self, seed: Mapping[str, Tensor], seed_time: Mapping[str, Tensor] | None = None, **_: Any
    ) -> HeteroSamplerOutput:
        met = {type_: _Met() for type_ in self._topology.ids}
        for type_, nodes in seed.items():
            met[type_].seeds(nodes.tolist())
        rows: dict[EdgeType, list[Tensor]] = {type_: [] for type_ in self._numbers}
        columns: dict[EdgeType, list[Tensor]] = {type_: [] for type_ in self._numbers}
        n_edges: dict[EdgeType, list[int]] = {type_: [] for type_ in self._numbers}
        n_nodes = {type_: [len(each.nodes)] for type_, each in met.items()}
        begin = dict.fromkeys(met, 0)
        with ThreadPoolExecutor(_READERS, thread_name_prefix="neighbours") as pool:
            for hop in range(self._hops):
                end = {type_: len(each.nodes) for type_, each in met.items()}
                asked = {
                    edge_type: (np.array(met[edge_type[2]].nodes[begin[edge_type[2]] :]), k[hop])
                    for edge_type, k in self._numbers.items()
                }
                # All drawn before any is asked for, so that no timing decides.
                drawn = pool.map(
                    lambda each: self._draw(*each),
                    [
                        (type_, nodes, k, _chances(len(nodes), k))
                        for type_, (nodes, k) in asked.items()
                    ],
                )
                for edge_type, (at, source) in zip(asked, drawn, strict=True):
                    local = met[edge_type[0]].meet(source.tolist())
                    rows[edge_type].append(torch.tensor(local, dtype=torch.long))
                    columns[edge_type].append(torch.from_numpy(at + begin[edge_type[2]]))
                    n_edges[edge_type].append(len(at))
                for type_, each in met.items():
                    n_nodes[type_].append(len(each.nodes) - end[type_])
                begin = end
        return HeteroSamplerOutput(
            node={type_: torch.tensor(each.nodes, dtype=torch.long) for type_, each in met.items()},
            row={type_: torch.cat(parts) for type_, parts in rows.items()},
            col={type_: torch.cat(parts) for type_, parts in columns.items()},
            edge=None,
            num_sampled_nodes=n_nodes,
            num_sampled_edges=n_edges,
        )

    def _draw(self, edge_type: EdgeType, nodes: Int64, k: int, chances: Any) -> Drawn:
        if not len(nodes) or k == 0:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        return self._neighbours.draw(edge_type, nodes, k=k, chances=chances)


class _Met:
    """Nodes of a type in the order in which they were met."""

    def __init__(self) -> None:
        self.nodes: list[int] = []
        self._place: dict[int, int] = {}

    def seeds(self, nodes: Sequence[int]) -> None:
        """Put ``nodes`` first; one given twice stands there twice."""
        for node in nodes:
            self._place.setdefault(node, len(self.nodes))
            self.nodes.append(node)

    def meet(self, nodes: Sequence[int]) -> list[int]:
        """Where each of ``nodes`` stands; a new one goes to the end."""
        places = []
        for node in nodes:
            place = self._place.get(node)
            if place is None:
                place = self._place[node] = len(self.nodes)
                self.nodes.append(node)
            places.append(place)
        return places


def _chances(nodes: int, k: int) -> Any:
    return torch.rand((nodes, max(k, 0)), dtype=torch.float64).numpy()
