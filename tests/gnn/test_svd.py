"""Singular vectors that are the same every time, repeated values included."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from checkerboard_fixtures import checkerboard

import gnn.svd
from gnn.baselines.pure_svd import PureSVD
from gnn.build_dataset import build_dataset
from gnn.dataset import Dataset
from gnn.models.contract import Model
from gnn.models.fused_graph_convolution import FusedGraphConvolution
from gnn.split import SplitSpec
from gnn.svd import truncated_svd


def plain_board() -> Dataset:
    """Everybody has all squares of their colour: two equal singular values and 34 zeros."""
    data = build_dataset(checkerboard(), None, split=SplitSpec()).refit()
    owned = sp.csr_matrix(data.train + data.test, dtype=np.float32)
    owned.data[:] = 1
    return replace(data, train=owned)


@pytest.mark.parametrize(
    "model", [PureSVD(), FusedGraphConvolution(dim=16)], ids=lambda model: model.name
)
def test_the_same_seed_gives_the_same_scores_bit_for_bit(model: Model) -> None:
    data = plain_board()
    first, *others = (model.fit(data, seed=3, epochs=2).scorer.arrays() for _ in range(4))
    for other in others:
        assert first.keys() == other.keys()
        for name, array in first.items():
            assert np.array_equal(array, other[name]), name


def test_another_seed_gives_another_network() -> None:
    model = FusedGraphConvolution(dim=8, batch_users=7)
    one, same, other = (
        model.fit(plain_board(), seed=seed, epochs=2).scorer.arrays()["memory"]
        for seed in (1, 1, 2)
    )
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)


def test_directions_beyond_the_rank_add_nothing() -> None:
    data = plain_board()
    scores = PureSVD(factors=30).fit(data).scorer.score(data.train)
    # Of rank 2 the projection is everything there is: each row comes back as it went in.
    assert scores == pytest.approx(data.train.toarray(), abs=1e-5)


@pytest.mark.parametrize("dense_side", [1_200, 0])
@pytest.mark.parametrize("shape", [(60, 90), (90, 60)])
def test_it_is_the_decomposition(
    shape: tuple[int, int], dense_side: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gnn.svd, "DENSE_SIDE", dense_side)
    monkeypatch.setattr(gnn.svd, "DENSE_SHARE", dense_side and 25)
    matrix = np.random.default_rng(4).standard_normal(shape)
    expected = np.linalg.svd(matrix)[1][:7]
    for given in (matrix, sp.csr_matrix(matrix)):
        left, values, right = truncated_svd(given, 7)
        assert values == pytest.approx(expected, rel=1e-6)
        assert left.T @ left == pytest.approx(np.eye(7), abs=1e-6)
        assert right.T @ right == pytest.approx(np.eye(7), abs=1e-6)
        assert matrix @ right == pytest.approx(left * values, abs=1e-4)
        again = truncated_svd(given, 7)
        assert all(np.array_equal(*pair) for pair in zip((left, values, right), again, strict=True))
