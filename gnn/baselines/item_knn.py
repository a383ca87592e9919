"""Neighbouring items by the users they share (Sarwar et al., WWW 2001)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from gnn.dataset import Dataset
from gnn.item_item import ItemItem, keep_strongest
from gnn.models.contract import Fit, OnEpoch


@dataclass(frozen=True, slots=True)
class ItemKNN:
    """``B_jk = |users of both| / (|j| |k| + shrink)`` with lengths |j| = sqrt(users of j).

    The shrink distrusts pairs that few users share (Bell & Koren, ICDM 2007); each target
    keeps its ``neighbours`` strongest sources.
    """

    shrink: float = 20.0
    neighbours: int = 200
    name: str = "item_knn"

    def fit(
        self,
        dataset: Dataset,
        /,
        *,
        seed: int = 0,
        epochs: int | None = None,
        on_epoch: OnEpoch | None = None,
    ) -> Fit:
        """Closed form of ``dataset.train``; as sparse as its pairs of items with a user."""
        del seed, epochs, on_epoch
        shared = sp.coo_matrix(dataset.train.T @ dataset.train, dtype=np.float32)
        length = np.sqrt(shared.tocsr().diagonal())
        apart = shared.row != shared.col
        source, target, users = shared.row[apart], shared.col[apart], shared.data[apart]
        values = users / np.maximum(length[source] * length[target] + self.shrink, 1e-12)
        weights = sp.csr_matrix((values, (source, target)), shape=shared.shape)
        zero = np.zeros(dataset.n_items, dtype=np.float32)
        return Fit(ItemItem(keep_strongest(weights, self.neighbours), zero))
