"""The embedded default for pictures: EfficientNet-Lite0's pooled features in onnxruntime."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from kg.encoders.contract import Content, FloatMatrix
from kg.encoders.lite0 import DIM, SIDE, lite0_graph, lite0_weights
from kg.errors import DataError
from kg.items import Modality
from kg.pictures import open_picture

#: JPEG is decoded at this size or above before it is resized: enough for 224 pixels.
_DECODE_SIDE = 2 * SIDE


class PhotoEncoder:
    """``efficientnet-lite0``: 1280-d pooled features before the ImageNet classifier.

    The whole picture is squeezed into 224 x 224: nothing of a tall product is cropped away, and
    on H&M it retrieves titles as well as padding or cropping does. Features are >= 0, so the
    cosine of two pictures is too.

    ``threads``: pictures decoded and encoded at once; default one for each core, at most 8.
    """

    name = "efficientnet-lite0"
    modality: Modality = "image"
    dim = DIM

    def __init__(self, *, threads: int | None = None) -> None:
        self.threads = threads or min(8, os.cpu_count() or 1)
        self._lock = threading.Lock()
        self._session: Any = None

    def encode(self, contents: Sequence[Content], /) -> FloatMatrix:
        """(n, 1280) float32, unit rows; DataError names the first picture that cannot be read."""
        session = self._loaded()

        def features(content: Content) -> NDArray[np.float32]:
            # One picture at a time: its feature maps stay in the core's cache (205 photos in
            # a CPU-second against 85 in batches of 32), and no batch can change a vector.
            row: NDArray[np.float32] = session.run(None, {"pixels": photo_pixels(content)})[0][0]
            norm = float(np.linalg.norm(row))
            return row / np.float32(norm) if norm > 0 else row

        with ThreadPoolExecutor(self.threads, "photos") as pool:
            rows = list(pool.map(features, contents))
        return np.array(rows, dtype=np.float32).reshape(len(contents), DIM)

    def _loaded(self) -> Any:
        with self._lock:
            if self._session is None:
                import onnxruntime  # type: ignore[import-untyped]

                options = onnxruntime.SessionOptions()
                options.intra_op_num_threads = options.inter_op_num_threads = 1
                self._session = onnxruntime.InferenceSession(
                    lite0_graph(lite0_weights()), options, providers=["CPUExecutionProvider"]
                )
            return self._session


def photo_pixels(content: Content) -> NDArray[np.float32]:
    """(1, 3, 224, 224) float32 RGB as Lite0 was trained: (value - 127) / 128."""
    if not isinstance(content, Path):
        raise DataError(
            str(content)[:80], column="content", value=content, expected="the path of a picture"
        )
    picture = open_picture(content, max_side=_DECODE_SIDE)
    small = picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    pixels = (np.asarray(small, dtype=np.float32) - 127.0) / 128.0
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])
