"""The inner-product scorer by hand: scores, fold-in, credits, occlusions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from gnn.inner_product import InnerProduct, Messages
from gnn.scorers import rebuild_scorer, scorer_kind


def scorer(**changes) -> InnerProduct:
    """Three items in the plane; item 2 is nothing known."""
    values = {
        "own": np.array([[1, 0]], dtype=np.float32),
        "memory": np.array([[2, 0], [0, 2], [0, 0]], dtype=np.float32),
        "guess": np.array([[1, 0], [0, 0], [0, 0]], dtype=np.float32),
        "target": np.array([[1, 0], [0.6, 0.8], [0, 0]], dtype=np.float32),
        "bias": np.array([0, 0.5, -1], dtype=np.float32),
        "scale": 10.0,
        "messages": Messages(
            parts={
                "bought_together": np.array([[1, 0], [0, 1], [0, 0]], dtype=np.float32),
                "text": np.array([[0.5, 0], [0.5, 0], [0, 0]], dtype=np.float32),
            },
            entities=np.array([[1, 0], [0, 1]], dtype=np.float32),
            shares=sp.csr_matrix(np.array([[0.5, 0.5], [0.25, 0], [0, 0]], dtype=np.float32)),
            relation=np.array([1, 0], dtype=np.int32),
            relations=("brand", "colour"),
            in_memory=np.array([1, 1, 1], dtype=np.float32),
            in_target=np.array([1, 0.5, 1], dtype=np.float32),
        ),
    }
    return InnerProduct(**(values | changes))


def history(*weights: float) -> sp.csr_matrix:
    return sp.csr_matrix(np.array([weights], dtype=np.float32))


def test_a_known_users_score_by_hand() -> None:
    # w = 1/sqrt(2) each: e = (1, 0) + ((2, 0) + (0, 2)) / sqrt(2) = (2.41421, 1.41421).
    length = np.hypot(2.41421356, 1.41421356)
    expected = [
        10 * 2.41421356 / length,
        10 * (0.6 * 2.41421356 + 0.8 * 1.41421356) / length + 0.5,
        -1,
    ]
    found = scorer().score(history(1, 1, 0), users=np.array([0], dtype=np.int32))
    assert found[0] == pytest.approx(expected, rel=1e-5)
    assert found.dtype == np.float32


def test_a_new_user_is_folded_in_and_nobody_gets_the_bias() -> None:
    # (2 + 1, 0): the direction of item 0.
    assert scorer().score(history(1, 0, 0))[0] == pytest.approx([10, 6.5, -1], rel=1e-5)
    assert scorer().score(history(0, 0, 0))[0] == pytest.approx([0, 0.5, -1])
    both = sp.vstack([history(1, 0, 0), history(1, 0, 0)], format="csr")
    known, new = scorer().score(both, users=np.array([0, -1], dtype=np.int32))
    assert known == pytest.approx(new)  # own (1, 0) and guess (1, 0) agree here


def test_an_event_adds_one_row() -> None:
    before, after = scorer().score(history(1, 0, 0))[0], scorer().score(history(1, 1, 0))[0]
    assert after[1] > before[1]


@pytest.mark.parametrize("user", [0, -1])
def test_credits_and_constant_add_up_to_the_score(user: int) -> None:
    owned, weights = np.array([0, 1], dtype=np.int32), np.array([1, 2], dtype=np.float32)
    expected = scorer().score(history(1, 2, 0), users=np.array([user], dtype=np.int32))[0]
    for item in range(3):
        credits, constant = scorer().credits(owned, weights, item, user=user)
        assert credits.sum() + constant == pytest.approx(expected[item], rel=1e-5)
    credits, constant = scorer().credits(owned, weights, 0, user=user)
    assert credits[1] == 0  # memory (0, 2) says nothing for (1, 0)


def test_similar_is_the_score_of_who_owns_one_thing_without_bias() -> None:
    assert scorer().similar(1) == pytest.approx([0, 8, 0])
    assert scorer().similar(2) == pytest.approx([0, 0, 0])


def test_edge_credits_by_hand() -> None:
    # Edge 0 -> 1: (2, 0) . (.6, .8) = 1.2, times 10 / 2 is 6.
    found = {(one.relation, one.entity): one.credit for one in scorer().edge_credits(0, 1)}
    # text: tail (2 - .5, 0), head (.6 - .5 * .5, .8): 1.5 * .35 = .525; lost 1.2 - .525.
    assert found["text", -1] == pytest.approx(5 * (1.2 - 0.525))
    # id: tail (1, 0), head (.6, .8 - .5): .6.
    assert found["bought_together", -1] == pytest.approx(5 * (1.2 - 0.6))
    # Entity 0 (a colour) is shared: tail (2 - .5, 0), head (.6 - .5 * .25, .8): .7125.
    assert found["colour", 0] == pytest.approx(5 * (1.2 - 0.7125))
    # Entity 1 (the brand) is item 0's alone: no evidence.
    assert set(found) == {("text", -1), ("bought_together", -1), ("colour", 0)}
    credits = [one.credit for one in scorer().edge_credits(0, 1)]
    assert credits == sorted(credits, reverse=True)
    twice = scorer().edge_credits(0, 1, weight=2.0)
    assert [one.credit for one in twice] == pytest.approx([2 * credit for credit in credits])


def test_nothing_known_of_an_item_is_no_evidence() -> None:
    assert scorer().edge_credits(0, 2) == []


def test_arrays_rebuild_the_same_scorer() -> None:
    first = scorer()
    assert scorer_kind(first) == "inner_product"
    again = rebuild_scorer("inner_product", first.arrays())
    told = history(1, 2, 0)
    assert np.array_equal(again.score(told), first.score(told))
    assert again.edge_credits(0, 1) == first.edge_credits(0, 1)
    assert np.array_equal(again.similar(1), first.similar(1))


def test_the_colour_feature_is_not_taken_for_a_kind_of_entity() -> None:
    known = scorer().messages
    parts = {"colour": known.parts["text"]}
    found = scorer(messages=replace(known, parts=parts)).edge_credits(0, 1)
    assert {(one.relation, one.entity) for one in found} == {
        ("colour_histogram", -1),
        ("colour", 0),
    }
