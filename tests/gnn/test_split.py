"""Splits: every pair in exactly one part, and each rule by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gnn.split import KINDS, TEST, TRAIN, VALID, SplitSpec, split_pairs
from kg.errors import ConfigError, DataError
from kg.snapshot import Interactions


def events(rows: list[tuple[int, int, float]], split: list[int] | None = None) -> Interactions:
    order = sorted(range(len(rows)), key=lambda row: rows[row])
    rows = [rows[row] for row in order]
    codes = [-1] * len(rows) if split is None else [split[row] for row in order]
    return Interactions(
        user=np.array([row[0] for row in rows], dtype=np.int32),
        item=np.array([row[1] for row in rows], dtype=np.int32),
        weight=np.ones(len(rows), dtype=np.float32),
        at_s=np.array([row[2] for row in rows], dtype=np.float64),
        event=np.zeros(len(rows), dtype=np.int32),
        split=np.array(codes, dtype=np.int8),
        events=("purchase",),
    )


def parts(interactions: Interactions, spec: SplitSpec) -> dict[tuple[int, int], int]:
    pairs = split_pairs(interactions, spec)
    return {
        (int(user), int(item)): int(part)
        for user, item, part in zip(pairs.user, pairs.item, pairs.part, strict=True)
    }


ROWS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 8), st.integers(0, 20).map(float)),
    min_size=1,
    max_size=60,
)


@given(ROWS, st.sampled_from(KINDS), st.integers(0, 5), st.data())
def test_every_pair_is_in_exactly_one_part(rows, kind, seed, data) -> None:
    codes = data.draw(st.lists(st.integers(-1, 2), min_size=len(rows), max_size=len(rows)))
    interactions = events(rows, codes)
    try:
        pairs = split_pairs(interactions, SplitSpec(kind, (0.6, 0.2, 0.2), seed))
    except DataError:
        return  # undated, without a split, or nothing left to train on: said, not guessed
    found = list(zip(pairs.user.tolist(), pairs.item.tolist(), strict=True))
    assert len(found) == len(set(found))
    assert set(found) == {(user, item) for user, item, _ in rows}
    assert set(pairs.part.tolist()) <= {TRAIN, VALID, TEST}


@given(ROWS)
def test_no_later_pair_of_a_user_teaches_what_judges_an_earlier_one(rows) -> None:
    interactions = events(rows)
    if len({at_s for _, _, at_s in rows}) < 2:
        return
    pairs = split_pairs(interactions, SplitSpec("leave_last_out"))
    for user in set(pairs.user.tolist()):
        own = pairs.user == user
        times = [pairs.at_s[own & (pairs.part == part)] for part in (TRAIN, VALID, TEST)]
        for earlier, later in ((0, 1), (0, 2), (1, 2)):
            if len(times[earlier]) and len(times[later]):
                assert times[earlier].max() <= times[later].min()
        assert len(times[0]) >= 1
        assert len(times[2]) == (own.sum() > 1)
        assert len(times[1]) == (own.sum() > 2)


@given(ROWS)
def test_temporal_cuts_are_the_same_for_everybody(rows) -> None:
    try:
        pairs = split_pairs(events(rows), SplitSpec("temporal", (0.5, 0.25, 0.25)))
    except DataError:
        return
    times = [pairs.at_s[pairs.part == part] for part in (TRAIN, VALID, TEST)]
    known = [part for part in times if len(part)]
    for earlier, later in pairwise(known):
        assert earlier.max() < later.min()  # equal times are not cut apart


def test_temporal_shares_by_hand() -> None:
    rows = [(0, item, float(item)) for item in range(10)]
    found = parts(events(rows), SplitSpec("temporal", (0.8, 0.1, 0.1)))
    assert [found[0, item] for item in range(10)] == [TRAIN] * 8 + [VALID, TEST]


@given(st.integers(1, 40), st.integers(0, 3))
def test_random_shares_follow_the_floor_rule(count, seed) -> None:
    found = parts(events([(0, i, 0.0) for i in range(count)]), SplitSpec("random", seed=seed))
    n = [list(found.values()).count(part) for part in (TRAIN, VALID, TEST)]
    n_test = min(max(count // 10, 1), count - 1)
    n_valid = min(max(count // 10, 1), count - 1 - n_test)
    assert n == [count - n_valid - n_test, n_valid, n_test]


def test_random_depends_on_the_seed_and_on_nothing_else() -> None:
    rows = [(user, item, 0.0) for user in range(5) for item in range(20)]
    one = parts(events(rows), SplitSpec("random", seed=1))
    assert one == parts(events(rows[::-1]), SplitSpec("random", seed=1))
    assert one != parts(events(rows), SplitSpec("random", seed=2))


def test_given_takes_the_earlier_of_two_parts_and_train_where_none_is_stated() -> None:
    rows = [(0, 0, 1.0), (0, 0, 2.0), (0, 1, 3.0), (0, 2, 4.0), (0, 3, 5.0), (0, 3, 6.0)]
    found = parts(events(rows, [2, 1, 2, -1, -1, 2]), SplitSpec("given"))
    assert found == {(0, 0): VALID, (0, 1): TEST, (0, 2): TRAIN, (0, 3): TEST}


def test_a_pair_is_dated_by_its_first_event() -> None:
    rows = [(0, 0, 1.0), (0, 0, 9.0), (0, 1, 2.0), (0, 2, 3.0)]
    found = parts(events(rows), SplitSpec("leave_last_out"))
    assert found == {(0, 0): TRAIN, (0, 1): VALID, (0, 2): TEST}


def test_auto_prefers_given_then_dates_then_chance() -> None:
    rows = [(0, item, float(item)) for item in range(4)]
    assert parts(events(rows, [0, 2, 0, 0]), SplitSpec())[0, 1] == TEST
    assert parts(events(rows), SplitSpec())[0, 3] == TEST
    undated = [(0, item, 0.0) for item in range(4)]
    assert sorted(parts(events(undated), SplitSpec()).values()) == [TRAIN, TRAIN, VALID, TEST]


def test_what_cannot_be_split_so_is_said() -> None:
    undated = events([(0, 0, 0.0), (0, 1, 0.0)])
    for kind in ("temporal", "leave_last_out"):
        with pytest.raises(DataError, match="at_s"):
            split_pairs(undated, SplitSpec(kind))
    with pytest.raises(DataError, match="split"):
        split_pairs(undated, SplitSpec("given"))
    with pytest.raises(DataError, match="train"):
        split_pairs(events([(0, 0, 0.0)], [2]), SplitSpec("given"))
    with pytest.raises(ConfigError, match=r"'last'.*leave_last_out"):
        SplitSpec("last")  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="add up to 1"):
        SplitSpec("random", (0.8, 0.1, 0.2))
