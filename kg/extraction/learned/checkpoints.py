"""Read-outs of finished folds on disk: an interrupted training goes on where it was.

A folder a key (data, settings, code); a file a step, written aside and renamed. Unreadable files
are made again. Without a folder nothing is kept.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg.extraction.learned.readouts import SpanReadout, TagReadout

Arrays = dict[str, NDArray[Any]]
#: Tags of the network, its spans, tags of the CRF: of one text; the first two may be missing.
Readouts = tuple[TagReadout | None, SpanReadout | None, TagReadout]


class Checkpoints:
    """Steps by name; ``seconds`` are the CPU-seconds that a step took when it was made."""

    def __init__(self, folder: Path | None, *, key: str) -> None:
        self._folder = folder / key if folder is not None else None
        self.resumed = 0

    def load(self, name: str) -> tuple[Arrays, float] | None:
        """Arrays and CPU-seconds, None where the step is not done."""
        if self._folder is None or not (self._folder / f"{name}.npz").is_file():
            return None
        try:
            # numpy leaves a file that it opened itself open when it turns out to be damaged.
            with (
                (self._folder / f"{name}.npz").open("rb") as file,
                np.load(file, allow_pickle=False) as stored,
            ):
                arrays = dict(stored)
            seconds = float(json.loads(bytes(arrays.pop("meta")).decode())["seconds"])
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            return None
        self.resumed += 1
        return arrays, seconds

    def save(self, name: str, arrays: Arrays, *, seconds: float) -> None:
        """Keep ``arrays``; a crash leaves the step undone, never half done."""
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        meta = np.frombuffer(json.dumps({"seconds": seconds}).encode(), np.uint8)
        aside = self._folder / f".{name}.{os.getpid()}.npz"
        np.savez(aside, **{**arrays, "meta": meta})  # type: ignore[arg-type]
        aside.replace(self._folder / f"{name}.npz")


def pack(readouts: Sequence[Readouts]) -> Arrays:
    """Many read-outs as few arrays: values end to end, shapes beside them."""
    arrays: Arrays = {}
    arrays |= _joined("tag", [one.logp for one, _, _ in readouts if one is not None])
    arrays |= _joined("crf", [one.logp for _, _, one in readouts])
    spans = [one[1] for one in readouts if one[1] is not None]
    arrays |= _joined("span", [one.logp for one in spans])
    return arrays | _joined("unsaid", [one.unsaid for one in spans])


def unpack(arrays: Arrays) -> list[Readouts]:
    """The inverse of ``pack``."""
    crf = [TagReadout(one) for one in _parts("crf", arrays)]
    if "tag" not in arrays:
        return [(None, None, one) for one in crf]
    parts = zip(*(_parts(name, arrays) for name in ("tag", "span", "unsaid")), strict=True)
    return [
        (TagReadout(tags), SpanReadout(spans, unsaid), one)
        for (tags, spans, unsaid), one in zip(parts, crf, strict=True)
    ]


def _joined(name: str, parts: Sequence[NDArray[np.float32]]) -> Arrays:
    if not parts:
        return {}
    return {
        name: np.concatenate([one.ravel() for one in parts]),
        f"{name}_shape": np.array([one.shape for one in parts], np.int64),
    }


def _parts(name: str, arrays: Arrays) -> list[NDArray[np.float32]]:
    if name not in arrays:
        return []
    shapes = arrays[f"{name}_shape"]
    cuts = np.cumsum(shapes.prod(axis=1))[:-1]
    return [
        one.reshape(tuple(shape))
        for one, shape in zip(np.split(arrays[name], cuts), shapes, strict=True)
    ]
