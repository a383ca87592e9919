"""Batches for a graph network straight from the database, beside edges kept in memory.

``python -m benchmarks.pyg_loading [nodes] [relationships]``, by default 10,000 and 100,000 with
properties; PyG's NeighborLoader, batches of 512 users, at most 10 neighbours of each edge type in
each of two hops, prices and a mask as features. Seconds are medians of 5 batches, after one that
warms the engine or reads the edges into memory. On a machine with other work they say more about
that work, so processor time of client and engine stands beside them.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
import warnings
from dataclasses import dataclass
from typing import Any

import torch

with warnings.catch_warnings():
    # PyG compiles a class on import in a way that torch calls deprecated.
    warnings.simplefilter("ignore", DeprecationWarning)
    from torch_geometric.loader import NeighborLoader

from benchmarks.bulk_load_engines import ENGINES, Fresh, fresh
from benchmarks.generated_graph import generated_graph
from gnn.pyg_store import PropertyFeature, StoreSampler, pyg_stores
from kg.graph import GraphBatch

SEEDS, NEIGHBOURS, BATCHES = 512, [10, 10], 5


@dataclass(frozen=True, slots=True)
class Taken:
    """Medians over batches."""

    seconds: float
    client_s: float
    server_s: float
    nodes: float
    edges: float


def measure(engine: Fresh, *, cached: bool) -> Taken:
    """Batches of a loader; ``cached``: from edge indices in memory, features from the database."""
    data = pyg_stores(engine.store, [PropertyFeature("item", "price", "price")])
    sampler = StoreSampler(data[1], NEIGHBOURS, cached=cached)
    torch.manual_seed(1)
    loader: Any = NeighborLoader(
        data, NEIGHBOURS, "user", neighbor_sampler=sampler, batch_size=SEEDS, shuffle=True
    )
    batches = iter(loader)
    next(batches)
    taken = []
    for _ in range(BATCHES):
        begun, client, server = time.perf_counter(), time.process_time(), engine.server_cpu_s()
        batch = next(batches)
        taken.append(
            Taken(
                time.perf_counter() - begun,
                time.process_time() - client,
                engine.server_cpu_s() - server,
                batch.num_nodes,
                batch.num_edges,
            )
        )
    names = Taken.__dataclass_fields__
    return Taken(*(statistics.median(getattr(one, name) for one in taken) for name in names))


def main(nodes: int, relationships: int) -> None:
    """Load each engine, take batches both ways, print the table."""
    torch.set_num_threads(1)
    node_rows, relationship_rows = generated_graph(nodes=nodes, relationships=relationships)
    print(f"{nodes:,} nodes, {relationships:,} relationships; batches of {SEEDS} users, at most ")
    print("10 neighbours of each edge type in each of two hops. Load of the machine beside it: ")
    print(f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} processors.\n")
    print("| engine | neighbours drawn | s a batch | client CPU s | engine CPU s | nodes | edges |")
    print("|---|---|---|---|---|---|---|")
    for name in ENGINES:
        with fresh(name) as engine:
            if engine is None:
                print(f"| {name} | not at hand | | | | | |")
                continue
            engine.store.connection.timeout_s = 600.0
            engine.store.write(GraphBatch(tuple(node_rows)))
            engine.store.write(GraphBatch((), tuple(relationship_rows)))
            for said, cached in (("by the database", False), ("from edges in memory", True)):
                taken = measure(engine, cached=cached)
                cells = f"{taken.seconds:.2f} | {taken.client_s:.2f} | {taken.server_s:.2f}"
                sizes = f"{taken.nodes:,.0f} | {taken.edges:,.0f}"
                print(f"| {name} | {said} | {cells} | {sizes} |", flush=True)


if __name__ == "__main__":
    main(*(int(given) for given in sys.argv[1:] or ("10000", "100000")))
