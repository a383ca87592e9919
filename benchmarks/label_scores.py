"""How right guessed labels are, and how sure: figures of one kind, method, share and split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from kg.extraction.calibration import expected_calibration_error
from kg.extraction.label_model import Guess, LabelProbe


@dataclass(frozen=True, slots=True)
class Score:
    """Of one kind, method, share and split; the last two are nan where nothing abstains."""

    micro: float
    macro: float
    error: float
    coverage: float = float("nan")
    precision: float = float("nan")


def score(truth: Sequence[str], said: Mapping[int, Guess], threshold: float | None = None) -> Score:
    """``said`` by row; a row without a guess is wrong."""
    from sklearn.metrics import f1_score

    best = [said[row].value if row in said else "" for row in range(len(truth))]
    sure = np.array([said[row].confidence if row in said else 0.0 for row in range(len(truth))])
    right = np.array(best) == np.array(truth)
    macro = f1_score(truth, best, labels=sorted(set(truth)), average="macro", zero_division=0)
    if threshold is None:
        return Score(float(right.mean()), float(macro), expected_calibration_error(sure, right))
    stated = sure >= threshold
    return Score(
        float(right.mean()),
        float(macro),
        expected_calibration_error(sure, right),
        float(stated.mean()),
        float(right[stated].mean()) if stated.any() else float("nan"),
    )


def of_probes(
    truth: Mapping[str, list[str]],
    probes: Sequence[LabelProbe],
    guesses: Mapping[str, Sequence[Guess]],
) -> dict[str, Score]:
    """Scores of learned labels by kind."""
    thresholds = {
        probe.kind: 2.0 if probe.threshold is None else probe.threshold for probe in probes
    }
    return {
        kind: score(truth[kind], {one.row: one for one in guesses[kind]}, thresholds[kind])
        for kind in truth
        if kind in thresholds
    }


def interval(values: Sequence[float]) -> str:
    """Mean and half a 95 % interval; a dash where nothing was measured."""
    from scipy.stats import t

    kept = [value for value in values if not np.isnan(value)]
    if not kept:
        return ""
    if len(kept) == 1:
        return f"{kept[0]:.3f}"
    half = t.ppf(0.975, len(kept) - 1) * np.std(kept, ddof=1) / np.sqrt(len(kept))
    return f"{np.mean(kept):.3f} ±{half:.3f}"
