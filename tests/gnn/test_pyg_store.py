"""PyG's view of a real database: the edges of its snapshot, and features of chosen nodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from pyg_store_fixtures import (
    FEATURES,
    OWNED,
    OWNERS,
    expected_edges,
    filled_store,
    filled_vectors,
    store_world,
)

from gnn.pyg_store import PropertyFeature, VectorFeature, pyg_stores
from kg.errors import ConfigError, DataError, StoreError
from kg.graph import GraphBatch, RelationshipRow
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


def test_edges_are_those_of_the_snapshot(store: BoltStore) -> None:
    _, edges = pyg_stores(store)
    expected = expected_edges(store)
    assert {attr.edge_type for attr in edges.get_all_edge_attrs()} == set(expected)
    ids = edges.topology.ids
    rows, columns, permuted = edges.coo()
    for edge_type, pairs in expected.items():
        start, _, end = edge_type
        found = zip(rows[edge_type].tolist(), columns[edge_type].tolist(), strict=True)
        assert Counter((ids[start][a], ids[end][b]) for a, b in found) == pairs
        assert permuted[edge_type] is None
        assert edges.topology.relations[edge_type].count == sum(pairs.values())
    # By hand: b is red by text and by image, so two edges; c is a variant of a.
    assert expected["item", "has_colour", "colour"]["b", "colour:red"] == 2
    assert expected["item", "rev_variant_of", "item"] == {("a", "c"): 1}


def test_an_edge_index_is_sorted_by_destination_and_sized(store: BoltStore) -> None:
    _, edges = pyg_stores(store)
    row, pointer = edges.get_edge_index(edge_type=("item", "has_colour", "colour"), layout="csc")
    # Entities blue, red; items a, b, c, d, h. Blue: c, d; red: a, b, b.
    assert row.tolist() == [2, 3, 0, 1, 1]
    assert pointer.tolist() == [0, 2, 5]
    sizes = {attr.edge_type: attr.size for attr in edges.get_all_edge_attrs()}
    assert sizes["item", "has_colour", "colour"] == (5, 2)
    assert sizes[OWNERS] == (5, 44)


def test_an_edge_index_is_kept_until_it_is_forgotten(store: BoltStore) -> None:
    _, edges = pyg_stores(store)
    key = {"edge_type": ("item", "variant_of", "item"), "layout": "csc"}
    assert edges.get_edge_index(**key)[0].tolist() == [2]
    link = RelationshipRow("VARIANT_OF", "Item", "d", "Item", "b", {"score": 1.0})
    store.write(GraphBatch((), (link,)))
    try:
        assert edges.get_edge_index(**key)[0].tolist() == [2]
        assert edges.remove_edge_index(**key)
        assert edges.get_edge_index(**key)[0].tolist() == [2, 3]
    finally:
        store.write(GraphBatch((), (), (link,)))
    assert edges.remove_edge_index(**key)
    assert not edges.remove_edge_index(**key)


def test_features_of_chosen_nodes(store: BoltStore, vectors: VectorStore) -> None:
    features, _ = pyg_stores(store, FEATURES, vectors=vectors)
    chosen = torch.tensor([3, 0, 2])  # d, a, c: 40.0, 10.0, no price
    assert features["item", "price", chosen].tolist() == [[40.0], [10.0], [0.0]]
    assert features["item", "price_present", chosen].tolist() == [True, True, False]
    text = features["item", "text", chosen]
    assert text.dtype == torch.float32
    assert text.tolist() == [[0, 0, 0], [1, 0, 0], [0, 0, 0]]
    assert features["item", "text_present", chosen].tolist() == [False, True, False]
    assert features["item", "embedding", chosen].tolist() == [[0.5, -2.0], [0, 0], [0, 0]]
    assert features["user", "age_present", None].tolist() == [True] + [False] * 43
    assert features["user", "age", 0].tolist() == [30.0]
    assert features["item", "price", slice(0, 2)].tolist() == [[10.0], [20.5]]
    assert features.get_tensor_size("item", "text") == (5, 3)
    assert features.get_tensor_size("item", "text_present") == (5,)
    # As the snapshot has them.
    prices = [row.price for row in store.snapshot().items]
    there = features["item", "price_present", None].tolist()
    assert [price is not None for price in prices] == there


def test_a_feature_must_be_numbers(store: BoltStore) -> None:
    features, _ = pyg_stores(store, [PropertyFeature("item", "title", "title")])
    with pytest.raises(DataError, match="title 'Red shirt' is not 1 numbers"):
        features["item", "title", None]
    features, _ = pyg_stores(store, [PropertyFeature("item", "embedding", "embedding", 3)])
    with pytest.raises(DataError, match="is not 3 numbers"):
        features["item", "embedding", None]
    with pytest.raises(ConfigError, match="'itme' is not one of: category, colour, item, user"):
        pyg_stores(store, [PropertyFeature("itme", "price", "price")])
    with pytest.raises(ConfigError, match="no vector store"):
        pyg_stores(store, [VectorFeature("item", "text", "text_hash", "letters")])


def test_the_pair_only_reads(store: BoltStore) -> None:
    features, edges = pyg_stores(store, [PropertyFeature("item", "price", "price")])
    index = (torch.tensor([0]), torch.tensor([0]))
    with pytest.raises(StoreError, match="only reads"):
        edges.put_edge_index(index, edge_type=OWNED, layout="coo")
    with pytest.raises(StoreError, match="only reads"):
        features["item", "price", torch.tensor([0])] = torch.ones(1, 1)
    with pytest.raises(KeyError):
        edges.get_edge_index(edge_type=("item", "eats", "item"), layout="csc")
