"""Metrics against values worked out by hand, and laws that hold for any lists."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gnn.metrics import METRICS, coverage, hit_matrix, hit_rate, mrr, ndcg, precision, recall
from gnn.top_k import tie_order, top_k

# User 0 finds her items at ranks 2 and 4 of five withheld; user 1 his single one at rank 1;
# user 2 nothing.
HITS = np.array([[0, 1, 0, 1], [1, 0, 0, 0], [0, 0, 0, 0]], dtype=bool)
N_RELEVANT = np.array([5, 1, 2], dtype=np.int32)


def test_recall_divides_by_all_withheld_items() -> None:
    assert recall(HITS, N_RELEVANT, 4) == pytest.approx([2 / 5, 1, 0])
    assert recall(HITS, N_RELEVANT, 2) == pytest.approx([1 / 5, 1, 0])


def test_precision_divides_by_k_even_when_the_list_is_shorter() -> None:
    assert precision(HITS, N_RELEVANT, 4) == pytest.approx([2 / 4, 1 / 4, 0])
    assert precision(HITS, N_RELEVANT, 8) == pytest.approx([2 / 8, 1 / 8, 0])


def test_hit_rate_and_reciprocal_rank() -> None:
    assert hit_rate(HITS, N_RELEVANT, 1) == pytest.approx([0, 1, 0])
    assert hit_rate(HITS, N_RELEVANT, 4) == pytest.approx([1, 1, 0])
    assert mrr(HITS, N_RELEVANT, 4) == pytest.approx([1 / 2, 1, 0])
    assert mrr(HITS, N_RELEVANT, 1) == pytest.approx([0, 1, 0])


def test_ndcg_discounts_by_log2_and_its_ideal_is_cut_at_k() -> None:
    # 1/log2(3) = 0.63093, 1/log2(5) = 0.43068; ideal of four hits 1 + .63093 + .5 + .43068.
    by_hand = (0.6309297536 + 0.4306765581) / (1 + 0.6309297536 + 0.5 + 0.4306765581)
    assert ndcg(HITS, N_RELEVANT, 4) == pytest.approx([by_hand, 1, 0])
    # Ideal at 2 with five withheld: two hits.
    assert ndcg(HITS, N_RELEVANT, 2) == pytest.approx([0.6309297536 / 1.6309297536, 1, 0])


def test_coverage_counts_each_shown_item_once_and_ignores_the_ends_of_lists() -> None:
    ranked = np.array([[3, 1, -1], [3, 0, 2]], dtype=np.int32)
    assert coverage(ranked, 2, n_candidates=10) == pytest.approx(3 / 10)
    assert coverage(ranked, 3, n_candidates=10) == pytest.approx(4 / 10)


def test_hit_matrix_ignores_stored_zeros_and_ends_of_lists() -> None:
    relevant = sp.csr_matrix(np.array([[0, 0, 0, 1], [1, 0, 1, 0]], dtype=np.float32))
    relevant.data[1] = 0  # user 1, item 0: stored, but withheld no more
    # -1 in row 1 must not be read as the last item of row 0.
    ranked = np.array([[3, 0, 1], [-1, 0, 2]], dtype=np.int32)
    assert hit_matrix(ranked, relevant).tolist() == [[True, False, False], [False, False, True]]


@given(arrays(bool, st.tuples(st.integers(1, 6), st.integers(1, 12))), st.integers(1, 12))
def test_metrics_stay_in_the_unit_interval_and_a_perfect_list_has_one(hits, k) -> None:
    n_relevant = (hits.sum(axis=1) + 1).astype(np.int32)
    perfect = np.ones_like(hits)
    for name, metric in METRICS.items():
        values = metric(hits, n_relevant, k)
        assert values.shape == (len(hits),)
        assert ((values >= 0) & (values <= 1)).all(), name
        assert (metric(np.zeros_like(hits), n_relevant, k) == 0).all(), name
        if name in {"ndcg", "mrr", "hit"}:
            depth = np.full(len(hits), hits.shape[1], dtype=np.int32)
            assert metric(perfect, depth, min(k, hits.shape[1])) == pytest.approx(1.0), name


@given(arrays(bool, (5, 8)))
def test_metrics_do_not_depend_on_the_order_of_users(hits) -> None:
    n_relevant = (hits.sum(axis=1) + 2).astype(np.int32)
    for name, metric in METRICS.items():
        backwards = metric(hits[::-1], n_relevant[::-1], 4)[::-1]
        assert np.array_equal(metric(hits, n_relevant, 4), backwards), name


@given(arrays(bool, (1, 8)), st.integers(0, 6))
def test_moving_a_hit_up_never_lowers_a_metric(hits, place) -> None:
    if hits[0, place] or not hits[0, place + 1]:
        return
    better = hits.copy()
    better[0, [place, place + 1]] = True, False
    n_relevant = np.array([8], dtype=np.int32)
    for name, metric in METRICS.items():
        assert metric(better, n_relevant, 4)[0] >= metric(hits, n_relevant, 4)[0], name


@settings(deadline=None)  # the first call compiles
@given(
    arrays(
        np.float32, st.tuples(st.integers(1, 4), st.integers(1, 30)), elements=st.integers(-3, 3)
    ),
    st.integers(1, 12),
)
def test_top_k_is_a_stable_sort_in_the_order_of_ties(scores, k) -> None:
    order = tie_order(scores.shape[1])
    for row, found in zip(scores, top_k(scores, k), strict=True):
        expected = sorted(order, key=lambda column: -row[column])[:k]
        assert found[: len(expected)].tolist() == [int(column) for column in expected]
        assert (found[len(expected) :] == -1).all()


def test_top_k_lists_neither_masked_items_nor_nan() -> None:
    scores = np.array([[-np.inf, 1, np.nan, 2]], dtype=np.float32)
    assert top_k(scores, 3).tolist() == [[3, 1, -1]]


def test_the_order_of_ties_favours_no_end_of_the_catalogue() -> None:
    first = tie_order(1000)[:100]
    assert sorted(tie_order(1000)) == list(range(1000))
    assert 350 < first.mean() < 650
