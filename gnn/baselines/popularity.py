"""Everybody gets what most people took."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from gnn.dataset import Dataset
from gnn.item_item import ItemItem
from gnn.models.contract import Fit, OnEpoch


@dataclass(frozen=True, slots=True)
class Popularity:
    """``score(u, k)`` = users who have item k, over all users; the history plays no part."""

    name: str = "popularity"

    def fit(
        self,
        dataset: Dataset,
        /,
        *,
        seed: int = 0,
        epochs: int | None = None,
        on_epoch: OnEpoch | None = None,
    ) -> Fit:
        """Counts of ``dataset.train``."""
        del seed, epochs, on_epoch
        counts = np.bincount(dataset.train.indices, minlength=dataset.n_items)
        share = (counts / max(dataset.n_users, 1)).astype(np.float32)
        nothing = sp.csr_matrix(sp.diags(np.zeros(dataset.n_items, dtype=np.float32)))
        nothing.eliminate_zeros()
        return Fit(ItemItem(nothing, share))
