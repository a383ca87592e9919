"""How right found values are: strict and published F1, micro and macro, with an interval.

*Strict* counts every value that was found and is not in the labels as wrong. *Published* is how
released evaluators of attribute extraction count (ExtractGPT; Brinkmann et al. 2023): only
attributes that the labels of a text state are looked at, so a value for another attribute costs
nothing. A value is right when it is equal, white space at its ends aside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Values: TypeAlias = Mapping[str, Sequence[str]]
#: Right, wrong where the labels state the attribute, wrong where they do not, missed.
_RIGHT, _WRONG, _UNSTATED, _MISSED = range(4)
_RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class F1:
    """Micro figures in [0, 1]; ``macro`` is the mean F1 of the attributes that are stated.

    ``low`` and ``high``: 95 % of the micro F1 of texts drawn again with replacement.
    """

    precision: float
    recall: float
    micro: float
    macro: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Scores:
    """Both ways of counting; ``by_attribute``: name -> (values stated, strict F1, published)."""

    texts: int
    values: int
    strict: F1
    published: F1
    by_attribute: Mapping[str, tuple[int, float, float]]

    def to_json(self) -> dict[str, Any]:
        """As `shopgraph extract evaluate --json` prints it."""
        return {
            "texts": self.texts,
            "values": self.values,
            **{
                name: {field: round(getattr(each, field), 4) for field in F1.__slots__}
                for name, each in (("strict", self.strict), ("published", self.published))
            },
            "attributes": {
                name: {"values": count, "strict": round(strict, 4), "published": round(seen, 4)}
                for name, (count, strict, seen) in self.by_attribute.items()
            },
        }


def score(stated: Sequence[Values], found: Sequence[Values], *, seed: int = 0) -> Scores:
    """Scores of ``found`` against the labels ``stated``, a mapping a text, in the same order."""
    attributes = sorted({name for one in [*stated, *found] for name in one})
    counts = np.zeros((len(stated), len(attributes), 4))
    for row, (right, said) in enumerate(zip(stated, found, strict=True)):
        for column, name in enumerate(attributes):
            counts[row, column] = _count(right.get(name, ()), said.get(name, ()))
    generator = np.random.default_rng(seed)
    per_text = counts.sum(axis=1)
    weights = generator.multinomial(len(stated), [1 / len(stated)] * len(stated), _RESAMPLES)
    drawn = weights @ per_text
    return Scores(
        len(stated),
        int(counts[:, :, [_RIGHT, _MISSED]].sum()),
        _f1(counts, drawn, strict=True),
        _f1(counts, drawn, strict=False),
        _by_attribute(attributes, counts.sum(axis=0)),
    )


def _count(right: Sequence[str], said: Sequence[str]) -> tuple[int, int, int, int]:
    truth = {one.strip() for one in right}
    values = {one.strip() for one in said}
    wrong = len(values - truth)
    hits = len(values & truth)
    return hits, wrong if truth else 0, 0 if truth else wrong, len(truth - values)


def _ratios(
    counts: NDArray[np.float64], *, strict: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Precision, recall and F1 of (..., 4) counts; 0 where nothing was said or stated."""
    right = counts[..., _RIGHT]
    said = right + counts[..., _WRONG] + (counts[..., _UNSTATED] if strict else 0.0)
    stated = right + counts[..., _MISSED]
    precision = right / np.maximum(said, 1)
    recall = right / np.maximum(stated, 1)
    return precision, recall, 2 * right / np.maximum(said + stated, 1)


def _f1(counts: NDArray[np.float64], drawn: NDArray[np.float64], *, strict: bool) -> F1:
    precision, recall, micro = _ratios(counts.sum(axis=(0, 1)), strict=strict)
    by_attribute = counts.sum(axis=0)
    stated = by_attribute[:, [_RIGHT, _MISSED]].sum(axis=1) > 0
    macro = _ratios(by_attribute[stated], strict=strict)[2]
    low, high = np.quantile(_ratios(drawn, strict=strict)[2], [0.025, 0.975])
    return F1(
        float(precision),
        float(recall),
        float(micro),
        float(macro.mean()) if len(macro) else 0.0,
        float(low),
        float(high),
    )


def _by_attribute(
    attributes: Sequence[str], counts: NDArray[np.float64]
) -> dict[str, tuple[int, float, float]]:
    strict = _ratios(counts, strict=True)[2]
    published = _ratios(counts, strict=False)[2]
    stated = counts[:, _RIGHT] + counts[:, _MISSED]
    return {
        name: (int(stated[column]), float(strict[column]), float(published[column]))
        for column, name in enumerate(attributes)
    }
