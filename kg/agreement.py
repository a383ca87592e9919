"""How far text and pictures are to be believed, alone, together and against each other.

Unless something was learned, modalities err independently: 1 - prod(1 - c), as learning reads
them; and of kinds with one value, two that exclude each other share the belief:
P(a) = odds(a) / (1 + odds(a) + odds(b)).

Where columns state a kind, the guesses of extractors about the same items can be counted right
or wrong. From these a logistic model of each kind learns how to add up what extractors say
(`learn_agreement`); it is kept where it is better on items that it has not seen.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, log, prod
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kg.items import Modality

#: Kinds of which an item has one value: two that are not the same exclude each other.
SINGLE_VALUED = frozenset({"brand", "category", "colour", "pattern"})
#: Guesses with a known answer, and items they are of, that a kind needs to be learned.
LEAST_GUESSES = 150
_FOLDS = 5
_PRIOR = 4.0  # how many guesses' worth of trust an extractor's own confidence has
_EDGE = 0.01  # confidences beyond are taken for this far from 0 and 1

_Matrix: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Claim:
    """What one extractor says of one entity of an item: its confidence in [0, 1]."""

    extractor: str
    modality: Modality
    confidence: float


@dataclass(frozen=True, slots=True)
class Guess:
    """One entity that an item may have, who says so, and how sure others are of another value.

    ``against`` is the odds of the likeliest value that excludes it, said by a modality that does
    not say it; 0 where nothing does.
    """

    kind: str
    claims: tuple[Claim, ...]
    against: float = 0.0


@dataclass(frozen=True, slots=True)
class KindReport:
    """How well combined confidences of a kind fit, on items that were not learned from.

    ``ece_before``: of independent confidences; ``ece_after``: of the learned model; expected
    calibration error over ten bins of equal mass. ``kept``: whether the model is used.
    """

    guesses: int
    right: float
    ece_before: float
    ece_after: float
    loss_before: float
    loss_after: float
    kept: bool


@dataclass(frozen=True, slots=True)
class Agreement:
    """Combines claims; ``weights``: kind -> feature -> weight, of kinds that were learned.

    Each modality's claims become a probability, these are combined as if independent, and that
    is corrected for what modalities have in common. Two that agree are never believed less
    than either by itself.
    """

    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    report: Mapping[str, KindReport] = field(default_factory=dict)

    def combined(self, guess: Guess) -> float:
        """Probability in [0, 1] that the item has the entity."""
        weights = self.weights.get(guess.kind)
        return independent(guess) if weights is None else _weighed(guess, weights)


def independent(guess: Guess) -> float:
    """Noisy-or over modalities (each by its surest claim), shared with what excludes it."""
    believed = 1.0 - prod(1.0 - one for one in surest(guess.claims).values())
    if not guess.against:
        return believed
    mine = odds(believed)
    return mine / (1.0 + mine + guess.against)


def surest(claims: Iterable[Claim]) -> dict[Modality, float]:
    """Modality -> the highest confidence: claims of one modality read the same content."""
    best: dict[Modality, float] = {}
    for claim in claims:
        best[claim.modality] = max(best.get(claim.modality, 0.0), claim.confidence)
    return best


def shares(combined: float, claims: Iterable[Claim]) -> dict[Modality, float]:
    """Modality -> its part of ``combined``: 1 - prod(1 - part) gives it back.

    So readers combine the parts as they always do, and get what was learned. The doubt is
    divided as the modalities' own confidences divide it.
    """
    best = surest(claims)
    whole = 1.0 - prod(1.0 - one for one in best.values())
    if len(best) == 1:
        return dict.fromkeys(best, combined)
    if whole >= 1.0 or combined >= 1.0 or abs(whole - combined) < 1e-12:
        return best
    doubts = {modality: -log(1.0 - min(one, 1 - 1e-9)) for modality, one in best.items()}
    total = sum(doubts.values())
    if total == 0.0:
        return dict.fromkeys(best, 1.0 - (1.0 - combined) ** (1.0 / len(best)))
    return {one: 1.0 - (1.0 - combined) ** (doubt / total) for one, doubt in doubts.items()}


def odds(probability: float) -> float:
    """p / (1 - p), with p kept _EDGE away from 0 and 1."""
    kept = min(max(probability, _EDGE), 1.0 - _EDGE)
    return kept / (1.0 - kept)


def learn_agreement(guesses: Sequence[tuple[str, Guess, bool]]) -> Agreement:
    """From (item id, guess, whether a column says the same); the order does not matter.

    A kind's model is logistic regressions, with a Gaussian prior at the extractors' own word: of
    each modality on its extractors' log-odds, on which of them speak, on whether no other
    modality does, and on what speaks against; then of agreement. It is kept where its log loss
    is lower than that of independent confidences, over five folds of items.
    """
    by_kind: dict[str, list[tuple[str, Guess, bool]]] = {}
    for one in guesses:
        by_kind.setdefault(one[1].kind, []).append(one)
    weights: dict[str, Mapping[str, float]] = {}
    report: dict[str, KindReport] = {}
    for kind, of_kind in sorted(by_kind.items()):
        if len(of_kind) < LEAST_GUESSES:
            continue
        of_kind.sort(key=lambda one: (one[0], repr(one[1])))
        said = [one[1] for one in of_kind]
        right = np.array([one[2] for one in of_kind], dtype=np.float64)
        fold = np.array([zlib.crc32(one[0].encode()) % _FOLDS for one in of_kind])
        before = np.array([independent(one) for one in said])
        after = np.empty_like(before)
        for part in range(_FOLDS):
            seen = np.flatnonzero(fold != part)
            fitted = _fitted([said[at] for at in seen], right[seen])
            for at in np.flatnonzero(fold == part):
                after[at] = _weighed(said[at], fitted)
        losses = log_loss(before, right), log_loss(after, right)
        kept = losses[1] < losses[0]
        if kept:
            weights[kind] = _fitted(said, right)
        errors = calibration_error(before, right), calibration_error(after, right)
        report[kind] = KindReport(len(said), float(right.mean()), *errors, *losses, kept)
    return Agreement(weights, report)


def calibration_error(confidence: _Matrix, right: _Matrix, *, bins: int = 10) -> float:
    """Expected calibration error: mean |share right - mean confidence| over bins of equal mass.

    Naeini et al., Obtaining Well Calibrated Probabilities Using Bayesian Binning (2015). (n,)
    each; equal confidences in the order given.
    """
    order = np.argsort(confidence, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    gaps = [len(part) * abs(confidence[part].mean() - right[part].mean()) for part in parts]
    return float(sum(gaps) / max(len(confidence), 1))


def log_loss(confidence: _Matrix, right: _Matrix) -> float:
    """Mean of -log of what was given to the truth, confidences at least _EDGE from 0 and 1."""
    p = np.clip(confidence, _EDGE, 1.0 - _EDGE)
    return float(-(right * np.log(p) + (1.0 - right) * np.log(1.0 - p)).mean())


def _fitted(guesses: Sequence[Guess], right: _Matrix) -> dict[str, float]:
    """Weights of one kind: of each modality first, then of agreement."""
    rows = [_features(guess) for guess in guesses]
    weights: dict[str, float] = {}
    for modality in sorted({modality for row in rows for modality in row}):
        speaks = [at for at, row in enumerate(rows) if modality in row]
        weights |= _logistic([rows[at][modality] for at in speaks], right[speaks])
    several = [at for at, row in enumerate(rows) if len(row) > 1]
    if several:
        told = [_together(_believed(rows[at], weights)) for at in several]
        weights |= _logistic(told, right[several])
    return weights


def _weighed(guess: Guess, weights: Mapping[str, float]) -> float:
    believed = _believed(_features(guess), weights)
    if len(believed) == 1:
        return believed[0]
    return max(_probability(_together(believed), weights), *believed)


def _believed(
    features: Mapping[Modality, Mapping[str, float]], weights: Mapping[str, float]
) -> list[float]:
    return [_probability(of_modality, weights) for of_modality in features.values()]


def _probability(features: Mapping[str, float], weights: Mapping[str, float]) -> float:
    score = sum(weights.get(name, _prior(name)) * value for name, value in features.items())
    return 1.0 / (1.0 + exp(-max(min(score, 30.0), -30.0)))


def _features(guess: Guess) -> dict[Modality, dict[str, float]]:
    """By modality that speaks; names of features are unique among all modalities."""
    found: dict[Modality, dict[str, float]] = {}
    for claim in guess.claims:
        features = found.setdefault(claim.modality, {})
        name, told = claim.extractor, log(odds(claim.confidence))
        features[f"says {claim.modality} {name}"] = 1.0
        told = max(told, features.get(f"odds {claim.modality} {name}", told))
        features[f"odds {claim.modality} {name}"] = told
    for modality, features in found.items():
        # The odds of several extractors of one modality are of one content: their mean.
        heard = [name for name in features if name.startswith("odds ")]
        for name in heard:
            features[name] /= len(heard)
        if len(found) == 1:
            features[f"alone {modality}"] = 1.0
        if guess.against:
            features[f"against {modality}"] = log(1.0 + guess.against)
    return found


def _together(believed: Sequence[float]) -> dict[str, float]:
    """Features of what several modalities agree on."""
    both = 1.0 - prod(1.0 - one for one in believed)
    return {"agreed": 1.0, "odds agreed": log(odds(both))}


def _prior(name: str) -> float:
    if name.startswith("against "):
        return -1.0
    return 1.0 if name.startswith("odds ") else 0.0


def _logistic(rows: Sequence[Mapping[str, float]], right: _Matrix) -> dict[str, float]:
    """Weights by feature, the mode of the posterior; Newton's method on a convex objective."""
    names = sorted({name for row in rows for name in row})
    x = np.array([[row.get(name, 0.0) for name in names] for row in rows])
    prior = np.array([_prior(name) for name in names])
    weights = prior.copy()
    for _ in range(50):
        p = _sigmoid(x @ weights)
        gradient = x.T @ (p - right) + _PRIOR * (weights - prior)
        curvature = (x * (p * (1.0 - p))[:, None]).T @ x + _PRIOR * np.eye(len(prior))
        step = np.linalg.solve(curvature, gradient)
        # Short steps far out, where the quadratic is a poor guide.
        weights = weights - step / max(1.0, float(np.abs(step).max()))
        if float(np.abs(step).max()) < 1e-8:
            break
    return dict(zip(names, weights.tolist(), strict=True))


def _sigmoid(score: _Matrix) -> _Matrix:
    return 1.0 / (1.0 + np.exp(-np.clip(score, -30.0, 30.0)))
