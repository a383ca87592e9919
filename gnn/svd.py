"""Truncated SVD that gives the same vectors every time it is asked.

ARPACK starts again at random, from a state it keeps between calls, whenever it has found an
invariant subspace; with repeated singular values, as in any data of a few plain tastes, the
vectors then differ from run to run. Here nothing is random but what the seed says.
"""

from __future__ import annotations

import numpy as np
import scipy.linalg
import scipy.sparse as sp
from numpy.typing import NDArray

from kg.snapshot import Float64

#: Up to this length of the shorter side, or so many times the directions asked for, its Gram
#: matrix is decomposed whole: there the iteration would take longer.
DENSE_SIDE, DENSE_SHARE = 1_200, 25
#: Beyond: directions to spare, products with the matrix kept at once, and how many times.
_SPARE, _DEPTH, _ROUNDS = 16, 6, 3
#: A singular value below this part of the largest is rounding.
_NOTHING = 1e-7


def truncated_svd(
    matrix: sp.csr_matrix | NDArray[np.floating], count: int, /, *, seed: int = 0
) -> tuple[Float64, Float64, Float64]:
    """``left`` (n, count), ``values`` (count,) descending, ``right`` (m, count), float64.

    ``left * values @ right.T`` is the best approximation of rank ``count`` <= min(n, m).
    Exact up to ``DENSE_SIDE`` rows or columns, but for values under 1e-7 of the largest, which
    count as 0; beyond nearly so, by block Krylov iteration (Musco & Musco, NeurIPS 2015) begun
    again a few times from the best directions so far.
    Directions beyond the rank are zero vectors on both sides, with the value 0.
    """
    rows = matrix.astype(np.float64)
    if rows.shape[0] <= rows.shape[1]:
        return _of_wide(rows, count, seed)
    right, values, left = _of_wide(rows.T.tocsr() if sp.issparse(rows) else rows.T, count, seed)
    return left, values, right


def _of_wide(
    rows: sp.csr_matrix | Float64, count: int, seed: int
) -> tuple[Float64, Float64, Float64]:
    """As above for a matrix of at least as many columns as rows."""
    side = rows.shape[0]
    if side <= max(DENSE_SIDE, DENSE_SHARE * count):
        gram = rows @ rows.T
        gram = gram.toarray() if sp.issparse(gram) else gram
        _, basis = scipy.linalg.eigh(gram, subset_by_index=(side - count, side - 1))
    else:
        basis = np.random.default_rng(seed).standard_normal((side, min(side, count + _SPARE)))
        for _ in range(_ROUNDS):
            basis = _nearer(rows, basis)
    # The basis spans the directions; what the matrix does to them gives values and both sides.
    spoken = np.asarray(rows.T @ basis)
    turn, values, small = np.linalg.svd(spoken, full_matrices=False)
    left, right = basis @ small.T[:, :count], turn[:, :count]
    values = values[:count]
    real = values > _NOTHING * values.max(initial=0)
    return left * real, values * real, right * real


def _nearer(rows: sp.csr_matrix | Float64, basis: Float64) -> Float64:
    """The best directions, as many as in ``basis``, of what the matrix makes of it."""
    blocks = [np.linalg.qr(basis)[0]]
    for _ in range(_DEPTH):
        blocks.append(np.linalg.qr(rows @ (rows.T @ blocks[-1]))[0])
    whole = np.linalg.qr(np.hstack(blocks))[0]
    spoken = np.asarray(rows.T @ whole)
    _, turn = np.linalg.eigh(spoken.T @ spoken)
    return np.asarray(whole @ turn[:, -basis.shape[1] :])
