"""What every encoder owes: unit rows of float32, one per content, in order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kg.items import Modality

FloatMatrix: TypeAlias = NDArray[np.float32]
#: Text to read, or the path of a picture.
Content: TypeAlias = str | Path


class Encoder(Protocol):
    """Maps contents to vectors; the name changes whenever the vectors would."""

    name: str
    modality: Modality
    dim: int

    def encode(self, contents: Sequence[Content], /) -> FloatMatrix:
        """(n, dim) float32 with unit rows. DataError names a content that cannot be read."""
        ...


def unit_rows(matrix: NDArray[np.floating[Any]]) -> FloatMatrix:
    """Each row of (n, dim) divided by its length, float32; a zero row stays zero."""
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    rows = np.divide(matrix, norms, out=np.zeros_like(matrix), where=norms > 0)
    return np.asarray(rows, dtype=np.float32)
