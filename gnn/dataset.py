"""A Dataset: what models see. Indices are those of the snapshot it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from gnn.scoring import FloatMatrix, FloatVector


@dataclass(frozen=True, slots=True, eq=False)
class Feature:
    """Vectors of one modality; rows where ``present`` is False are zero and must be masked."""

    matrix: FloatMatrix  # (n_items, dim), unit rows
    present: NDArray[np.bool_]  # (n_items,)


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Users x items matrices (binary float32 CSR) with everything known about the items.

    ``attributes`` is (n_items, n_entities) float32 CSR of combined confidence in [0, 1];
    ``relation[e]`` is the index in ``relations`` of entity e's kind. ``price`` is NaN where
    unknown. ``groups`` is the variant group's index per item, -1 for none.
    """

    train: sp.csr_matrix
    valid: sp.csr_matrix
    test: sp.csr_matrix
    attributes: sp.csr_matrix
    relation: NDArray[np.int32]
    relations: tuple[str, ...]
    features: Mapping[str, Feature]  # "text", "image", "colour"
    price: FloatVector
    groups: NDArray[np.int32]
    fingerprint: str  # of the snapshot

    @property
    def n_users(self) -> int:
        """Rows of ``train``."""
        return int(self.train.shape[0])

    @property
    def n_items(self) -> int:
        """Columns of ``train``."""
        return int(self.train.shape[1])

    def refit(self) -> Dataset:
        """Train and valid together as train, valid empty: for the fit after the choosing."""
        both = sp.csr_matrix(self.train + self.valid, dtype=np.float32)
        both.data[:] = 1
        empty = sp.csr_matrix(0 * self.valid, dtype=np.float32)
        empty.eliminate_zeros()
        return replace(self, train=both, valid=empty)

    def idf(self) -> FloatVector:
        """(n_entities,) log(items / items that have it), float32; 0 where no item has it."""
        holders = np.bincount(self.attributes.indices, minlength=self.attributes.shape[1])
        return np.log(self.n_items / np.maximum(holders, 1), dtype=np.float32) * (holders > 0)

    def judged_by(self, most: int = 10_000, /, *, seed: int = 0) -> Dataset:
        """The same with the valid rows of at most ``most`` users, drawn by ``seed``.

        Enough to tell one epoch from the next; the choice between models sees everybody.
        """
        users = np.flatnonzero(np.diff(self.valid.indptr))
        if len(users) <= most:
            return self
        kept = np.zeros(self.n_users, dtype=np.float32)
        kept[np.random.default_rng(seed).choice(users, most, replace=False)] = 1
        valid = sp.csr_matrix(sp.diags(kept) @ self.valid, dtype=np.float32)
        valid.eliminate_zeros()
        return replace(self, valid=valid)
