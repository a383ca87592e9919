"""Learned labels on disk: one ``.npz`` of arrays and JSON, nothing pickled."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from kg.encoders.contract import FloatMatrix
from kg.errors import ArtifactError
from kg.extraction.calibration import Calibration
from kg.extraction.kernels import Kernel
from kg.extraction.known_labels import KnownLabels
from kg.extraction.label_model import HeldOut, LabelModel, LabelProbe

FORMAT = 1
_ARRAYS = ("coefficients", "raw", "calibrated")
_DAMAGED = (OSError, ValueError, TypeError, KeyError, IndexError, EOFError, zipfile.BadZipFile)


@dataclass(frozen=True, slots=True, eq=False)
class LabelArtifact:
    """A model and how its parts are made from an encoder's vectors.

    ``widths`` cut a vector into parts, and ``means`` (one a part) centre them. ``rarity`` is
    empty, or weighs the character n-grams that text labels read besides.
    """

    model: LabelModel
    encoder: str
    widths: tuple[int, ...]
    means: tuple[NDArray[np.float32], ...]
    fingerprint: str
    rarity: NDArray[np.float32]


def labels_fingerprint(
    labels: Sequence[KnownLabels],
    vectors: FloatMatrix,
    groups: NDArray[np.int64],
    *settings: object,
) -> str:
    """SHA-256 (hex) of everything that learning reads: the same gives the same model."""
    digest = hashlib.sha256(repr((FORMAT, *settings)).encode())
    for one in labels:
        digest.update(repr((one.kind, one.values, one.single)).encode())
        digest.update(one.labelled.tobytes() + one.targets.tobytes())
    digest.update(np.ascontiguousarray(vectors).tobytes() + groups.tobytes())
    return digest.hexdigest()


def save_labels(artifact: LabelArtifact, path: Path) -> None:
    """Write ``path``, aside and renamed: whole or not at all."""
    arrays: dict[str, Any] = {"rarity": artifact.rarity}
    for at, mean in enumerate(artifact.means):
        arrays[f"mean_{at}"] = mean
    kinds: list[str] = []
    for at, part in enumerate(artifact.model.landmarks):
        kinds.append("sparse" if sp.issparse(part) else "dense")
        if sp.issparse(part):
            rows = sp.csr_matrix(part)
            arrays[f"part_{at}_data"], arrays[f"part_{at}_indices"] = rows.data, rows.indices
            arrays[f"part_{at}_indptr"], arrays[f"part_{at}_shape"] = rows.indptr, rows.shape
        else:
            arrays[f"part_{at}"] = part
    probes = []
    for at, probe in enumerate(artifact.model.probes):
        curve = probe.calibration
        own = (probe.coefficients, curve.raw, curve.calibrated)
        arrays |= {f"probe_{at}_{name}": array for name, array in zip(_ARRAYS, own, strict=True)}
        probes.append(
            {
                "kind": probe.kind,
                "values": probe.values,
                "single": probe.single,
                "kernel": asdict(probe.kernel),
                "strength": probe.strength,
                "sharpness": probe.sharpness,
                "threshold": probe.threshold,
                "held_out": asdict(probe.held_out),
            }
        )
    about = {
        "format": FORMAT,
        "encoder": artifact.encoder,
        "widths": artifact.widths,
        "fingerprint": artifact.fingerprint,
        "parts": kinds,
        "probes": probes,
    }
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            np.savez(file, **arrays)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise


def load_labels(path: Path) -> LabelArtifact:
    """What ``save_labels`` wrote; ArtifactError where it is absent or damaged."""
    try:
        # Opened here: np.load itself leaves a damaged file open.
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        about = json.loads(arrays["about"].tobytes())
        if about["format"] != FORMAT:
            raise ArtifactError(
                f"{path}: labels of format {about['format']!r}; expected {FORMAT}: learn them again"
            )
        landmarks = tuple(_part(arrays, at, kind) for at, kind in enumerate(about["parts"]))
        probes = tuple(_probe(arrays, at, probe) for at, probe in enumerate(about["probes"]))
        return LabelArtifact(
            model=LabelModel(landmarks, probes),
            encoder=about["encoder"],
            widths=tuple(about["widths"]),
            means=tuple(arrays[f"mean_{at}"] for at in range(len(about["widths"]))),
            fingerprint=about["fingerprint"],
            rarity=arrays["rarity"],
        )
    except _DAMAGED as error:
        raise ArtifactError(
            f"{path}: learned labels cannot be read ({type(error).__name__}: {error});"
            " expected a file that fit_image_labels or fit_text_labels wrote"
        ) from error


def _part(arrays: dict[str, Any], at: int, kind: str) -> Any:
    if kind == "dense":
        return arrays[f"part_{at}"]
    own = (arrays[f"part_{at}_{name}"] for name in ("data", "indices", "indptr"))
    return sp.csr_matrix(tuple(own), shape=tuple(arrays[f"part_{at}_shape"].tolist()))


def _probe(arrays: dict[str, Any], at: int, about: dict[str, Any]) -> LabelProbe:
    coefficients, raw, calibrated = (arrays[f"probe_{at}_{name}"] for name in _ARRAYS)
    kernel = about["kernel"]
    return LabelProbe(
        kind=about["kind"],
        values=tuple(about["values"]),
        single=about["single"],
        kernel=Kernel(tuple(kernel["weights"]), kernel["gamma"]),
        strength=about["strength"],
        coefficients=coefficients,
        sharpness=about["sharpness"],
        calibration=Calibration(raw, calibrated),
        threshold=about["threshold"],
        held_out=HeldOut(**about["held_out"]),
    )
