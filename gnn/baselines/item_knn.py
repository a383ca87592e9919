"""Neighbouring items by the users they share (Sarwar et al., WWW 2001)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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
        """Closed form of ``dataset.train``; dense (n_items, n_items) while it works."""
        del seed, epochs, on_epoch
        shared = (dataset.train.T @ dataset.train).toarray().astype(np.float32)
        length = np.sqrt(shared.diagonal())
        weights = shared / np.maximum(np.outer(length, length) + self.shrink, 1e-12)
        np.fill_diagonal(weights, 0)
        zero = np.zeros(dataset.n_items, dtype=np.float32)
        return Fit(ItemItem(keep_strongest(weights.astype(np.float32), self.neighbours), zero))
