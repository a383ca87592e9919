"""Retrieval finds what a full sort finds; embeddings rank as the model they come from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from checkerboard_fixtures import checkerboard
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gnn.artifact import Artifact, load_artifact
from gnn.build_dataset import build_dataset
from gnn.catalogue import owned_matrix
from gnn.embeddings import (
    MultimodalRecommenderSystem,
    embeddings,
    factor_rows,
    ranking_lost,
)
from gnn.evaluation import evaluate
from gnn.inner_product import InnerProduct, Messages
from gnn.item_item import ItemItem
from gnn.retrieval import DotIndex, ScoreAll, SearchIndex, ranker_for
from gnn.settings import GnnSettings
from gnn.split import SplitSpec
from gnn.training import train
from kg.errors import ConfigError, NotFound

NOTHING = np.empty(0, dtype=np.int32)


def inner_product(n_items: int, n_users: int = 5, dim: int = 8) -> InnerProduct:
    rng = np.random.default_rng(3)

    def matrix(rows: int) -> NDArray[np.float32]:
        return rng.standard_normal((rows, dim)).astype(np.float32)

    target = matrix(n_items)
    target /= np.linalg.norm(target, axis=1, keepdims=True)
    return InnerProduct(
        own=matrix(n_users),
        memory=matrix(n_items),
        guess=matrix(n_items),
        target=target,
        bias=rng.standard_normal(n_items).astype(np.float32),
        scale=4.0,
        messages=Messages(
            parts={},
            entities=np.zeros((0, dim), dtype=np.float32),
            shares=sp.csr_matrix(np.zeros((n_items, 0), dtype=np.float32)),
            relation=NOTHING,
            relations=(),
            in_memory=np.zeros(n_items, dtype=np.float32),
            in_target=np.zeros(n_items, dtype=np.float32),
        ),
    )


def test_the_index_and_the_full_pass_agree() -> None:
    scorer = inner_product(2_000)
    order = np.arange(2_000, dtype=np.int32)
    index, full = SearchIndex(scorer), ScoreAll(scorer, order)
    rng = np.random.default_rng(1)
    for user in (-1, 0, 3):
        owned = np.sort(rng.choice(2_000, 30, replace=False)).astype(np.int32)
        items, scores = index.best(owned, 20, user=user, exclude=owned)
        wanted, exact = full.best(owned, 20, user=user, exclude=owned)
        assert items.tolist() == wanted.tolist()
        assert np.allclose(scores, exact, rtol=1e-5)
        assert not set(items.tolist()) & set(owned.tolist())


def test_many_items_are_searched_and_few_are_multiplied_out() -> None:
    scorer, order = inner_product(50), np.arange(50, dtype=np.int32)
    assert isinstance(ranker_for(scorer, order), ScoreAll)
    assert isinstance(ranker_for(scorer, order, index_from=50), SearchIndex)


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(1, 60),
    k=st.integers(1, 70),
    excluded=st.sets(st.integers(0, 59), max_size=60),
    seed=st.integers(0, 99),
)
def test_dot_index_finds_what_a_sort_finds(n: int, k: int, excluded: set[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    vectors = rng.integers(-3, 4, (n, 4)).astype(np.float32)  # ties on purpose
    query = rng.integers(-3, 4, 4).astype(np.float32)
    exclude = np.array(sorted(one for one in excluded if one < n), dtype=np.int32)
    found, scores = DotIndex(vectors).best(query, k, exclude=exclude)
    right = sorted(set(range(n)) - set(exclude.tolist()), key=lambda i: (-(vectors[i] @ query), i))
    assert sorted(scores.tolist(), reverse=True) == scores.tolist()
    assert scores.tolist() == [float(vectors[i] @ query) for i in right[:k]]
    assert len(set(found.tolist())) == len(found)


def test_a_long_history_of_the_very_best_leaves_the_next_best() -> None:
    vectors = np.arange(100, dtype=np.float32)[:, None]
    exclude = np.arange(40, 100, dtype=np.int32)
    found, _ = DotIndex(vectors).best(np.ones(1, dtype=np.float32), 2, exclude=exclude)
    assert found.tolist() == [39, 38]


def test_equal_scores_are_listed_in_the_order_given() -> None:
    scorer = ItemItem(np.zeros((4, 4), dtype=np.float32), np.zeros(4, dtype=np.float32))
    order = np.array([2, 0, 3, 1], dtype=np.int32)
    found, _ = ScoreAll(scorer, order).best(NOTHING, 3, user=-1, exclude=order[1:2])
    assert found.tolist() == [2, 3, 1]


def test_the_factors_of_a_matrix_of_rank_two_are_exact() -> None:
    rng = np.random.default_rng(0)
    weights = (rng.normal(size=(12, 2)) @ rng.normal(size=(2, 12))).astype(np.float32)
    owned, offered = factor_rows(ItemItem(weights, np.zeros(12, dtype=np.float32)), dim=2)
    assert owned.shape == offered.shape == (12, 2)
    assert np.allclose(owned @ offered.T, weights, atol=1e-5)
    with pytest.raises(ConfigError, match="at least 2"):
        factor_rows(ItemItem(np.ones((1, 1), dtype=np.float32), np.ones(1, dtype=np.float32)))


def test_the_streamed_factors_are_those_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    weights = (rng.normal(size=(60, 3)) @ rng.normal(size=(3, 60))).astype(np.float32)
    scorer = ItemItem(weights, np.zeros(60, dtype=np.float32))
    monkeypatch.setattr("gnn.embeddings.DENSE_ITEMS", 10)
    owned, offered = factor_rows(scorer, dim=3)
    assert np.allclose(owned @ offered.T, weights, atol=1e-3)


@pytest.mark.parametrize("model", ["attribute_cosine", "fused_graph_convolution"])
def test_embeddings_of_an_artifact_rank_as_its_model_does(model: str, tmp_path: Path) -> None:
    artifact = trained(model, tmp_path)
    made = embeddings(artifact, dim=8)
    everybody = np.arange(len(artifact.users), dtype=np.int32)
    scores = artifact.scorer.score(owned_matrix(artifact), users=everybody)
    assert np.allclose(made.users @ made.items.T, scores, atol=2e-3 * np.abs(scores).max())
    # Black lies with the black squares: the mean of them and of nothing else.
    black = [row.id.startswith("black") for row in artifact.items]
    names = [row.id for row in artifact.entities]
    assert np.allclose(
        made.entities[names.index("colour:black")], made.items[black].mean(axis=0), atol=1e-5
    )
    rows = list(made.rows(artifact))
    assert len(rows) == 36 + 36 + 3
    assert {row[0] for row in rows} == {"Item", "User", "Entity"}
    assert {row[3] for row in rows} == {artifact.version}
    assert len({len(row[2]) for row in rows}) == 1


def test_the_ranking_lost_is_measured() -> None:
    board = build_dataset(checkerboard(), None, split=SplitSpec("given"))
    # A square speaks for its colour, which two dimensions hold, and against the next square,
    # which they do not. Only the valid square's forerunner is unknown: it is ranked first.
    colours = np.kron(np.eye(2), np.ones((18, 18)))
    forerunner = np.kron(np.eye(2), np.roll(np.eye(18), 1, axis=1))
    weights = (0.2 * colours - forerunner).astype(np.float32)
    scorer = ItemItem(weights, np.zeros(36, dtype=np.float32))
    assert evaluate(scorer, board, against="valid").mean("ndcg@10") == 1
    assert ranking_lost(scorer, board, dim=35) == pytest.approx(0, abs=1e-6)
    assert ranking_lost(scorer, board, dim=2) > 0.05
    assert ranking_lost(inner_product(36, 36), board) == 0


def test_the_system_recommends_by_inner_product() -> None:
    items = {"a": [1.0, 0.0], "b": [0.0, 1.0], "c": [2.0, 0.0], "d": [0.0, 1.0]}
    system = MultimodalRecommenderSystem(items, {"u": [1.0, 0.5]})
    assert system.recommend("u", top_k=3) == [("c", 2.0), ("a", 1.0), ("b", 0.5)]
    assert len(system.recommend("u")) == 4
    with pytest.raises(NotFound, match="'x'"):
        system.recommend("x")
    with pytest.raises(ConfigError, match=r"\[2, 3\]"):
        MultimodalRecommenderSystem(items, {"u": [1.0, 0.5, 0.0]})
    with pytest.raises(ConfigError, match="one length"):
        MultimodalRecommenderSystem({}, {})


def trained(model: str, directory: Path) -> Artifact:
    chosen = GnnSettings(model=model, baselines=False, k=5, threads=1, artifact_dir=directory)
    train(checkerboard(split=False), None, chosen, graph_identity="board")
    return load_artifact(directory)
