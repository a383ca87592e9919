"""``hf:``: a sentence-transformers or transformers text model, from the hub or a folder."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kg.encoders.contract import Content, FloatMatrix, unit_rows
from kg.encoders.text import readable_text
from kg.encoders.torchvision_repair import repair_torchvision
from kg.encoders.weights import weights_identity
from kg.errors import ConfigError
from kg.items import Modality

PREFIX = "hf:"
_BATCH = 32


class HuggingFaceText:
    """``hf:<organisation>/<name>`` of huggingface.co, or ``hf:<folder>`` with the model's files.

    A sentence-transformers model is used as it was trained, prompts for documents included; of
    a plain transformers model the last layer's tokens are averaged. The name of a folder
    becomes ``hf:<folder's name>@<sha256[:12]>``, that of a hub model ends in ``@<commit[:12]>``.

    Reimers and Gurevych (2019), Sentence-BERT.
    """

    modality: Modality = "text"

    def __init__(self, place: str) -> None:
        """ConfigError where the model cannot be had, or sentence-transformers is missing."""
        self._model = _load(place)
        # Newer sentence-transformers call it otherwise; the old name warns there.
        width = getattr(self._model, "get_embedding_dimension", None)
        width = width or self._model.get_sentence_embedding_dimension
        self.dim = int(width())
        self.name = PREFIX + _identity(place, self._model)
        self._lock = threading.Lock()

    def encode(self, contents: Sequence[Content], /) -> FloatMatrix:
        """(n, dim) float32, unit rows; DataError where a content is a path, not a text.

        A text with no letter and no digit has the zero vector.
        """
        matrix = np.zeros((len(contents), self.dim), dtype=np.float32)
        texts = [readable_text(content) for content in contents]
        rows = [row for row, text in enumerate(texts) if text]
        if rows:
            given = [texts[row] for row in rows]
            with self._lock:  # fast tokenizers cannot be borrowed by two threads
                found = self._model.encode(given, batch_size=_BATCH, show_progress_bar=False)
            matrix[rows] = unit_rows(np.asarray(found, dtype=np.float32))
        return matrix


def sentence_encoder(name: str) -> HuggingFaceText:
    """The encoder that ``name`` (with its PREFIX) describes; ConfigError says what is wrong."""
    place = name.removeprefix(PREFIX)
    if not place or (place.startswith((".", "/", "~")) and not Path(place).is_dir()):
        raise ConfigError(
            f"encoder {name!r}: {place!r} is not a folder; expected {PREFIX}<folder> or"
            f" {PREFIX}<organisation>/<name>"
        )
    return HuggingFaceText(place)


def _load(place: str) -> Any:
    repair_torchvision()  # transformers imports it wherever it is installed
    try:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging
    except ImportError as error:
        raise ConfigError(
            f"encoder {PREFIX}{place}: needs sentence-transformers, which cannot be imported"
            f" ({error}); expected: pip install sentence-transformers"
        ) from error
    # Its bar is drawn over that of the command which waits for the model.
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(place, device="cpu")
    except Exception as error:
        # Hub, configuration, tokenizer and weights each fail with errors of their own library.
        raise ConfigError(
            f"encoder {PREFIX}{place}: cannot be loaded ({type(error).__name__}: {error});"
            " expected a model of huggingface.co that can be reached, or the folder of one"
        ) from error


def _identity(place: str, model: Any) -> str:
    if Path(place).is_dir():
        return weights_identity(Path(place))
    config = getattr(getattr(model[0], "auto_model", None), "config", None)
    commit = getattr(config, "_commit_hash", None)
    return f"{place}@{commit[:12]}" if commit else place
