"""Confidence that means frequency: of statements at confidence c, a share c is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]

_BINS = 10


def expected_calibration_error(confidence: Floats, right: Flags, *, bins: int = _BINS) -> float:
    """ECE in [0, 1]: |mean confidence - share right|, averaged over bins of equal mass.

    ``confidence`` and ``right`` are (n,); statements are sorted by confidence and cut into
    ``bins`` parts of n / bins; 0 where there is none. Naeini et al. (2015), Obtaining Well
    Calibrated Probabilities Using Bayesian Binning; equal mass as in Nguyen and O'Connor (2015).
    """
    order = np.argsort(confidence, kind="stable")
    parts = np.array_split(order, min(bins, max(len(order), 1)))
    gaps = [
        len(part) * abs(confidence[part].mean() - right[part].mean()) for part in parts if len(part)
    ]
    return float(sum(gaps) / max(len(order), 1))


def softmax(scores: Floats, *, sharpness: float) -> Floats:
    """Rows of (n, classes) as probabilities: exp(sharpness * score), divided by its sum."""
    scaled = sharpness * (scores - scores.max(axis=1, keepdims=True))
    weights = np.exp(scaled)
    shares: Floats = weights / weights.sum(axis=1, keepdims=True)
    return shares


def fit_sharpness(scores: Floats, targets: Flags) -> float:
    """The inverse temperature (> 0) under which ``softmax`` gives the targets most likelihood.

    ``scores`` (n, classes) must come from held-out rows; ``targets`` has one True a row, and
    rows without any are left out. Guo et al. (2017), On Calibration of Modern Neural Networks.
    """
    from scipy.optimize import minimize_scalar

    known = targets.any(axis=1)
    held, true = scores[known], targets[known].argmax(axis=1)
    rows = np.arange(len(true))

    def loss(log_sharpness: float) -> float:
        shares = softmax(held, sharpness=float(np.exp(log_sharpness)))
        return float(-np.log(np.maximum(shares[rows, true], 1e-12)).mean())

    best = minimize_scalar(loss, bounds=(-3.0, 6.0), method="bounded")
    return float(np.exp(best.x))


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """A rising curve from raw to calibrated confidence, straight between its knots."""

    raw: Floats  # (knots,), rising
    calibrated: Floats  # (knots,), not falling, within (0, 1)

    def __call__(self, raw: Floats) -> Floats:
        """Calibrated confidence, same shape; beyond the outer knots their value."""
        return np.interp(raw, self.raw, self.calibrated)


def fit_calibration(raw: Floats, right: Flags) -> Calibration:
    """Isotonic regression of ``right`` on ``raw`` (n >= 1, held out), pooled adjacent violators.

    No pool is certain: its share is (right + 1/2) / (size + 1), so that seven of seven is
    0.94 and a hundred of a hundred 0.995. Zadrozny and Elkan (2002), Transforming Classifier
    Scores into Accurate Multiclass Probability Estimates.
    """
    from scipy.optimize import isotonic_regression

    order = np.argsort(raw, kind="stable")
    sorted_raw = np.asarray(raw, dtype=np.float64)[order]
    # Equal confidence cannot be told apart: one observation, weighed by its count.
    values, first, counts = np.unique(sorted_raw, return_index=True, return_counts=True)
    hits = np.add.reduceat(np.asarray(right, dtype=np.float64)[order], first)
    blocks = isotonic_regression(hits / counts, weights=counts.astype(np.float64)).blocks
    starts, ends = blocks[:-1], blocks[1:]
    size, found = np.add.reduceat(counts, starts), np.add.reduceat(hits, starts)
    level = np.maximum.accumulate((found + 0.5) / (size + 1.0))
    middle = np.add.reduceat(values * counts, starts) / size
    if len(middle) == 1:  # one pool: the same confidence everywhere
        return Calibration(middle, level)
    # A pool is flat between its own ends, and the curve is straight from pool to pool: less
    # jagged than steps, and a raw confidence between two pools gets one between theirs.
    knots = np.concatenate([values[starts], values[ends - 1]])
    levels = np.concatenate([level, level])
    kept = np.lexsort((levels, knots))
    raw_knots, unique = np.unique(knots[kept], return_index=True)
    return Calibration(raw_knots, levels[kept][unique])


def threshold_for(
    confidence: Floats, right: Flags, *, precision: float, least: int = 10
) -> float | None:
    """The lowest confidence above which at least ``precision`` of held-out statements are right.

    None where no threshold that lets ``least`` statements through reaches it: the best few of
    many guesses are right by luck.
    """
    order = np.argsort(-confidence, kind="stable")
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    # A threshold takes all statements of its confidence or none.
    last = np.append(np.diff(confidence[order]) != 0, True)
    good = np.flatnonzero(last & (share >= precision) & (np.arange(1, len(order) + 1) >= least))
    return float(confidence[order[good[-1]]]) if len(good) else None
