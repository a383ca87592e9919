"""``timm:``: an image model of timm, with its published weights or a local checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np

from kg.encoders.contract import Content, FloatMatrix, unit_rows
from kg.encoders.torchvision_repair import repair_torchvision
from kg.encoders.weights import weights_identity
from kg.errors import ConfigError, DataError
from kg.items import Modality
from kg.pictures import open_picture

PREFIX = "timm:"
_BATCH = 16


class TimmPhoto:
    """``timm:<model>`` downloads the published weights, ``timm:<model>/<path>`` reads a file.

    ``<model>`` is a name of ``timm.list_models()``, with a tag or without
    (``resnet18.a1_in1k``); ``timm:resnet18//srv/photo.pt`` is an absolute path. Vectors are the
    pooled features before the classifier; pixels are prepared as the model's own configuration
    says. The name of local weights becomes ``timm:<model>/<file>@<sha256[:12]>``.

    Wightman (2019), PyTorch Image Models.
    """

    modality: Modality = "image"

    def __init__(self, model: str, checkpoint: Path | None) -> None:
        """ConfigError where model or weights are unknown, damaged, or of another model."""
        kept = "" if checkpoint is None else f"/{weights_identity(checkpoint)}"
        self.name = f"{PREFIX}{model}{kept}"
        self._model, self._preprocess = _load(model, checkpoint)
        self.dim = self._run([self._preprocess(_blank())]).shape[1]

    def encode(self, contents: Sequence[Content], /) -> FloatMatrix:
        """(n, dim) float32, unit rows; DataError names a picture that cannot be read."""
        matrix = np.zeros((len(contents), self.dim), dtype=np.float32)
        for start in range(0, len(contents), _BATCH):
            part = [self._pixels(content) for content in contents[start : start + _BATCH]]
            matrix[start : start + len(part)] = unit_rows(self._run(part))
        return matrix

    def _pixels(self, content: Content) -> Any:
        if not isinstance(content, Path):
            raise DataError(
                str(content)[:80], column="content", value=content, expected="the path of a picture"
            )
        return self._preprocess(open_picture(content, max_side=1024))

    def _run(self, pixels: list[Any]) -> FloatMatrix:
        import torch

        with torch.inference_mode():
            rows: FloatMatrix = self._model(torch.stack(pixels)).float().numpy()
        return rows


def timm_encoder(name: str) -> TimmPhoto:
    """The encoder that ``name`` (with its PREFIX) describes; ConfigError says what is wrong."""
    model, marker, path = name.removeprefix(PREFIX).partition("/")
    if not model or (marker and not path):
        raise ConfigError(f"encoder {name!r}: expected {PREFIX}<model> or {PREFIX}<model>/<path>")
    if path and not Path(path).is_file():
        raise ConfigError(f"encoder {name!r}: {path} is not a file; expected a checkpoint")
    return TimmPhoto(model, Path(path) if path else None)


def _load(model: str, checkpoint: Path | None) -> tuple[Any, Any]:
    repair_torchvision()
    try:
        import timm
    except ImportError as error:
        raise ConfigError(
            f"encoder {PREFIX}{model}: needs timm, which cannot be imported ({error});"
            " expected: pip install timm"
        ) from error
    if not timm.is_model(model):
        near = ", ".join(get_close_matches(model, timm.list_models(), n=8, cutoff=0.4))
        raise ConfigError(
            f"timm model {model!r} is unknown; known: {near or 'see timm.list_models()'}"
        )
    try:
        loaded = timm.create_model(model, pretrained=checkpoint is None, num_classes=0)
        missing = [] if checkpoint is None else _fill(loaded, checkpoint)
    except Exception as error:
        # Download, checkpoint and configuration each fail with errors of their own library.
        raise ConfigError(
            f"timm weights {str(checkpoint or '')!r} of {model} cannot be loaded"
            f" ({type(error).__name__}: {error}); expected a reachable download or a whole file"
        ) from error
    if missing:
        raise ConfigError(
            f"timm weights {str(checkpoint)!r} of {model} are of another model: they lack"
            f" {len(missing)} tensors, {missing[0]} first"
        )
    data: Any = timm.data  # untyped
    config = data.resolve_data_config({}, model=loaded)
    return loaded.eval(), data.create_transform(**config, is_training=False)


def _fill(model: Any, checkpoint: Path) -> list[str]:
    """Names of the model's tensors that the checkpoint does not have.

    The checkpoint's classifier has no place in the model and is left out.
    """
    from timm.models import load_state_dict

    state = load_state_dict(str(checkpoint), weights_only=True)
    return list(model.load_state_dict(state, strict=False).missing_keys)


def _blank() -> Any:
    from PIL import Image

    return Image.new("RGB", (64, 64))
