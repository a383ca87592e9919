"""PyG's loaders over a real database, compared with the snapshot and with answers by hand."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pyg_store_fixtures import (
    FEATURES,
    OWNED,
    OWNERS,
    expected_edges,
    filled_store,
    filled_vectors,
    store_world,
)
from torch_geometric.loader import LinkNeighborLoader, NeighborLoader
from torch_geometric.sampler import NegativeSampling

from gnn.pyg_store import StoreSampler, Topology, pyg_stores
from gnn.pyg_store_neighbours import CachedNeighbours, StoreNeighbours, _floyd
from kg.errors import StoreError
from kg.graph import GraphBatch, NodeRow, RelationshipRow
from kg.stores.bolt import BoltStore
from kg.vectors import VectorStore

ENGINES = store_world.ENGINES


@pytest.fixture(scope="module", params=ENGINES)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BoltStore]:
    yield from filled_store(request.param, tmp_path_factory.mktemp("graph"))


@pytest.fixture
def vectors(tmp_path: Path) -> Iterator[VectorStore]:
    yield from filled_vectors(tmp_path)


@pytest.mark.parametrize("cached", [False, True])
def test_all_neighbours_of_two_hops(store: BoltStore, vectors: VectorStore, cached: bool) -> None:
    """From u2, by hand: its items a, b; then their entities, owners, and a's variant c."""
    data = pyg_stores(store, FEATURES, vectors=vectors)
    sampler = StoreSampler(data[1], [-1, -1], cached=cached)
    ids = data[1].topology.ids
    seed = torch.tensor([ids["user"].index("u2")])
    loader = NeighborLoader(data, [-1, -1], ("user", seed), neighbor_sampler=sampler, batch_size=1)
    (batch,) = loader
    named = {type_: [ids[type_][at] for at in batch[type_].n_id.tolist()] for type_ in ids}
    assert named["user"][0] == "u2"
    assert sorted(named["user"]) == ["u1", "u2"]
    assert named["item"] == ["a", "b", "c"]
    assert set(named["colour"]) == {"colour:red"}
    assert set(named["category"]) == {"category:shirt", "category:shoe"}
    assert batch["user"].batch_size == 1
    # Rows are neighbours, columns what they tell: a and b tell u2, u1 and u2 tell a.
    told = [(named["item"][a], named["user"][b]) for a, b in batch[OWNERS].edge_index.t().tolist()]
    assert sorted(told) == [("a", "u2"), ("b", "u2")]
    told = [(named["user"][a], named["item"][b]) for a, b in batch[OWNED].edge_index.t().tolist()]
    assert sorted(told) == [("u1", "a"), ("u2", "a"), ("u2", "b")]
    # b's red twice: by text and by image.
    red = batch["colour", "rev_has_colour", "item"].edge_index.t().tolist()
    assert sorted(named["item"][b] for _, b in red) == ["a", "b", "b"]
    assert batch["item"].num_sampled_nodes == [0, 2, 1]
    assert batch[OWNED].num_sampled_edges == [0, 3]
    # Features came along with the nodes.
    assert batch["item"].price.tolist() == [[10.0], [20.5], [0.0]]
    assert batch["item"].price_present.tolist() == [True, True, False]
    assert batch["item"].text.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 0]]


def test_what_was_met_later_is_told_in_its_own_place(store: BoltStore) -> None:
    """From a: its variant c comes in the first hop, and c's owner u3 tells c in the second."""
    data = pyg_stores(store)
    ids = data[1].topology.ids
    sampler = StoreSampler(data[1], [-1, -1])
    (batch,) = NeighborLoader(data, {}, ("item", torch.tensor([0])), neighbor_sampler=sampler)
    named = {type_: [ids[type_][at] for at in batch[type_].n_id.tolist()] for type_ in ids}
    assert named["item"][:2] == ["a", "c"]
    told = [(named["user"][x], named["item"][y]) for x, y in batch[OWNED].edge_index.t().tolist()]
    assert sorted(told) == [("u1", "a"), ("u2", "a"), ("u3", "c")]
    variant = batch["item", "rev_variant_of", "item"].edge_index.t().tolist()
    assert [(named["item"][x], named["item"][y]) for x, y in variant] == [("a", "c")]


def test_drawn_by_the_database_as_from_its_edges(store: BoltStore) -> None:
    """A batch of all items: each edge is one of the graph's, no more than k, none twice."""
    _, edges = pyg_stores(store)
    ids, expected = edges.topology.ids, expected_edges(store)
    torch.manual_seed(5)
    for cached in (False, True):
        loader = NeighborLoader(
            pyg_stores(store),
            [3, 2],
            "item",
            neighbor_sampler=StoreSampler(edges, [3, 2], cached=cached),
            batch_size=5,
        )
        (batch,) = loader
        for edge_type in batch.edge_types:
            start, _, end = edge_type
            local = batch[edge_type].edge_index.tolist()
            pairs = Counter(
                (ids[start][int(batch[start].n_id[a])], ids[end][int(batch[end].n_id[b])])
                for a, b in zip(*local, strict=True)
            )
            assert pairs <= expected[edge_type]
            into = Counter(local[1])
            assert max(into.values(), default=0) <= 3
            # Seeds have as many as there are, up to 3.
            if end == "item":
                for place, seed in enumerate(batch["item"].n_id[:5].tolist()):
                    there = sum(
                        n for (_, b), n in expected[edge_type].items() if b == ids["item"][seed]
                    )
                    assert into[place] == min(3, there)
        assert batch["item"].n_id[:5].tolist() == [0, 1, 2, 3, 4]
        for type_ in batch.node_types:
            n_id = batch[type_].n_id.tolist()
            assert len(n_id) == len(set(n_id)) == sum(batch[type_].num_sampled_nodes)


def test_the_database_draws_as_floyd_does(store: BoltStore) -> None:
    """One chance of 40 finds the engine's own order of the hub's users; then three at once."""
    topology = Topology(store)
    neighbours, hub = StoreNeighbours(topology), topology.ids["item"].index("h")
    positions = (np.arange(40) + 0.5) / 40
    _, order = neighbours.draw(OWNED, np.full(40, hub), k=1, chances=positions[:, None])
    assert len(set(order.tolist())) == 40
    chances = np.random.default_rng(7).random((60, 3))
    # The same position again and again: 0, then 38 and 39 in its stead.
    chances[0] = 0
    at, source = neighbours.draw(OWNED, np.full(60, hub), k=3, chances=chances)
    assert at.tolist() == np.repeat(np.arange(60), 3).tolist()
    assert sorted(source[:3].tolist()) == sorted(order[[0, 38, 39]].tolist())
    expected = np.sort(order[_floyd(np.full(60, 40), chances)], axis=1)
    assert source.reshape(60, 3).tolist() == expected.tolist()


def test_floyd_draws_every_subset_as_often() -> None:
    """Two of five, 20,000 times: each of the ten about 2,000 times; binomial sd 42."""
    drawn = _floyd(np.full(20_000, 5), np.random.default_rng(7).random((20_000, 2)))
    often = Counter(map(tuple, np.sort(drawn, axis=1).tolist()))
    assert len(often) == 10
    assert all(abs(n - 2000) < 4 * 42 for n in often.values())


def test_a_seed_repeats_a_batch(store: BoltStore) -> None:
    data = pyg_stores(store)
    batches = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        sampler = StoreSampler(data[1], {OWNED: [4]}, default=[0])
        hub = torch.tensor([data[1].topology.ids["item"].index("h")])
        (batch,) = NeighborLoader(data, {}, ("item", hub), neighbor_sampler=sampler)
        batches.append(batch["user"].n_id.tolist())
    assert len(batches[0]) == 4
    assert batches[0] == batches[1] != batches[2]


def test_links_with_negatives(store: BoltStore) -> None:
    """Each interaction with a drawn negative, both ends expanded by one hop."""
    data = pyg_stores(store, splits=("train",))
    loader = LinkNeighborLoader(
        data,
        [-1],
        edge_label_index=OWNED,
        neg_sampling=NegativeSampling("triplet"),
        neighbor_sampler=StoreSampler(data[1], [-1]),
        batch_size=64,
    )
    (batch,) = loader
    ids = data[1].topology.ids
    users = [ids["user"][at] for at in batch["user"].n_id.tolist()]
    items = [ids["item"][at] for at in batch["item"].n_id.tolist()]
    pairs = zip(batch["user"].src_index.tolist(), batch["item"].dst_pos_index.tolist(), strict=True)
    found = Counter((users[a], items[b]) for a, b in pairs)
    # Of the world, u1 a, u2 a and u3 c are of the split train; u2 b has none, u3 d is a test.
    assert found == Counter(
        [("u1", "a"), ("u2", "a"), ("u3", "c"), *((f"v{at:02}", "h") for at in range(40))]
    )
    assert len(batch["item"].dst_neg_index) == 43


def test_what_is_to_be_foretold_sends_no_message(store: BoltStore) -> None:
    data = pyg_stores(store, splits=("train",))
    ids = data[1].topology.ids
    seed = torch.tensor([ids["user"].index("u3")])
    for cached in (False, True):
        sampler = StoreSampler(data[1], [-1], cached=cached)
        (batch,) = NeighborLoader(data, [-1], ("user", seed), neighbor_sampler=sampler)
        assert [ids["item"][at] for at in batch["item"].n_id.tolist()] == ["c"]


def test_a_node_that_came_later_is_not_drawn(store: BoltStore) -> None:
    _, edges = pyg_stores(store)
    owned = RelationshipRow(
        "INTERACTED", "User", "new", "Item", "a", {"event": "view", "at_s": 1.0}
    )
    store.write(GraphBatch((NodeRow("User", "new"),), (owned,)))
    try:
        nodes = np.array([edges.topology.ids["item"].index("a")])
        nothing = np.empty((1, 0))
        drawn = [
            neighbours.draw(OWNED, nodes, k=-1, chances=nothing)[1].tolist()
            for neighbours in (StoreNeighbours(edges.topology), CachedNeighbours(edges))
        ]
        users = edges.topology.ids["user"]
        assert [[users[at] for at in found] for found in drawn] == [["u1", "u2"]] * 2
    finally:
        store.connection.call("write", "MATCH (n:User {id: 'new'}) DETACH DELETE n", {})


def test_a_fork_is_told_to_stay_away(store: BoltStore) -> None:
    topology = Topology(store)
    topology._process = os.getpid() + 1
    with pytest.raises(StoreError, match="num_workers=0"):
        topology.rows("RETURN 1 AS one", {})


@given(st.integers(1, 6), st.integers(1, 40), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=60)
def test_floyd_draws_different_positions(k: int, more: int, seed: int) -> None:
    degree = np.full(8, k + more, dtype=np.int64)
    drawn = _floyd(degree, np.random.default_rng(seed).random((8, k)))
    assert drawn.min() >= 0
    assert drawn.max() < k + more
    assert all(len(set(row.tolist())) == k for row in drawn)


def test_floyd_by_hand() -> None:
    # 2 of 4: j = 2 from 0.99 * 3 -> 2; j = 3 from 0.6 * 4 -> 2, taken, so 3.
    assert _floyd(np.array([4]), np.array([[0.99, 0.6]])).tolist() == [[2, 3]]
