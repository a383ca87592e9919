"""Ridge regression with many outputs, for sparse rows too wide for a normal matrix."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from gnn.scoring import FloatMatrix


def ridge(
    rows: sp.csr_matrix,
    outputs: FloatMatrix,
    /,
    *,
    strength: float = 1.0,
    steps: int = 50,
    tolerance: float = 1e-4,
) -> FloatMatrix:
    """W (m, d) float32 of ``min |rows W - outputs|^2 + l2 |W|^2`` by conjugate gradients.

    ``rows`` (n, m), ``outputs`` (n, d); ``l2 = strength *`` the mean squared length of a row,
    so that scaling the rows scales the answer and nothing else. Each output is its own
    system; they share the products. Stops at ``tolerance`` of every first residual.
    """
    l2 = strength * float(rows.multiply(rows).sum()) / max(rows.shape[0], 1)
    found = np.zeros((rows.shape[1], outputs.shape[1]), dtype=np.float32)
    if not l2:
        return found
    residual = np.asarray(rows.T @ outputs, dtype=np.float32)
    direction = residual.copy()
    size = first = np.square(residual).sum(axis=0)
    for _ in range(steps):
        if (size <= tolerance**2 * first).all():
            break
        image = rows.T @ (rows @ direction) + np.float32(l2) * direction
        along = np.einsum("md,md->d", direction, image)
        length = np.divide(size, along, out=np.zeros_like(size), where=along > 0)
        found += length * direction
        residual -= length * image
        new = np.square(residual).sum(axis=0)
        turn = np.divide(new, size, out=np.zeros_like(size), where=size > 0)
        direction = residual + turn * direction
        size = new
    return found
