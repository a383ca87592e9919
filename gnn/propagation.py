"""LightGCN propagation over a symmetric graph: int32 CSR, a numba kernel, its own backward.

``A = D^-1/2 [[0, R], [R', 0]] D^-1/2`` over users, then items (He et al., SIGIR 2020). A is
symmetric, so the gradient of ``p(A) x`` with respect to x is ``p(A) g`` for any polynomial p:
one kernel serves both directions and nothing is kept for the backward pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
import scipy.sparse as sp
import torch
from numpy.typing import NDArray

from gnn.scoring import FloatMatrix, FloatVector, IntVector


@dataclass(frozen=True, slots=True, eq=False)
class SymmetricGraph:
    """CSR of a symmetric (n, n) matrix: ``start`` (n + 1,), ``target`` and ``weight`` (nnz,)."""

    start: NDArray[np.int64]
    target: IntVector
    weight: FloatVector

    @property
    def n_nodes(self) -> int:
        """Rows, and columns."""
        return len(self.start) - 1


def user_item_graph(train: sp.csr_matrix, /) -> SymmetricGraph:
    """Users 0..n_users-1, then items; weight ``1 / sqrt(degree * degree)``.

    ``train`` (n_users, n_items) non-negative weights; a node without neighbours has no edge.
    """
    n_users, n_items = train.shape
    up = sp.csr_matrix(train, dtype=np.float32)
    down = sp.csr_matrix(up.T)
    indptr = np.concatenate([up.indptr, up.indptr[-1] + down.indptr[1:]])
    indices = np.concatenate([up.indices + n_users, down.indices])
    data = np.concatenate([up.data, down.data]).astype(np.float64)
    degree = np.zeros(n_users + n_items)
    np.add.at(degree, np.repeat(np.arange(n_users + n_items), np.diff(indptr)), data)
    scale = 1.0 / np.sqrt(np.maximum(degree, 1e-12))
    data *= np.repeat(scale, np.diff(indptr)) * scale[indices]
    return SymmetricGraph(
        indptr.astype(np.int64), indices.astype(np.int32), data.astype(np.float32)
    )


def multiply(graph: SymmetricGraph, x: FloatMatrix, /) -> FloatMatrix:
    """``A x``: (n, d) float32 -> (n, d) float32."""
    out = np.zeros_like(x)
    _multiply(graph.start, graph.target, graph.weight, np.ascontiguousarray(x), out)
    return out


def layers(graph: SymmetricGraph, x: FloatMatrix, /, *, count: int) -> list[FloatMatrix]:
    """``[x, A x, ..., A^count x]``, each (n, d) float32."""
    found = [np.ascontiguousarray(x, dtype=np.float32)]
    for _ in range(count):
        found.append(multiply(graph, found[-1]))
    return found


def mean_of_layers(x: torch.Tensor, graph: SymmetricGraph, /, *, count: int) -> torch.Tensor:
    """``(x + A x + ... + A^count x) / (count + 1)``, differentiable in x (n, d) float32."""
    result: torch.Tensor = _MeanOfLayers.apply(x, graph, count)  # type: ignore[no-untyped-call]
    return result


class _MeanOfLayers(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, graph: SymmetricGraph, count: int) -> torch.Tensor:
        ctx.graph, ctx.count = graph, count
        return torch.from_numpy(_mean(graph, x.detach().numpy(), count))

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        mean = _mean(ctx.graph, gradient.contiguous().numpy(), ctx.count)
        return torch.from_numpy(mean), None, None


def _mean(graph: SymmetricGraph, x: FloatMatrix, count: int) -> FloatMatrix:
    # Horner: x + A (x + A (x + ...)) holds two matrices instead of one a layer.
    total = np.ascontiguousarray(x, dtype=np.float32)
    first = total
    for _ in range(count):
        following = first.copy()
        _multiply(graph.start, graph.target, graph.weight, total, following)
        total = following
    return np.asarray(total / np.float32(count + 1), dtype=np.float32)


@numba.njit(cache=True, nogil=True, fastmath=True)
def _multiply(
    start: NDArray[np.int64],
    target: IntVector,
    weight: FloatVector,
    x: FloatMatrix,
    out: FloatMatrix,
) -> None:
    """``out += A x``."""
    for row in range(len(start) - 1):
        for edge in range(start[row], start[row + 1]):
            source = target[edge]
            share = weight[edge]
            for column in range(x.shape[1]):
                out[row, column] += share * x[source, column]
