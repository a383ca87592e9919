"""Several encoders as one: their vectors of the same content side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kg.encode_cached import encode_cached
from kg.encoders.contract import Content, Encoder, FloatMatrix
from kg.errors import ConfigError
from kg.items import Modality
from kg.vectors import VectorStore


class JoinedEncoder:
    """``a&b``: unit rows of each of ``encoders`` beside each other, divided by sqrt(count).

    ``widths`` are their dims, in order. With ``vectors`` what an encoder has made already is
    taken from there, and added where new: no picture is decoded twice. ConfigError unless
    there are two encoders or more, all of one modality.
    """

    def __init__(self, encoders: Sequence[Encoder], *, vectors: VectorStore | None = None) -> None:
        modalities = {encoder.modality for encoder in encoders}
        if len(encoders) < 2 or len(modalities) != 1:
            said = ", ".join(f"{encoder.name} ({encoder.modality})" for encoder in encoders)
            raise ConfigError(f"joined encoders [{said}]: expected two or more of one modality")
        self.name = "&".join(encoder.name for encoder in encoders)
        self.modality: Modality = encoders[0].modality
        self.widths = tuple(encoder.dim for encoder in encoders)
        self.dim = sum(self.widths)
        self._encoders, self._vectors = tuple(encoders), vectors

    def encode(self, contents: Sequence[Content], /) -> FloatMatrix:
        """(n, dim) float32, unit rows; DataError names a content that cannot be read.

        Where one encoder has the zero vector its columns are zero and the row is shorter.
        """
        rows = np.hstack([self._part(encoder, contents) for encoder in self._encoders])
        joined: FloatMatrix = rows / np.float32(np.sqrt(len(self._encoders)))
        return joined

    def _part(self, encoder: Encoder, contents: Sequence[Content]) -> FloatMatrix:
        if self._vectors is None:
            return encoder.encode(contents)
        hashes = encode_cached(encoder, contents, self._vectors)
        own, _ = self._vectors.get(encoder.name, hashes)
        if own.shape[1] == 0:  # nothing but blank texts so far
            return np.zeros((len(contents), encoder.dim), dtype=np.float32)
        return own
