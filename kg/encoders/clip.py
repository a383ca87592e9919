"""open_clip: pictures and texts in one space, from downloaded or local weights."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from kg.encoders.contract import Content, FloatMatrix
from kg.encoders.text import readable_text
from kg.encoders.torchvision_repair import repair_torchvision
from kg.encoders.weights import weights_identity
from kg.errors import ConfigError, DataError
from kg.items import Modality
from kg.pictures import open_picture

PREFIX = "open_clip:"
_BATCH = 32
_SCHEMES = ("local-dir:", "hf-hub:")


class ClipEncoder:
    """One half of a CLIP model; the two halves of one name share the loaded model.

    Names: ``open_clip:<model>/<pretrained tag or path of a checkpoint>#text`` or ``#image``,
    also ``open_clip:local-dir:<folder>#...`` and ``open_clip:hf-hub:<organisation>/<name>#...``
    as open_clip itself writes them. ``ViT-B-32//srv/clip.pt`` is an absolute path. The name of
    a local checkpoint becomes ``<file>@<sha256[:12]>``: other weights, other vectors.

    Radford et al. (2021), Learning Transferable Visual Models From Natural Language Supervision.
    """

    def __init__(self, model: str, pretrained: str | None, half: Literal["text", "image"]) -> None:
        """ConfigError where the model or its weights are unknown or cannot be had."""
        self.name = f"{PREFIX}{_identity(model, pretrained)}#{half}"
        self.modality: Modality = half
        self._model, self._preprocess, self._tokenizer = _load(model, pretrained)
        self.dim = self._width()

    def encode(self, contents: Sequence[Content], /) -> FloatMatrix:
        """(n, dim) float32, unit rows; DataError names a content that cannot be read.

        A text with no letter and no digit has the zero vector.
        """
        matrix = np.zeros((len(contents), self.dim), dtype=np.float32)
        if self.modality == "text":
            texts = [readable_text(content) for content in contents]
            rows = [row for row, text in enumerate(texts) if text]
            for start in range(0, len(rows), _BATCH):
                part = rows[start : start + _BATCH]
                matrix[part] = self._run(self._tokenizer([texts[row] for row in part]))
            return matrix
        for start in range(0, len(contents), _BATCH):
            part = list(range(start, min(start + _BATCH, len(contents))))
            matrix[part] = self._run(self._pixels([contents[row] for row in part]))
        return matrix

    def _pixels(self, contents: Sequence[Content]) -> Any:
        import torch

        pictures = []
        for content in contents:
            if not isinstance(content, Path):
                raise DataError(
                    str(content)[:80],
                    column="content",
                    value=content,
                    expected="the path of a picture",
                )
            pictures.append(self._preprocess(open_picture(content, max_side=1024)))
        return torch.stack(pictures)

    def _run(self, inputs: Any) -> FloatMatrix:
        import torch

        encode = self._model.encode_text if self.modality == "text" else self._model.encode_image
        with torch.inference_mode():
            vectors: FloatMatrix = encode(inputs, normalize=True).float().numpy()
        return vectors

    def _width(self) -> int:
        import torch

        if self.modality == "text":
            return int(self._run(self._tokenizer(["a"])).shape[1])
        size = self._model.visual.image_size
        height, width = size if isinstance(size, tuple) else (size, size)
        return int(self._run(torch.zeros(1, 3, height, width)).shape[1])


def clip_encoder(name: str) -> ClipEncoder:
    """The encoder that ``name`` (with its PREFIX) describes; ConfigError says what is wrong."""
    wanted, marker, half = name.removeprefix(PREFIX).rpartition("#")
    if not marker or half not in ("text", "image"):
        raise ConfigError(
            f"encoder {name!r}: expected #text or #image at the end, such as"
            f" {PREFIX}ViT-B-32/laion2b_s34b_b79k#image"
        )
    if wanted.startswith(_SCHEMES):
        return ClipEncoder(wanted, None, "text" if half == "text" else "image")
    model, marker, pretrained = wanted.partition("/")
    if not marker or not pretrained:
        raise ConfigError(
            f"encoder {name!r}: expected {PREFIX}<model>/<pretrained tag or path>#{half}"
        )
    return ClipEncoder(model, pretrained, "text" if half == "text" else "image")


@functools.lru_cache(maxsize=1)
def _load(model: str, pretrained: str | None) -> tuple[Any, Any, Any]:
    return load_clip(model, pretrained)


def load_clip(model: str, pretrained: str | None) -> tuple[Any, Any, Any]:
    """(model in eval mode, what prepares a picture, tokenizer), new ones for each caller.

    ConfigError where the model or its weights are unknown or cannot be had.
    """
    repair_torchvision()
    import open_clip

    if not model.startswith(_SCHEMES):
        known = open_clip.list_models()
        if model not in known:
            raise ConfigError(f"open_clip model {model!r} is unknown; known: {', '.join(known)}")
        tags = open_clip.list_pretrained_tags_by_model(model)
        if pretrained not in tags and not Path(str(pretrained)).is_file():
            raise ConfigError(
                f"open_clip weights {pretrained!r} of {model} are neither a file nor one of:"
                f" {', '.join(tags)}"
            )
    try:
        loaded, preprocess = open_clip.create_model_from_pretrained(model, pretrained)
        tokenizer = open_clip.get_tokenizer(model)
    except Exception as error:
        # Download, checkpoint and configuration each fail with errors of their own library.
        raise ConfigError(
            f"open_clip weights {pretrained or ''!r} of {model!r} cannot be loaded"
            f" ({type(error).__name__}: {error}); expected a reachable download or a whole file"
        ) from error
    return loaded.eval(), preprocess, tokenizer


def _identity(model: str, pretrained: str | None) -> str:
    """The model's name, with the hash of local weights in the place of their path."""
    place = Path(model.removeprefix("local-dir:") if pretrained is None else pretrained)
    if pretrained is None and not model.startswith("local-dir:"):
        return model
    if place.is_file() or (pretrained is None and place.is_dir()):
        return f"{'local-dir:' if pretrained is None else f'{model}/'}{weights_identity(place)}"
    return model if pretrained is None else f"{model}/{pretrained}"
