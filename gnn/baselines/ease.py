"""Embarrassingly shallow autoencoders (Steck, WWW 2019), alone and with attributes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.linalg import cho_factor, cho_solve

from gnn.baselines.content import rarity_rows
from gnn.dataset import Dataset
from gnn.item_item import ItemItem
from gnn.models.contract import Fit, OnEpoch
from gnn.scoring import FloatMatrix


@dataclass(frozen=True, slots=True)
class EASE:
    """``min |X - X B|^2 + l2 |B|^2`` with a zero diagonal: ``B = I - P / diag(P)``,

    ``P = (X'X + l2 I)^-1``.
    """

    l2: float = 100.0
    name: str = "ease"

    def fit(
        self,
        dataset: Dataset,
        /,
        *,
        seed: int = 0,
        epochs: int | None = None,
        on_epoch: OnEpoch | None = None,
    ) -> Fit:
        """Closed form of ``dataset.train``, cubic in the number of items."""
        del seed, epochs, on_epoch
        zero = np.zeros(dataset.n_items, dtype=np.float32)
        return Fit(ItemItem(ease_weights(dataset.train, l2=self.l2), zero))


@dataclass(frozen=True, slots=True)
class CollectiveEASE:
    """EASE with the items' entities stacked under the interactions as extra rows.

    An item's entities are weighted by ``idf * confidence``, scaled to unit length and then by
    ``weight``; so row e reads as a shopper who owns exactly what is linen, and an item with
    many facts does not speak louder (Jeunen, Van Balen & Goethals, RecSys 2020).
    """

    l2: float = 400.0
    weight: float = 3.0
    name: str = "collective_ease"

    def fit(
        self,
        dataset: Dataset,
        /,
        *,
        seed: int = 0,
        epochs: int | None = None,
        on_epoch: OnEpoch | None = None,
    ) -> Fit:
        """Closed form of ``dataset.train`` and ``dataset.attributes``."""
        del seed, epochs, on_epoch
        extra = self.weight * rarity_rows(dataset).T
        rows = sp.csr_matrix(sp.vstack([dataset.train, extra]), dtype=np.float32)
        zero = np.zeros(dataset.n_items, dtype=np.float32)
        return Fit(ItemItem(ease_weights(rows, l2=self.l2), zero))


def ease_weights(rows: sp.csr_matrix, /, *, l2: float) -> FloatMatrix:
    """(n_items, n_items) float32 EASE solution for ``rows`` (m, n_items), l2 > 0."""
    gram = (rows.T @ rows).toarray().astype(np.float32)
    gram[np.diag_indices_from(gram)] += np.float32(l2)
    inverse = cho_solve(
        cho_factor(gram, lower=True, overwrite_a=True),
        np.eye(len(gram), dtype=np.float32),
        overwrite_b=True,
    )
    weights = np.asarray(inverse / -np.diag(inverse), dtype=np.float32)
    np.fill_diagonal(weights, 0)
    return weights
