"""How alike two items are, over several kinds of vectors at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from kg.encoders.contract import FloatMatrix, unit_rows

#: (n, dim) unit rows of one kind of vector; sparse where most values are zero.
Part: TypeAlias = "FloatMatrix | sp.csr_matrix"


@dataclass(frozen=True, slots=True)
class Kernel:
    """exp(-gamma * squared distance), the distances of the parts averaged by ``weights``.

    ``weights`` sum to 1; a part of weight 0 is not looked at. A small ``gamma`` is nearly
    linear, a large one nearly nearest neighbours.
    """

    weights: tuple[float, ...]
    gamma: float

    def of(self, similarities: Sequence[FloatMatrix | None]) -> FloatMatrix:
        """(n, m) float32 from the inner products of each part (see ``similarity``)."""
        total: FloatMatrix | None = None
        for weight, similar in zip(self.weights, similarities, strict=True):
            if weight > 0 and similar is not None:
                part = np.float32(weight) * similar
                total = part if total is None else total + part
        if total is None:
            raise ValueError(f"kernel with weights {self.weights} looks at no part")
        kernel: FloatMatrix = np.exp(np.float32(2 * self.gamma) * (total - np.float32(1)))
        return kernel


def similarity(rows: Part, others: Part) -> FloatMatrix:
    """(n, m) float32 inner products."""
    product = rows @ others.T
    dense = product.toarray() if sp.issparse(product) else product
    return np.asarray(dense, dtype=np.float32)


def centred(vectors: FloatMatrix, mean: NDArray[np.float32]) -> FloatMatrix:
    """Unit rows of ``vectors - mean``; a zero row (nothing known) stays zero.

    Features of photos are all positive and alike: what differs is around their mean.
    """
    moved = vectors - mean
    moved[~vectors.any(axis=1)] = 0.0
    return unit_rows(moved)


def split_parts(vectors: FloatMatrix, widths: Sequence[int]) -> list[FloatMatrix]:
    """Columns of (n, sum(widths)) as one matrix a part, in order."""
    ends = np.cumsum(widths)
    return [vectors[:, end - width : end] for width, end in zip(widths, ends, strict=True)]
