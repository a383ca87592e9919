"""Random walks of three steps, popular ends discounted (Paudel et al., TiiS 2017)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from gnn.dataset import Dataset
from gnn.item_item import ItemItem, keep_strongest
from gnn.models.contract import Fit, OnEpoch


@dataclass(frozen=True, slots=True)
class RP3Beta:
    """``B_jk = sum_u P(j -> u)^alpha P(u -> k)^alpha / (users of k)^beta``."""

    alpha: float = 1.0
    beta: float = 0.5
    neighbours: int = 500
    name: str = "rp3beta"

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
        train = dataset.train.astype(np.float32)
        of_item = np.maximum(np.asarray(train.sum(axis=0)).ravel(), 1)
        of_user = np.maximum(np.asarray(train.sum(axis=1)).ravel(), 1)
        to_item = sp.diags(of_user**-self.alpha) @ train
        walk = sp.diags(of_item**-self.alpha) @ (train.T @ to_item) @ sp.diags(of_item**-self.beta)
        weights = sp.csr_matrix(walk, dtype=np.float32)
        weights.setdiag(0)
        zero = np.zeros(dataset.n_items, dtype=np.float32)
        return Fit(ItemItem(keep_strongest(weights, self.neighbours), zero))
