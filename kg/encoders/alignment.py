"""Pictures and texts brought into one space by two linear heads learned from the catalogue.

The heads are arrays: projecting needs numpy alone. ``train_alignment`` makes them (torch).
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg.encode_cached import encode_cached
from kg.encoders.contract import Content, Encoder, FloatMatrix, unit_rows
from kg.encoders.retrieval import Retrieval
from kg.errors import ArtifactError, DataError
from kg.items import Modality
from kg.vectors import VectorStore


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """Two heads: ``(vector - mean) @ head``, then a unit row; dim is that of the shared space.

    ``held_out`` was measured on pairs that neither training nor the early stop saw; the heads
    kept here were then trained on every pair for ``epochs`` epochs.
    """

    image_mean: NDArray[np.float32]  # (d_image,)
    image_head: FloatMatrix  # (d_image, dim)
    text_mean: NDArray[np.float32]  # (d_text,)
    text_head: FloatMatrix  # (d_text, dim)
    temperature: float
    epochs: int
    held_out: Retrieval
    image_encoder: str = ""  # names of the encoders whose vectors were learned from
    text_encoder: str = ""

    @property
    def dim(self) -> int:
        """Width of the shared space."""
        return int(self.image_head.shape[1])

    @property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of the four arrays: other heads, other vectors."""
        digest = hashlib.sha256()
        for array in (self.image_mean, self.image_head, self.text_mean, self.text_head):
            digest.update(repr(array.shape).encode() + np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def project_image(self, vectors: FloatMatrix) -> FloatMatrix:
        """(n, d_image) -> (n, dim) float32, unit rows; a zero row stays zero."""
        return _project(vectors, self.image_mean, self.image_head, "image")

    def project_text(self, vectors: FloatMatrix) -> FloatMatrix:
        """(n, d_text) -> (n, dim) float32, unit rows; a zero row stays zero."""
        return _project(vectors, self.text_mean, self.text_head, "text")

    def save(self, path: Path) -> None:
        """Write an ``.npz`` without pickled objects, aside and renamed: whole or not at all."""
        held_out = {f"held_out_{key}": value for key, value in asdict(self.held_out).items()}
        own: dict[str, Any] = {name: getattr(self, name) for name in _ARRAYS + _NUMBERS + _NAMES}
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
        try:
            with os.fdopen(descriptor, "wb") as file:
                np.savez(file, **own, **held_out)
            Path(aside).replace(path)
        except BaseException:
            Path(aside).unlink(missing_ok=True)
            raise

    @classmethod
    def load(cls, path: Path) -> Alignment:
        """What ``save`` wrote; ArtifactError where it is absent or damaged."""
        try:
            # Opened here: np.load itself leaves a damaged file open.
            with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
                held_out = {
                    field.name: file[f"held_out_{field.name}"].item() for field in fields(Retrieval)
                }
                return cls(
                    **{name: file[name] for name in _ARRAYS},
                    **{name: file[name].item() for name in _NUMBERS},
                    # A file of before they were kept has none.
                    **{name: file[name].item() for name in _NAMES if name in file.files},
                    held_out=Retrieval(**held_out),
                )
        except (OSError, ValueError, TypeError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise ArtifactError(
                f"{path}: alignment cannot be read ({type(error).__name__}: {error});"
                " expected a file that Alignment.save wrote"
            ) from error


_ARRAYS = ("image_mean", "image_head", "text_mean", "text_head")
_NUMBERS = ("temperature", "epochs")
_NAMES = ("image_encoder", "text_encoder")


class AlignedEncoder:
    """An encoder followed by its head of ``alignment``: vectors in the shared space.

    Its name is ``<encoder>+aligned:<first 12 of the fingerprint>``, so that the vector store
    keeps the vectors of each alignment apart. With ``vectors`` the encoder's own output is
    taken from there, and added where new: a new alignment then decodes no picture again.
    """

    def __init__(
        self, encoder: Encoder, alignment: Alignment, *, vectors: VectorStore | None = None
    ) -> None:
        if encoder.modality not in ("image", "text"):
            raise DataError(
                encoder.name, column="modality", value=encoder.modality, expected="image or text"
            )
        self.name = f"{encoder.name}+aligned:{alignment.fingerprint[:12]}"
        self.modality: Modality = encoder.modality
        self.dim = alignment.dim
        self._encoder, self._alignment, self._vectors = encoder, alignment, vectors

    def encode(self, contents: Sequence[Content], /) -> FloatMatrix:
        """(n, dim) float32, unit rows; DataError names a content that cannot be read."""
        if self._vectors is None:
            own = self._encoder.encode(contents)
        else:
            hashes = encode_cached(self._encoder, contents, self._vectors)
            own, _ = self._vectors.get(self._encoder.name, hashes)
            if own.shape[1] == 0:  # nothing but blank texts so far
                own = np.zeros((len(contents), self._encoder.dim), dtype=np.float32)
        if self.modality == "image":
            return self._alignment.project_image(own)
        return self._alignment.project_text(own)


def _project(
    vectors: FloatMatrix, mean: NDArray[np.float32], head: FloatMatrix, side: str
) -> FloatMatrix:
    if vectors.ndim != 2 or vectors.shape[1] != len(mean):
        raise DataError(
            "alignment",
            column=f"{side} vectors' shape",
            value=vectors.shape,
            expected=f"(n, {len(mean)})",
        )
    projected = (vectors - mean) @ head
    projected[~vectors.any(axis=1)] = 0.0
    return unit_rows(projected)
