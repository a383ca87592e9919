"""Learned labels: probes over one set of landmarks, from vectors to values with confidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg.encoders.contract import FloatMatrix
from kg.extraction.calibration import Calibration, softmax
from kg.extraction.kernels import Kernel, Part, similarity


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Figures of a probe on products that it did not learn from."""

    rows: int
    accuracy: float  # of the best value, said of every row
    calibration_error: float
    coverage: float  # share of rows of which something is stated
    precision: float  # of what is stated


@dataclass(frozen=True, slots=True, eq=False)
class LabelProbe:
    """What is learned of one kind.

    Of a ``single`` kind the best value is meant, else every value on its own. Said is what has
    at least ``threshold`` of calibrated confidence; None: nothing, precision was never enough.
    """

    kind: str
    values: tuple[str, ...]
    single: bool
    kernel: Kernel
    strength: float
    coefficients: FloatMatrix  # (landmarks, len(values))
    sharpness: float  # of the softmax over the values of a single kind
    calibration: Calibration
    threshold: float | None
    held_out: HeldOut


@dataclass(frozen=True, slots=True)
class Guess:
    """Row i may have ``value``; ``confidence`` is calibrated."""

    row: int
    value: str
    confidence: float


@dataclass(frozen=True, slots=True, eq=False)
class LabelModel:
    """``landmarks``: (m, dim) unit rows of each part; ``probes`` by kind."""

    landmarks: tuple[Part, ...]
    probes: tuple[LabelProbe, ...]

    def guesses(self, parts: Sequence[Part], *, forced: bool = False) -> dict[str, list[Guess]]:
        """By kind, guesses over the rows of ``parts``, rows rising and confidence falling.

        ``forced`` leaves no row of a single kind out, however low its confidence.
        """
        looked_at = np.sum([probe.kernel.weights for probe in self.probes], axis=0)
        similar = [
            similarity(part, mark) if weight > 0 else None
            for part, mark, weight in zip(parts, self.landmarks, looked_at, strict=True)
        ]
        return {
            probe.kind: _guesses(probe, probe.kernel.of(similar) @ probe.coefficients, forced)
            for probe in self.probes
        }


def raw_confidence(
    scores: NDArray[np.floating[Any]], *, single: bool, sharpness: float
) -> NDArray[np.float64]:
    """(n, values) before calibration: shares of a softmax, or the scores themselves."""
    wide = np.asarray(scores, dtype=np.float64)
    return softmax(wide, sharpness=sharpness) if single else wide


def stated(
    raw: NDArray[np.float64], *, single: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """(rows, columns, raw confidence) of what could be said: the best column, or every one."""
    if single:
        rows, columns = np.arange(len(raw)), raw.argmax(axis=1)
    else:
        rows, columns = (found.ravel() for found in np.indices(raw.shape))
    return rows, columns, raw[rows, columns]


def figures(
    confidence: NDArray[np.float64],
    right: NDArray[np.bool_],
    *,
    rows: NDArray[np.int64],
    best: NDArray[np.bool_],
    threshold: float | None,
    calibration_error: float,
) -> HeldOut:
    """Figures of statements on ``rows``; ``best`` (n,) tells which best values were right."""
    said = np.zeros(len(right), dtype=bool) if threshold is None else confidence >= threshold
    return HeldOut(
        rows=len(best),
        accuracy=float(best.mean()),
        calibration_error=calibration_error,
        coverage=len(np.unique(rows[said])) / max(len(best), 1),
        precision=float(right[said].mean()) if said.any() else 0.0,
    )


def _guesses(probe: LabelProbe, scores: FloatMatrix, forced: bool) -> list[Guess]:
    raw = raw_confidence(scores, single=probe.single, sharpness=probe.sharpness)
    rows, columns, own = stated(raw, single=probe.single)
    confidence = probe.calibration(own)
    if forced and probe.single:
        kept = np.ones(len(rows), dtype=bool)
    elif probe.threshold is None:
        return []
    else:
        kept = confidence >= probe.threshold
    order = np.lexsort((columns, -confidence, rows))
    return [
        Guess(int(rows[at]), probe.values[columns[at]], float(confidence[at]))
        for at in order
        if kept[at]
    ]
