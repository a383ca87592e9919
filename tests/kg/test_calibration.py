"""Confidence that means frequency; figures worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.extraction.calibration import (
    expected_calibration_error,
    fit_calibration,
    fit_sharpness,
    softmax,
    threshold_for,
)
from kg.extraction.kernels import Kernel
from kg.extraction.label_probe import Features, choose_landmarks


def test_calibration_error_by_hand() -> None:
    confidence = np.array([0.2, 0.4, 0.6, 0.8])
    right = np.array([False, True, True, True])
    # Two bins of two: |0.3 - 0.5| and |0.7 - 1.0|, each for half of the statements.
    assert expected_calibration_error(confidence, right, bins=2) == pytest.approx(0.25)
    # One bin: |0.5 - 0.75|. A bin a statement: 0.2 + 0.6 + 0.4 + 0.2, over 4.
    assert expected_calibration_error(confidence, right, bins=1) == pytest.approx(0.25)
    assert expected_calibration_error(confidence, right, bins=9) == pytest.approx(0.35)
    assert expected_calibration_error(np.zeros(0), np.zeros(0, dtype=bool)) == 0.0


def test_sharpness_by_hand() -> None:
    # Scores differ by 1 and the better one is right three times of four: e^s = 3.
    scores = np.array([[1.0, 0.0]] * 4)
    targets = np.array([[True, False]] * 3 + [[False, True]])
    assert fit_sharpness(scores, targets) == pytest.approx(math.log(3), abs=1e-3)
    # A row whose truth is no class says nothing about the sharpness.
    none = np.array([[False, False]])
    more = fit_sharpness(np.vstack([scores, [[5.0, 0.0]]]), np.vstack([targets, none]))
    assert more == pytest.approx(math.log(3), abs=1e-3)


def test_softmax_of_large_scores_is_finite() -> None:
    shares = softmax(np.array([[1000.0, 999.0]]), sharpness=math.log(3))
    assert shares == pytest.approx(np.array([[0.75, 0.25]]))


def test_pooled_neighbours_by_hand() -> None:
    raw = np.array([0.1, 0.2, 0.3, 0.4])
    curve = fit_calibration(raw, np.array([False, True, False, True]))
    # Pools {0.1}: 0 of 1, {0.2, 0.3}: 1 of 2, {0.4}: 1 of 1; each (right + 1/2) / (size + 1).
    assert curve(raw) == pytest.approx([0.25, 0.5, 0.5, 0.75])
    assert curve(np.array([-5.0, 0.25, 0.35, 9.0])) == pytest.approx([0.25, 0.5, 0.625, 0.75])


def test_equal_confidence_is_one_observation() -> None:
    raw = np.array([0.5] * 4 + [0.9])
    curve = fit_calibration(raw, np.array([True, False, False, False, True]))
    assert curve(np.array([0.5, 0.9])) == pytest.approx([1.5 / 5, 0.75])


@given(
    st.lists(
        st.tuples(st.floats(-3, 3, allow_subnormal=False), st.booleans()), min_size=1, max_size=60
    )
)
def test_the_curve_never_falls_and_is_never_certain(rows: list[tuple[float, bool]]) -> None:
    raw = np.array([row[0] for row in rows])
    curve = fit_calibration(raw, np.array([row[1] for row in rows]))
    found = curve(np.sort(raw))
    assert (np.diff(found) >= -1e-12).all()
    assert (found > 0).all()
    assert (found < 1).all()


def test_threshold_by_hand() -> None:
    confidence = np.array([0.9, 0.8, 0.7, 0.7, 0.6])
    right = np.array([True, False, True, True, False])
    # Shares right at and above: .9 -> 1, .8 -> 1/2, .7 (both) -> 3/4, .6 -> 3/5.
    assert threshold_for(confidence, right, precision=0.75, least=1) == 0.7
    assert threshold_for(confidence, right, precision=0.6, least=1) == 0.6
    assert threshold_for(confidence, right, precision=0.8, least=1) == 0.9
    assert threshold_for(confidence, ~right, precision=0.8, least=1) is None
    # One of one is luck.
    assert threshold_for(confidence, right, precision=0.8, least=2) is None


def test_held_out_scores_are_those_of_a_second_fit() -> None:
    random = np.random.default_rng(3)
    rows = random.standard_normal((30, 5)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    targets = random.integers(0, 2, (30, 3)).astype(np.float32)
    groups = np.arange(30) // 3 % 7  # groups are not neighbours, and of 3 to 6 rows
    features = Features.of(Kernel((1.0,), 0.7), [rows], choose_landmarks(30, most=12, seed=0))
    fit = features.fit(targets, groups=groups, strength=0.3)
    for group in range(7):
        out = groups == group
        inner = features.features[~out].astype(np.float64)
        weights = np.linalg.solve(
            inner.T @ inner + 0.3 * np.eye(inner.shape[1]), inner.T @ targets[~out]
        )
        again = features.features[out] @ weights
        assert fit.held_out[out] == pytest.approx(again, abs=1e-4)
        # And it does differ from what the fit says of the rows it saw.
    seen = features.features @ np.linalg.solve(
        features.features.T @ features.features + 0.3 * np.eye(12), features.features.T @ targets
    )
    assert np.abs(seen - fit.held_out).max() > 0.05
