"""What every encoder owes: unit rows of float32, one per content, in order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, TypeAlias

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
