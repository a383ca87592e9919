"""Content alone: items that share rare entities, and nearest neighbours of vectors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from gnn.dataset import Dataset
from gnn.item_item import ItemItem, SharedEntities
from gnn.models.contract import Fit, OnEpoch
from kg.errors import DataError


@dataclass(frozen=True, slots=True)
class AttributeCosine:
    """Cosine of the items' entities weighted by ``idf^rarity`` and confidence."""

    rarity: float = 1.0
    name: str = "attribute_cosine"

    def fit(
        self,
        dataset: Dataset,
        /,
        *,
        seed: int = 0,
        epochs: int | None = None,
        on_epoch: OnEpoch | None = None,
    ) -> Fit:
        """Uses ``dataset.attributes`` alone; an item without entities is like no other."""
        del seed, epochs, on_epoch
        rows = rarity_rows(dataset, self.rarity)
        weights = sp.csr_matrix(rows @ rows.T, dtype=np.float32)
        zero = np.zeros(dataset.n_items, dtype=np.float32)
        entities = SharedEntities(rows, dataset.relation, dataset.relations)
        return Fit(ItemItem(weights, zero, "unexplained", entities))


@dataclass(frozen=True, slots=True)
class VectorNeighbours:
    """Cosine of the items' ``feature`` vectors to the power ``sharpness``, negatives zero.

    Pairs of which one has no vector score 0: nothing is known of them.
    """

    feature: str = "text"
    sharpness: float = 1.0
    name: str = "text_neighbours"

    def fit(
        self,
        dataset: Dataset,
        /,
        *,
        seed: int = 0,
        epochs: int | None = None,
        on_epoch: OnEpoch | None = None,
    ) -> Fit:
        """Uses ``dataset.features`` alone; DataError lists those there are."""
        del seed, epochs, on_epoch
        if self.feature not in dataset.features:
            known = ", ".join(sorted(dataset.features)) or "none"
            raise DataError(
                "dataset", column="feature", value=self.feature, expected=f"one of: {known}"
            )
        feature = dataset.features[self.feature]
        rows = feature.matrix * feature.present[:, None]
        weights = np.maximum(rows @ rows.T, 0) ** np.float32(self.sharpness)
        zero = np.zeros(dataset.n_items, dtype=np.float32)
        return Fit(ItemItem(weights.astype(np.float32), zero, self.feature))


def rarity_rows(dataset: Dataset, /, rarity: float = 1.0) -> sp.csr_matrix:
    """(n_items, n_entities) float32: ``idf^rarity * confidence``, unit rows (or empty ones)."""
    idf = dataset.idf()
    scale = np.where(idf > 0, np.maximum(idf, 1e-12) ** rarity, 0).astype(np.float32)
    rows = sp.csr_matrix(dataset.attributes @ sp.diags(scale), dtype=np.float32)
    length = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return sp.csr_matrix(sp.diags(1 / np.maximum(length, 1e-12)) @ rows, dtype=np.float32)
