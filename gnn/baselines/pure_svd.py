"""Spectral closed forms: PureSVD, and GF-CF, a linear filter with an ideal low pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from gnn.dataset import Dataset
from gnn.item_item import ItemItem
from gnn.models.contract import Fit, OnEpoch
from gnn.scoring import FloatMatrix
from gnn.svd import truncated_svd


@dataclass(frozen=True, slots=True)
class PureSVD:
    """``B = V V'`` of the first ``factors`` right singular vectors of the interactions.

    Cremonesi, Koren & Turrin, RecSys 2010.
    """

    factors: int = 64
    name: str = "pure_svd"

    def fit(
        self,
        dataset: Dataset,
        /,
        *,
        seed: int = 0,
        epochs: int | None = None,
        on_epoch: OnEpoch | None = None,
    ) -> Fit:
        """Truncated SVD of ``dataset.train``, at most min(n_users, n_items) - 1 factors."""
        del epochs, on_epoch
        vectors = _right_vectors(dataset.train, self.factors, seed)
        zero = np.zeros(dataset.n_items, dtype=np.float32)
        return Fit(ItemItem(vectors @ vectors.T, zero))


@dataclass(frozen=True, slots=True)
class GFCF:
    """``B = R'R + alpha D^-1/2 V V' D^1/2``, R the interactions scaled by both degrees^-1/2.

    V are R's first right singular vectors (Shen et al., CIKM 2021).
    """

    factors: int = 64
    alpha: float = 0.3
    name: str = "gf_cf"

    def fit(
        self,
        dataset: Dataset,
        /,
        *,
        seed: int = 0,
        epochs: int | None = None,
        on_epoch: OnEpoch | None = None,
    ) -> Fit:
        """Closed form of ``dataset.train``."""
        del epochs, on_epoch
        train = dataset.train
        of_item = np.maximum(np.asarray(train.sum(axis=0)).ravel(), 1).astype(np.float32)
        of_user = np.maximum(np.asarray(train.sum(axis=1)).ravel(), 1).astype(np.float32)
        scaled = sp.csr_matrix(sp.diags(of_user**-0.5) @ train @ sp.diags(of_item**-0.5))
        vectors = _right_vectors(scaled, self.factors, seed)
        ideal = (of_item[:, None] ** -0.5 * vectors) @ (vectors.T * of_item[None, :] ** 0.5)
        weights = (scaled.T @ scaled).toarray() + np.float32(self.alpha) * ideal
        zero = np.zeros(dataset.n_items, dtype=np.float32)
        return Fit(ItemItem(weights.astype(np.float32), zero))


def _right_vectors(matrix: sp.csr_matrix, factors: int, seed: int) -> FloatMatrix:
    """(n_items, d) float32, d = min(factors, what the matrix allows)."""
    count = min(factors, min(matrix.shape) - 1)
    if not count:  # one user or one item: nothing to factorise
        return np.zeros((matrix.shape[1], 1), dtype=np.float32)
    _, _, right = truncated_svd(matrix, count, seed=seed)
    return np.ascontiguousarray(right, dtype=np.float32)
