"""Which candidates are right: gradient-boosted trees (LightGBM), in two passes.

The first pass sees a candidate alone. The second sees also what the first said of its rivals:
spans of other attributes that overlap it, other spans of its own attribute. It learns from
scores that were made out of fold, as it will see them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from kg.extraction.learned.candidate_features import CLASSES, relative
from kg.extraction.learned.candidates import Candidate
from kg.extraction.learned.readouts import FloatArray
from kg.extraction.learned.tokens import Tokens


@dataclass(frozen=True, slots=True)
class RankerConfig:
    """Trees of each pass; ``bags`` models of different samples are averaged, one out of fold.

    It learns from at most ``texts`` texts: more add time and hardly a rule.
    """

    rounds: int = 200
    rate: float = 0.06
    leaves: int = 20
    bags: int = 2
    texts: int = 4000


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """Candidates of one text with their first features; ``right`` while learning."""

    tokens: Tokens
    candidates: Sequence[Candidate]
    features: FloatArray
    right: NDArray[np.bool_] | None = None


class Ranker:
    """Both passes; ``score`` gives probabilities."""

    def __init__(self, first: Sequence[lgb.Booster], second: Sequence[lgb.Booster]) -> None:
        self.first, self.second = tuple(first), tuple(second)

    def score(self, texts: Sequence[Ranked]) -> list[NDArray[np.float64]]:
        """Of each text, the probability of each candidate that its words are the value."""
        held = [one for one in texts if len(one.candidates)]
        if not held:
            return [np.zeros(0) for _ in texts]
        table = stacked(held)
        before = _predict(self.first, table)
        final = _predict(self.second, with_rivals(held, table, before))
        parts = iter(_split(final, held))
        return [next(parts) if len(one.candidates) else np.zeros(0) for one in texts]


def train_ranker(
    texts: Sequence[Ranked], folds: NDArray[np.int64], *, config: RankerConfig, seed: int
) -> tuple[Ranker, list[NDArray[np.float64]]]:
    """The ranker of all texts, and the scores that each text has from rankers without its fold."""
    held = [index for index, one in enumerate(texts) if len(one.candidates)]
    ranked = [texts[index] for index in held]
    fold = np.repeat(folds[held], [len(one.candidates) for one in ranked])
    right = np.concatenate([one.right for one in ranked if one.right is not None])
    table = stacked(ranked)
    before = _out_of_fold(table, right, fold, config, seed)
    wide = with_rivals(ranked, table, before)
    outside = _out_of_fold(wide, right, fold, config, seed + 1)
    ranker = Ranker(_boosters(table, right, config, seed), _boosters(wide, right, config, seed + 1))
    parts = iter(_split(outside, ranked))
    return ranker, [next(parts) if len(one.candidates) else np.zeros(0) for one in texts]


def stacked(texts: Sequence[Ranked]) -> FloatArray:
    """Features of all candidates, beside each what it lacks to the best of its attribute."""
    parts = []
    for one in texts:
        slots = np.array([candidate.slot for candidate in one.candidates])
        parts.append(
            np.concatenate([one.features, relative(one.features[:, len(CLASSES) :], slots)], axis=1)
        )
    return np.concatenate(parts)


def with_rivals(
    texts: Sequence[Ranked], table: FloatArray, scores: NDArray[np.float64]
) -> FloatArray:
    """``table`` with its own scores and those of the rivals."""
    parts = [_rivals(one, part) for one, part in zip(texts, _split(scores, texts), strict=True)]
    return np.concatenate([table, np.concatenate(parts)], axis=1).astype(np.float32)


def _rivals(text: Ranked, scores: NDArray[np.float64]) -> FloatArray:
    slots = np.array([one.slot for one in text.candidates])
    first = np.array([one.span[0] for one in text.candidates])
    last = np.array([one.span[1] for one in text.candidates])
    quotes = [text.tokens.quote(*one.span) for one in text.candidates]
    code = np.unique(quotes, return_inverse=True)[1]
    overlap = (first[:, None] <= last[None]) & (first[None] <= last[:, None])
    other = slots[:, None] != slots[None]
    same_words = code[:, None] == code[None]
    same_place = (first[:, None] == first[None]) & (last[:, None] == last[None])
    inside = (first[:, None] <= first[None]) & (last[None] <= last[:, None])

    def best(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
        highest: NDArray[np.float64] = np.where(mask, scores[None], 0.0).max(axis=1)
        return highest

    total = np.where(~other & ~same_words, scores[None], 0.0).sum(axis=1)
    columns = (
        scores,
        best(~other & ~same_words),
        total,
        best(other & overlap),
        best(other & same_place),
        best(other & inside & ~same_place),
        best(other & same_words & ~same_place),
        best(~other & same_words & ~same_place),
        best(other & (last[None] + 1 == first[:, None])),
        best(other & (first[None] == last[:, None] + 1)),
    )
    return np.stack(columns, axis=1).astype(np.float32)


def _boosters(
    table: FloatArray, right: NDArray[np.bool_], config: RankerConfig, seed: int
) -> list[lgb.Booster]:
    boosters = []
    for bag in range(config.bags):
        data = lgb.Dataset(
            table, right.astype(np.float32), categorical_feature=list(CLASSES),
            params={"verbosity": -1, "max_bin": 127, "num_threads": 1},
        )  # fmt: skip
        parameters = {
            "objective": "binary",
            "learning_rate": config.rate,
            "num_leaves": config.leaves,
            "min_data_in_leaf": int(np.clip(len(table) / 1000, 2, 30)),
            "feature_fraction": 0.5,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
            "lambda_l2": 5.0,
            "cat_smooth": 20.0,
            "verbosity": -1,
            "num_threads": 1,
            "deterministic": True,
            "seed": seed * 100 + bag,
            "max_bin": 127,
        }
        boosters.append(lgb.train(parameters, data, num_boost_round=config.rounds))
    return boosters


def _out_of_fold(
    table: FloatArray,
    right: NDArray[np.bool_],
    fold: NDArray[np.int64],
    config: RankerConfig,
    seed: int,
) -> NDArray[np.float64]:
    scores = np.zeros(len(table))
    for each in np.unique(fold):
        inside = fold != each
        boosters = _boosters(table[inside], right[inside], replace(config, bags=1), seed)
        scores[~inside] = _predict(boosters, table[~inside])
    return scores


def _predict(boosters: Sequence[lgb.Booster], table: FloatArray) -> NDArray[np.float64]:
    total = np.zeros(len(table))
    for booster in boosters:
        total += np.asarray(booster.predict(table, num_threads=1))
    return total / len(boosters)


def _split(values: NDArray[np.float64], texts: Sequence[Ranked]) -> list[NDArray[np.float64]]:
    return np.split(values, np.cumsum([len(one.candidates) for one in texts])[:-1])
