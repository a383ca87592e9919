"""PyG's remote backend over a graph store: loaders that sample straight from the database.

PyG lets a loader take a (FeatureStore, GraphStore) pair instead of data in memory; its users have
asked for one over a graph database (pyg-team/pytorch_geometric pull request 10690)::

    data = pyg_stores(store, [PropertyFeature("item", "price", "price"),
                              VectorFeature("item", "text", "text_hash", encoder.name)],
                      vectors=vectors, splits=("train",))
    loader = NeighborLoader(data, num_neighbors=[10, 10], input_nodes="user", batch_size=512,
                            neighbor_sampler=StoreSampler(data[1], [10, 10]))

Only the ids of the nodes are held here; edges and features stay in the database until a batch
asks for them. Loaders must run with ``num_workers=0``: a connection does not outlive a fork.
HGTLoader makes its own sampler out of pyg-lib and the edge indices of `StoreEdges`.
"""

from __future__ import annotations

from collections.abc import Sequence

from gnn.pyg_store_edges import StoreEdges
from gnn.pyg_store_features import PropertyFeature, StoreFeatures, VectorFeature
from gnn.pyg_store_sampler import StoreSampler
from gnn.pyg_store_topology import EdgeType, Topology
from kg.graph import GraphStore
from kg.vectors import VectorStore

__all__ = [
    "EdgeType",
    "PropertyFeature",
    "StoreEdges",
    "StoreFeatures",
    "StoreSampler",
    "Topology",
    "VectorFeature",
    "pyg_stores",
]


def pyg_stores(
    store: GraphStore,
    features: Sequence[PropertyFeature | VectorFeature] = (),
    *,
    vectors: VectorStore | None = None,
    splits: Sequence[str] = (),
) -> tuple[StoreFeatures, StoreEdges]:
    """Features and edges of ``store``, as PyG's loaders take them; see `Topology` for indices.

    ``splits``: only interactions of these splits are edges. The store must stay open as long as
    the pair is used.
    """
    topology = Topology(store, splits=splits)
    return StoreFeatures(topology, features, vectors=vectors), StoreEdges(topology)
