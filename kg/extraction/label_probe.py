"""Kernel ridge classification with held-out scores in closed form.

Every labelled item is scored by the probe that its own product had no part in, without a
second fit: for ridge regression on features F with hat matrix H = F A^-1 F', the held-out
residual of a block B of rows is (I - H_BB)^-1 (y_B - yhat_B). So strength, kernel, calibration
and threshold are all chosen on scores that leak nothing, at the price of one fit each.

Nystroem features (Williams and Seeger 2001) bound the cost: LANDMARKS items stand for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve, cholesky, solve_triangular

from kg.encoders.contract import FloatMatrix
from kg.extraction.kernels import Kernel, Part, similarity

#: Rows that the kernel compares with, at most.
LANDMARKS = 2000
STRENGTHS = (0.03, 0.1, 0.3, 1.0)
_JITTER = 1e-3  # of the landmarks' kernel: equal items make it singular


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """``coefficients`` (landmarks, classes), and held-out scores (n, classes) of the rows."""

    coefficients: FloatMatrix
    held_out: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Features:
    """(n, m) Nystroem features of the rows learned from, and what maps to them."""

    features: FloatMatrix
    factor: FloatMatrix  # (m, m) lower triangular: kernel with landmarks -> features

    @classmethod
    def of(cls, kernel: Kernel, parts: Sequence[Part], landmarks: NDArray[np.int64]) -> Features:
        """Features of all rows of ``parts``; ``landmarks`` are positions of rows."""
        similar = [
            similarity(part, part[landmarks]) if weight > 0 else None
            for weight, part in zip(kernel.weights, parts, strict=True)
        ]
        between = kernel.of(similar)
        inner = between[landmarks] + np.float32(_JITTER) * np.eye(len(landmarks), dtype=np.float32)
        factor = np.asarray(cholesky(inner, lower=True), dtype=np.float32)
        features = solve_triangular(factor, between.T, lower=True).T
        return cls(np.asarray(features, dtype=np.float32), factor)

    def fit(
        self, targets: NDArray[np.floating[Any]], *, groups: NDArray[np.int64], strength: float
    ) -> Fit:
        """Ridge regression of (n, classes) targets; rows of one group are held out together."""
        features = self.features
        inner = features.T @ features
        inner[np.diag_indices_from(inner)] += np.float32(strength)
        factor, lower = cho_factor(inner, lower=True)
        wanted = np.asarray(targets, dtype=np.float32)
        weights = cho_solve((factor, lower), features.T @ wanted)
        residual = np.asarray(wanted - features @ weights, dtype=np.float64)
        half = solve_triangular(factor, features.T, lower=True).T  # H = half half'
        held_out = np.asarray(wanted, dtype=np.float64)
        for block in _blocks(groups):
            part = half[block].astype(np.float64)
            rest = np.eye(len(block)) - part @ part.T
            held_out[block] -= np.linalg.solve(rest, residual[block])
        coefficients = solve_triangular(self.factor, weights, lower=True, trans="T")
        return Fit(np.asarray(coefficients, dtype=np.float32), held_out)


def choose_landmarks(rows: int, *, most: int = LANDMARKS, seed: int) -> NDArray[np.int64]:
    """Positions of at most ``most`` of ``rows``, rising, drawn without replacement."""
    if rows <= most:
        return np.arange(rows, dtype=np.int64)
    chosen = np.random.default_rng(seed).choice(rows, most, replace=False)
    return np.sort(chosen).astype(np.int64)


def _blocks(groups: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    order = np.argsort(groups, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(groups[order])) + 1)
