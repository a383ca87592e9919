"""Propagation against dense matrices, PyG's LGConv and numerical gradients."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from gnn.propagation import layers, mean_of_layers, multiply, user_item_graph


def random_train(seed: int, n_users: int = 13, n_items: int = 9) -> sp.csr_matrix:
    cells = np.random.default_rng(seed).random((n_users, n_items)) < 0.3
    cells[0] = False  # a user and an item without neighbours
    cells[:, 0] = False
    return sp.csr_matrix(cells.astype(np.float32))


def dense(train: sp.csr_matrix) -> np.ndarray:
    n_users, n_items = train.shape
    matrix = np.zeros((n_users + n_items, n_users + n_items))
    matrix[:n_users, n_users:] = train.toarray()
    matrix[n_users:, :n_users] = train.toarray().T
    degree = matrix.sum(axis=1)
    scale = np.where(degree > 0, 1 / np.sqrt(np.maximum(degree, 1)), 0)
    return scale[:, None] * matrix * scale[None, :]


def test_weights_by_hand() -> None:
    # User 0 has items 0 and 1, user 1 item 1: degrees 2, 1, 1, 2.
    graph = user_item_graph(sp.csr_matrix(np.array([[1, 1], [0, 1]], dtype=np.float32)))
    x = np.array([[0], [0], [8], [1]], dtype=np.float32)
    found = multiply(graph, x)[:, 0]
    assert found == pytest.approx([8 / np.sqrt(2) + 1 / 2, 1 / np.sqrt(2), 0, 0])
    assert graph.target.dtype == np.int32


def test_multiply_is_the_dense_product_and_lonely_nodes_get_nothing() -> None:
    train = random_train(1)
    x = np.random.default_rng(2).standard_normal((22, 5)).astype(np.float32)
    found = multiply(user_item_graph(train), x)
    assert found == pytest.approx(dense(train) @ x, abs=1e-5)
    assert not found[0].any()
    assert not found[13].any()


@pytest.mark.parametrize("count", [0, 1, 3])
def test_mean_of_layers_is_the_mean_of_powers(count: int) -> None:
    train = random_train(3)
    x = np.random.default_rng(4).standard_normal((22, 4)).astype(np.float32)
    powers = [np.linalg.matrix_power(dense(train), power) @ x for power in range(count + 1)]
    graph = user_item_graph(train)
    assert mean_of_layers(torch.from_numpy(x), graph, count=count).numpy() == pytest.approx(
        np.mean(powers, axis=0), abs=1e-5
    )
    for found, power in zip(layers(graph, x, count=count), powers, strict=True):
        assert found == pytest.approx(power, abs=1e-5)


def test_backward_is_that_of_dense_autograd() -> None:
    train = random_train(5)
    x = torch.randn(22, 4, generator=torch.Generator().manual_seed(6), requires_grad=True)
    other = x.detach().clone().requires_grad_(True)
    mask = torch.randn(22, 4, generator=torch.Generator().manual_seed(7))
    (mean_of_layers(x, user_item_graph(train), count=3) ** 2 * mask).sum().backward()
    matrix = torch.from_numpy(dense(train)).float()
    step, total = other, other
    for _ in range(3):
        step = matrix @ step
        total = total + step
    ((total / 4) ** 2 * mask).sum().backward()
    assert x.grad is not None
    assert x.grad.numpy() == pytest.approx(other.grad.numpy(), abs=1e-5)


def test_one_layer_is_pygs_lgconv() -> None:
    # The import warns of torch.jit in some pairs of versions; what it computes is asked here.
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch_geometric.nn import LGConv
    train = random_train(8)
    pairs = train.tocoo()
    up = torch.from_numpy(np.stack([pairs.row, pairs.col + 13]).astype(np.int64))
    x = torch.randn(22, 6, generator=torch.Generator().manual_seed(9))
    expected = LGConv()(x, torch.cat([up, up.flip(0)], dim=1))
    assert multiply(user_item_graph(train), x.numpy()) == pytest.approx(expected.numpy(), abs=1e-5)
