"""Which interactions teach, which choose, which judge.

What is divided are (user, item) pairs, not events: all events of a pair stand in one part, so
that no list is judged by an item that its user was already seen with. A pair's time is that
of its first event.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kg.errors import ConfigError, DataError
from kg.snapshot import Interactions

SplitKind: TypeAlias = Literal["auto", "given", "random", "leave_last_out", "temporal"]
KINDS = ("auto", "given", "random", "leave_last_out", "temporal")
TRAIN, VALID, TEST = 0, 1, 2


@dataclass(frozen=True, slots=True)
class SplitSpec:
    """How to divide. ``ratios`` are shares of train, valid, test for random and temporal.

    * ``given``: the interactions' own split; a pair named in two parts is in the earlier one,
      one named in none is in train.
    * ``random``: per user; valid and test get floor(share * pairs), and one at least as long
      as train keeps one (RecBole's rule).
    * ``leave_last_out``: a user's last pair is test, the one before it valid; a user of two
      pairs has no valid, a user of one only train.
    * ``temporal``: two cuts in time for everybody; equal times are never cut apart.
    * ``auto``: given where any interaction has a split, else leave_last_out where events are
      dated, else random.

    ConfigError for an unknown kind or ratios that are not shares.
    """

    kind: SplitKind = "auto"
    ratios: tuple[float, float, float] = (0.8, 0.1, 0.1)
    seed: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ConfigError(f"no split {self.kind!r}; there are: {', '.join(KINDS)}")
        if min(self.ratios) < 0 or self.ratios[0] <= 0 or abs(sum(self.ratios) - 1) > 1e-6:
            raise ConfigError(f"split ratios {self.ratios} are not shares that add up to 1")


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Distinct (user, item) pairs sorted so; ``part`` is TRAIN, VALID or TEST."""

    user: NDArray[np.int32]
    item: NDArray[np.int32]
    at_s: NDArray[np.float64]  # first event
    part: NDArray[np.int8]


def split_pairs(interactions: Interactions, spec: SplitSpec, /) -> Pairs:
    """Every pair of ``interactions`` in exactly one part.

    DataError where leave_last_out or temporal is asked of undated events, given of
    interactions without a split, or nothing is left to train on.
    """
    order = np.lexsort((interactions.at_s, interactions.item, interactions.user))
    user, item = interactions.user[order], interactions.item[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (user[1:] != user[:-1]) | (item[1:] != item[:-1])
    first = np.flatnonzero(new)
    user, item, at_s = user[first], item[first], interactions.at_s[order][first]
    stated = interactions.split[order]
    kind = _resolved(spec.kind, interactions)
    if kind == "given":
        if len(stated) and (stated < 0).all():
            raise DataError("interactions", column="split", value=None, expected="given anywhere")
        # A code of -1 would win the minimum over events: only events with no split at all are
        # meant to fall to train.
        coded = np.where(stated < 0, np.int8(127), stated)
        part = np.minimum.reduceat(coded, first) if len(first) else coded
        part = np.where(part == 127, TRAIN, part)
    elif kind == "random":
        part = _random(user, spec)
    elif kind == "leave_last_out":
        part = _leave_last_out(user, at_s)
    else:
        part = _temporal(at_s, spec)
    if len(part) and not (part == TRAIN).any():
        raise DataError("interactions", column="split", value=kind, expected="leaving any to train")
    return Pairs(user, item, at_s, part.astype(np.int8))


def _resolved(kind: SplitKind, interactions: Interactions) -> SplitKind:
    at_s = interactions.at_s
    dated = len(at_s) > 0 and bool((at_s != at_s[0]).any())
    if kind == "auto":
        if (interactions.split >= 0).any():
            return "given"
        return "leave_last_out" if dated else "random"
    if kind in {"leave_last_out", "temporal"} and len(at_s) and not dated:
        raise DataError(
            "interactions", column="at_s", value=float(at_s[0]), expected="dated, as the split asks"
        )
    return kind


def _place(user: NDArray[np.int32], order: NDArray[np.int64]) -> tuple[NDArray[np.int64], ...]:
    """Place from the end in each user's ``order`` (0 is last) and the user's pairs, per pair."""
    counts = np.bincount(user) if len(user) else np.zeros(0, dtype=np.int64)
    ends = np.cumsum(counts)
    place = np.empty(len(user), dtype=np.int64)
    place[order] = ends[user[order]] - 1 - np.arange(len(user))
    return place, counts[user]


def _random(user: NDArray[np.int32], spec: SplitSpec) -> NDArray[np.int8]:
    shuffled = np.random.default_rng(spec.seed).permutation(len(user))
    place, count = _place(user, shuffled[np.argsort(user[shuffled], kind="stable")])
    n_test = _share(spec.ratios[2], count, count - 1)
    n_valid = _share(spec.ratios[1], count, count - 1 - n_test)
    part = np.where(place < n_test, TEST, np.where(place < n_test + n_valid, VALID, TRAIN))
    return part.astype(np.int8)


def _share(ratio: float, count: NDArray[np.int64], room: NDArray[np.int64]) -> NDArray[np.int64]:
    wanted = np.maximum(np.floor(ratio * count + 1e-9).astype(np.int64), 1 if ratio > 0 else 0)
    return np.asarray(np.minimum(wanted, np.maximum(room, 0)), dtype=np.int64)


def _leave_last_out(user: NDArray[np.int32], at_s: NDArray[np.float64]) -> NDArray[np.int8]:
    place, count = _place(user, np.lexsort((at_s, user)))
    part = np.full(len(user), TRAIN, dtype=np.int8)
    part[(place == 0) & (count > 1)] = TEST
    part[(place == 1) & (count > 2)] = VALID
    return part


def _temporal(at_s: NDArray[np.float64], spec: SplitSpec) -> NDArray[np.int8]:
    times = np.sort(at_s)
    cuts = np.cumsum(spec.ratios)[:2] * len(times)
    part = np.full(len(at_s), TRAIN, dtype=np.int8)
    for code, cut in zip((VALID, TEST), np.ceil(cuts - 1e-9).astype(int), strict=True):
        if cut < len(times):
            part[at_s >= times[cut]] = code
    return part
