"""Full-ranking evaluation of any scorer; per-user values kept, so that two can be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np
import scipy.sparse as sp

from gnn.dataset import Dataset
from gnn.metrics import METRICS, PerUser, coverage, hit_matrix
from gnn.scoring import IntVector, Scorer
from gnn.top_k import tie_order, top_k
from kg.errors import ConfigError, DataError


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its two-sided normal confidence interval [low, high]."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """``per_user["ndcg@10"]`` (n,) float64 in the order of ``users`` (n,) int32 indices."""

    users: IntVector
    per_user: Mapping[str, PerUser]
    coverage: Mapping[str, float]  # "coverage@10"

    def mean(self, metric: str, /) -> float:
        """Mean over the evaluated users; ConfigError lists the known metrics."""
        if metric in self.coverage:
            return self.coverage[metric]
        return float(self._values(metric).mean())

    def interval(self, metric: str, /, *, level: float = 0.95) -> Estimate:
        """The mean over users and its confidence interval, users drawn independently."""
        return _estimate(self._values(metric), level)

    def difference(self, other: Report, metric: str, /, *, level: float = 0.95) -> Estimate:
        """Mean of ``self - other`` user by user; an interval without 0 is a real difference.

        Paired, hence far narrower than the two intervals apart. ConfigError where the two
        reports are not about the same users.
        """
        if not np.array_equal(self.users, other.users):
            raise ConfigError(
                f"reports about different users ({len(self.users)} and {len(other.users)}) "
                "cannot be paired: evaluate both on the same split and candidates"
            )
        return _estimate(self._values(metric) - other._values(metric), level)

    def means(self) -> dict[str, float]:
        """Every metric's mean by name, coverage included: what an artifact keeps."""
        return {name: self.mean(name) for name in (*self.per_user, *self.coverage)}

    def _values(self, metric: str) -> PerUser:
        try:
            return self.per_user[metric]
        except KeyError:
            known = ", ".join((*self.per_user, *self.coverage))
            raise ConfigError(f"no per-user metric {metric!r} in this report: {known}") from None


def evaluate(
    scorer: Scorer,
    dataset: Dataset,
    /,
    *,
    against: Literal["valid", "test"] = "test",
    history: sp.csr_matrix | None = None,
    mask: sp.csr_matrix | None = None,
    candidates: IntVector | None = None,
    k: Sequence[int] = (10, 20),
    known_users: bool = True,
    chunk: int = 512,
) -> Report:
    """Rank all items for every user who has withheld ones, and compare.

    ``history`` (n_users, n_items): what the scorer is told, by default ``dataset.train``.
    ``mask``: what is left out of the lists, by default train, and for ``test`` valid too.
    After a refit pass ``dataset.refit()``, whose train holds both. A withheld item that is
    masked could not be found by anyone and does not count. ``candidates`` (m,) item indices:
    rank these alone (cold items among themselves). ``known_users=False`` hides who the users
    are, so that a scorer folds them in from their history. Equal scores are listed in the
    fixed shuffle of ``tie_order``. DataError where the scorer gives NaN or nobody has a
    withheld item.
    """
    history = dataset.train if history is None else history
    if mask is None:
        mask = dataset.train if against == "valid" else dataset.train + dataset.valid
    mask = sp.csr_matrix(mask)
    relevant = _without(dataset.valid if against == "valid" else dataset.test, mask)
    if candidates is not None:
        keep = np.zeros(dataset.n_items, dtype=bool)
        keep[candidates] = True
        relevant = sp.csr_matrix(relevant @ sp.diags(keep.astype(np.float32)))
        relevant.eliminate_zeros()
    counts = np.diff(relevant.indptr)
    users = np.flatnonzero(counts).astype(np.int32)
    if not len(users):
        raise DataError(
            f"dataset {against}", value=0, expected="a split with an item withheld from someone"
        )
    deepest = max(k)
    ranked = np.empty((len(users), deepest), dtype=np.int32)
    order = tie_order(dataset.n_items)
    if candidates is not None:
        order = order[keep[order]]
    for start in range(0, len(users), chunk):
        part = users[start : start + chunk]
        told = part if known_users else np.full(len(part), -1, dtype=np.int32)
        scores = np.array(scorer.score(history[part], users=told), dtype=np.float32)
        if np.isnan(scores).any():
            row, item = np.argwhere(np.isnan(scores))[0]
            raise DataError(
                f"scorer, user {part[row]}, item {item}", value=np.nan, expected="a number"
            )
        seen = mask[part]
        scores[np.repeat(np.arange(len(part)), np.diff(seen.indptr)), seen.indices] = -np.inf
        ranked[start : start + chunk] = top_k(scores, deepest, order=order)
    hits = hit_matrix(ranked, relevant[users])
    n_relevant = counts[users].astype(np.int32)
    n_candidates = dataset.n_items if candidates is None else int(keep.sum())
    return Report(
        users=users,
        per_user={
            f"{name}@{depth}": metric(hits, n_relevant, depth)
            for depth in k
            for name, metric in METRICS.items()
        },
        coverage={
            f"coverage@{depth}": coverage(ranked, depth, n_candidates=n_candidates) for depth in k
        },
    )


def _without(relevant: sp.csr_matrix, mask: sp.csr_matrix) -> sp.csr_matrix:
    """``relevant`` as ones, less the entries that ``mask`` has."""
    left = sp.csr_matrix(relevant - relevant.multiply(mask.astype(bool)), dtype=np.float32)
    left.eliminate_zeros()
    left.sort_indices()
    return left


def _estimate(values: PerUser, level: float) -> Estimate:
    mean = float(values.mean())
    if len(values) < 2:
        return Estimate(mean, float("-inf"), float("inf"))
    error = float(values.std(ddof=1)) / len(values) ** 0.5
    reach = NormalDist().inv_cdf(0.5 + level / 2) * error
    return Estimate(mean, mean - reach, mean + reach)
