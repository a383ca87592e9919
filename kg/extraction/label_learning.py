"""Learn the probes of a ``LabelModel``: kernel, strength, calibration, threshold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kg.extraction.calibration import (
    expected_calibration_error,
    fit_calibration,
    fit_sharpness,
    threshold_for,
)
from kg.extraction.kernels import Kernel, Part
from kg.extraction.known_labels import KnownLabels
from kg.extraction.label_model import (
    LabelModel,
    LabelProbe,
    figures,
    raw_confidence,
    stated,
)
from kg.extraction.label_probe import STRENGTHS, Features, Fit, choose_landmarks

#: Share of a kind's statements that must be right before they are made.
PRECISION = 0.8
#: Rows learned from, at most: (rows, landmarks) float32 is kept in memory.
_MOST_ROWS = 40_000
#: Kernels are compared on a sample: the order among them needs fewer rows than the probe.
_SAMPLE, _SAMPLE_LANDMARKS = 2500, 700
_GAMMAS = (1.0, 0.4, 2.5)


def learn_labels(
    parts: Sequence[Part],
    labels: Sequence[KnownLabels],
    groups: NDArray[np.int64],
    *,
    present: NDArray[np.bool_],
    precision: float = PRECISION,
    seed: int = 0,
) -> LabelModel:
    """Probes of each of ``labels`` from the rows that are ``present`` and labelled.

    ``parts``: (n, dim) unit rows each; ``groups`` (n,): rows of one group are held out
    together. ``seed`` draws samples and landmarks. Kinds come in the order of ``labels``.
    """
    usable = np.flatnonzero(present & np.any([one.labelled for one in labels], axis=0))
    usable = usable[choose_landmarks(len(usable), most=_MOST_ROWS, seed=seed)]
    learner = _Learner([part[usable] for part in parts], groups[usable], precision)
    labels = [_at(one, usable) for one in labels]
    sample = choose_landmarks(len(usable), most=_SAMPLE, seed=seed + 1)
    small = _Learner([part[sample] for part in learner.parts], learner.groups[sample], precision)
    chosen = small.choose([_at(one, sample) for one in labels], seed=seed)
    landmarks = choose_landmarks(len(usable), seed=seed)
    by_kernel: dict[Kernel, Features] = {}
    probes = []
    for one, (kernel, strength) in zip(labels, chosen, strict=True):
        if kernel not in by_kernel:
            by_kernel.clear()  # large: kinds that follow each other often share one
            by_kernel[kernel] = Features.of(kernel, learner.parts, landmarks)
        probes.append(learner.probe(one, kernel, strength, by_kernel[kernel]))
    return LabelModel(tuple(part[landmarks] for part in learner.parts), tuple(probes))


@dataclass(frozen=True, slots=True, eq=False)
class _Learner:
    parts: Sequence[Part]
    groups: NDArray[np.int64]
    precision: float

    def choose(self, labels: Sequence[KnownLabels], *, seed: int) -> list[tuple[Kernel, float]]:
        """Kernel and strength of each kind by held-out accuracy: weights first, then gamma."""
        landmarks = choose_landmarks(len(self.groups), most=_SAMPLE_LANDMARKS, seed=seed)
        results: list[dict[tuple[Kernel, float], float]] = [{} for _ in labels]

        def compare(kernels: Iterable[Kernel]) -> None:
            for kernel in kernels:
                features = Features.of(kernel, self.parts, landmarks)
                for strength in STRENGTHS:
                    fits = self._fits(labels, features, strength)
                    for result, one, fit in zip(results, labels, fits, strict=True):
                        result[kernel, strength] = _accuracy(one, fit)

        compare(Kernel(weights, _GAMMAS[0]) for weights in _weights(len(self.parts)))
        best = {max(result, key=result.__getitem__)[0].weights for result in results}
        compare(Kernel(weights, gamma) for weights in sorted(best) for gamma in _GAMMAS[1:])
        return [max(result, key=result.__getitem__) for result in results]

    def probe(
        self, labels: KnownLabels, kernel: Kernel, strength: float, features: Features
    ) -> LabelProbe:
        fit = self._fits([labels], features, strength)[0]
        targets = labels.targets[labels.labelled]
        sharpness = fit_sharpness(fit.held_out, targets) if labels.single else 1.0
        raw = raw_confidence(fit.held_out, single=labels.single, sharpness=sharpness)
        rows, columns, own = stated(raw, single=labels.single)
        right = targets[rows, columns]
        calibration = fit_calibration(own, right)
        confidence = calibration(own)
        threshold = threshold_for(confidence, right, precision=self.precision)
        best = targets[np.arange(len(targets)), fit.held_out.argmax(axis=1)]
        return LabelProbe(
            kind=labels.kind,
            values=labels.values,
            single=labels.single,
            kernel=kernel,
            strength=strength,
            coefficients=fit.coefficients,
            sharpness=sharpness,
            calibration=calibration,
            threshold=threshold,
            held_out=figures(
                confidence,
                right,
                rows=rows,
                best=best,
                threshold=threshold,
                calibration_error=_calibration_error(
                    own, right, self.groups[labels.labelled][rows]
                ),
            ),
        )

    def _fits(
        self, labels: Sequence[KnownLabels], features: Features, strength: float
    ) -> list[Fit]:
        """One solution for all kinds that the same rows are labelled with."""
        together: dict[bytes, list[int]] = {}
        for place, one in enumerate(labels):
            together.setdefault(one.labelled.tobytes(), []).append(place)
        fits: dict[int, Fit] = {}
        for places in together.values():
            rows = labels[places[0]].labelled
            fit = Features(features.features[rows], features.factor).fit(
                np.hstack([labels[place].targets[rows] for place in places]).astype(np.float32),
                groups=self.groups[rows],
                strength=strength,
            )
            ends = np.cumsum([len(labels[place].values) for place in places])[:-1]
            for place, weights, held_out in zip(
                places,
                np.split(fit.coefficients, ends, axis=1),
                np.split(fit.held_out, ends, axis=1),
                strict=True,
            ):
                fits[place] = Fit(weights, held_out)
        return [fits[place] for place in range(len(labels))]


def _at(labels: KnownLabels, rows: NDArray[np.int64]) -> KnownLabels:
    return KnownLabels(
        labels.kind, labels.values, labels.labelled[rows], labels.targets[rows], labels.single
    )


def _calibration_error(
    raw: NDArray[np.float64], right: NDArray[np.bool_], groups: NDArray[np.int64]
) -> float:
    """ECE of curves that were fitted on the other half of the products."""
    confidence = np.empty_like(raw)
    for half in (groups % 2 == 0, groups % 2 == 1):
        if half.all() or not half.any():
            return float("nan")
        confidence[half] = fit_calibration(raw[~half], right[~half])(raw[half])
    return expected_calibration_error(confidence, right)


def _accuracy(labels: KnownLabels, fit: Fit) -> float:
    targets = labels.targets[labels.labelled]
    return float(targets[np.arange(len(targets)), fit.held_out.argmax(axis=1)].mean())


def _weights(parts: int) -> list[tuple[float, ...]]:
    """All parts alike, each alone, and each with three quarters of the weight."""
    found = [np.full(parts, 1.0 / parts)]
    for part in range(parts if parts > 1 else 0):
        alone = np.eye(parts)[part]
        found += [alone, 0.75 * alone + 0.25 * (1.0 - alone) / (parts - 1)]
    return [tuple(round(float(weight), 6) for weight in weights) for weights in found]
