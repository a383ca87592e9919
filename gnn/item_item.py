"""The scorer of every closed form: constant plus history times an item-item matrix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from gnn.scoring import EvidenceCredit, FloatMatrix, FloatVector, IntVector

Weights: TypeAlias = FloatMatrix | sp.csr_matrix


@dataclass(frozen=True, slots=True, eq=False)
class SharedEntities:
    """Rows whose inner products are the weights: ``weights[j, k] = rows[j] . rows[k]``."""

    rows: sp.csr_matrix  # (n_items, n_entities) float32
    relation: NDArray[np.int32]  # (n_entities,) index into ``relations``
    relations: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ItemItem:
    """``score(u, k) = constant_k + sum_j w_uj weights[j, k]``; knows no users.

    ``weights`` (n_items, n_items) float32, dense or CSR; ``relation`` names the evidence
    that an edge as a whole stands on, unless ``entities`` takes it apart.
    """

    weights: Weights
    constant: FloatVector
    relation: str = "bought_together"
    entities: SharedEntities | None = None

    @property
    def n_items(self) -> int:
        """Columns of ``weights``."""
        return int(self.weights.shape[1])

    def score(self, histories: sp.csr_matrix, /, *, users: IntVector | None = None) -> FloatMatrix:
        """(n, n_items) float32; ``users`` is not looked at."""
        del users
        product = histories.astype(np.float32, copy=False) @ self.weights
        dense = product.toarray() if sp.issparse(product) else product
        return np.asarray(dense + self.constant, dtype=np.float32)

    def credits(
        self, owned: IntVector, weights: FloatVector, item: int, /, *, user: int = -1
    ) -> tuple[FloatVector, float]:
        """Terms of the sum, (len(owned),) float32, and the constant."""
        del user
        terms = np.asarray(weights, dtype=np.float32) * self._row_entries(owned, item)
        return terms.astype(np.float32), float(self.constant[item])

    def edge_credits(
        self, source: int, item: int, /, *, weight: float = 1.0
    ) -> list[EvidenceCredit]:
        """By entity where the weights are inner products of entities, else the whole edge.

        Empty where the two have nothing in common.
        """
        if self.entities is None:
            edge = float(self._row_entries(np.array([source], dtype=np.int32), item)[0])
            return [EvidenceCredit(self.relation, weight * edge)] if edge else []
        rows = self.entities.rows
        shared = rows[[source]].multiply(rows[[item]]).tocoo()
        found = [
            EvidenceCredit(
                self.entities.relations[self.entities.relation[entity]],
                weight * float(value),
                int(entity),
            )
            for entity, value in zip(shared.col, shared.data, strict=True)
        ]
        return sorted(found, key=lambda one: (-one.credit, one.entity))

    def similar(self, item: int, /) -> FloatVector:
        """Row ``item`` of the weights, (n_items,) float32."""
        row = self.weights[[item]]
        dense = row.toarray() if sp.issparse(row) else row
        return np.asarray(dense, dtype=np.float32).reshape(-1)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Arrays by name; ``ItemItem.from_arrays`` reads them back."""
        found: dict[str, NDArray[np.generic]] = {
            "constant": self.constant,
            "evidence": np.array(self.relation),
        }
        if isinstance(self.weights, np.ndarray):
            found["weights"] = self.weights
        else:
            found |= _csr_arrays("weights", self.weights)
        if self.entities is not None:
            found |= _csr_arrays("entities", self.entities.rows)
            found["relation"] = self.entities.relation
            found["relations"] = np.array(self.entities.relations)
        return found

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]], /) -> ItemItem:
        """The scorer whose ``arrays()`` these are; KeyError names one that is missing."""
        weights: Weights
        if "weights" in arrays:
            weights = np.asarray(arrays["weights"], dtype=np.float32)
        else:
            weights = _csr("weights", arrays)
        entities = None
        if "relations" in arrays:
            names = tuple(str(name) for name in arrays["relations"])
            relation = np.asarray(arrays["relation"], dtype=np.int32)
            entities = SharedEntities(_csr("entities", arrays), relation, names)
        constant = np.asarray(arrays["constant"], dtype=np.float32)
        return cls(weights, constant, str(arrays["evidence"]), entities)

    def _row_entries(self, owned: IntVector, item: int) -> FloatVector:
        column = self.weights[np.asarray(owned, dtype=np.int64)][:, [item]]
        dense = column.toarray() if sp.issparse(column) else column
        return np.asarray(dense, dtype=np.float32).reshape(-1)


def keep_strongest(weights: Weights, count: int, /, *, block: int = 2_000) -> sp.csr_matrix:
    """CSR of ``weights`` (n, n) with only the ``count`` largest positive entries a *column*.

    A column is a target: its neighbours are the items that may speak for it. Of sparse
    weights ``block`` columns are dense at a time, never all.
    """
    if isinstance(weights, np.ndarray):
        return sp.csr_matrix(_strongest(weights, count))
    columns = weights.tocsc()
    blocks = [
        sp.csc_matrix(_strongest(columns[:, start : start + block].toarray(), count))
        for start in range(0, columns.shape[1], block)
    ]
    return sp.csr_matrix(sp.hstack(blocks, format="csr"), dtype=np.float32)


def _strongest(weights: FloatMatrix, count: int) -> FloatMatrix:
    n = len(weights)
    kept = weights
    if count < n:
        cut = np.partition(weights, n - count, axis=0)[n - count]
        kept = np.where(weights >= cut, weights, np.float32(0))
    return np.maximum(kept, 0).astype(np.float32)


def _csr_arrays(name: str, matrix: sp.csr_matrix) -> dict[str, NDArray[np.generic]]:
    return {
        f"{name}.data": np.asarray(matrix.data, dtype=np.float32),
        f"{name}.indices": np.asarray(matrix.indices, dtype=np.int32),
        f"{name}.indptr": np.asarray(matrix.indptr, dtype=np.int64),
        f"{name}.shape": np.asarray(matrix.shape, dtype=np.int64),
    }


def _csr(name: str, arrays: Mapping[str, NDArray[np.generic]]) -> sp.csr_matrix:
    rows, columns = (int(size) for size in np.asarray(arrays[f"{name}.shape"], dtype=np.int64))
    data = np.asarray(arrays[f"{name}.data"], dtype=np.float32)
    indices = np.asarray(arrays[f"{name}.indices"], dtype=np.int32)
    indptr = np.asarray(arrays[f"{name}.indptr"], dtype=np.int64)
    return sp.csr_matrix((data, indices, indptr), shape=(rows, columns))
