"""ItemRows: the contract of every scorer, and occlusion worked out by hand."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from relational_fixtures import four_items

from gnn.evidence import Evidence, item_facts
from gnn.evidence_logit import EdgeLogit, EdgeWeights
from gnn.item_rows import ItemRows
from gnn.scorers import rebuild_scorer, scorer_kind

N = 4


@cache
def by_hand(*, low_rank: float = 0.0, sparse: bool = False, networks: int = 1) -> ItemRows:
    """Softmax rows of the plain sum of unscaled evidence, plus ``low_rank`` on every edge."""
    evidence = Evidence(item_facts(four_items()), behaviour=True)
    channels = len(evidence.names)
    logit = EdgeLogit(evidence, np.ones(channels, np.float32), ())
    logits = np.array([[logit.channels(j, k).sum() + low_rank for k in range(N)] for j in range(N)])
    np.fill_diagonal(logits, -np.inf)
    normaliser = np.log(np.exp(logits).sum(1))
    rows = np.exp(logits - normaliser[:, None]).astype(np.float32)
    weights = EdgeWeights(
        linear=np.ones(channels, np.float32),
        inner=np.zeros((0, channels), np.float32),
        inner_bias=np.zeros(0, np.float32),
        outer=np.zeros(0, np.float32),
        source=np.full((N, 1), low_rank, np.float32),
        target=np.ones((N, 1), np.float32),
        normaliser=normaliser.astype(np.float32),
    )
    edges = EdgeLogit(evidence, np.ones(channels, np.float32), (weights,) * networks)
    return ItemRows(
        rows=sp.csr_matrix(rows) if sparse else rows,
        popularity=np.array([1, 0.5, 0.25, 2], np.float32),
        prior=np.array([3e-9, 2e-9, 1e-9, 0], np.float32),
        edges=edges,
    )


@settings(deadline=None)  # machines under load are slow, not wrong
@given(
    weights=st.lists(st.floats(0, 5, width=32), min_size=N, max_size=N),
    item=st.integers(0, N - 1),
    sparse=st.booleans(),
)
def test_credits_and_constant_are_the_score(weights: list[float], item: int, sparse: bool) -> None:
    scorer = by_hand(sparse=sparse)
    history = sp.csr_matrix(np.array([weights], np.float32))
    terms, constant = scorer.credits(
        history.indices.astype(np.int32), history.data.astype(np.float32), item
    )
    assert terms.sum() + constant == pytest.approx(scorer.score(history)[0, item], abs=1e-5)


def test_score_by_hand() -> None:
    scorer = by_hand()
    score = scorer.score(sp.csr_matrix(np.array([[2, 0, 0, 1]], np.float32)))
    rows = np.asarray(scorer.rows)
    expected = (2 * rows[0] + rows[3]) * [1, 0.5, 0.25, 2]
    np.testing.assert_allclose(score[0], expected, rtol=1e-5)
    assert score.dtype == np.float32


def test_a_shared_entity_is_credited_with_what_the_score_loses_without_it() -> None:
    scorer = by_hand()
    # Items 0 and 3 share linen alone: log 2 * .5 in its channel, and the attribute cosine.
    red, linen = np.log(4 / 3), np.log(2)
    cosine = 0.5 * linen / np.hypot(red, 0.5 * linen)
    lost = 0.5 * linen + cosine + cosine**4
    attention = float(np.asarray(scorer.rows)[0, 3])
    (credit,) = scorer.edge_credits(0, 3, weight=1.5)
    assert (credit.relation, credit.entity) == ("material", 1)
    assert credit.credit == pytest.approx(1.5 * 2 * attention * (1 - np.exp(-lost)), rel=1e-4)


def test_every_kind_of_evidence_is_named_and_sorted() -> None:
    credits = by_hand().edge_credits(0, 1)
    assert {one.relation for one in credits} == {
        "colour",
        "text",
        "variant",
        "price",
        "bought_together",
    }
    assert [one.credit for one in credits] == sorted((one.credit for one in credits), reverse=True)
    price = next(one for one in credits if one.relation == "price")
    whole = by_hand().similar(0)[1]
    assert price.credit == pytest.approx(whole * (1 - np.exp(-0.5)), rel=1e-4)


def test_the_learned_low_rank_part_is_unexplained() -> None:
    found = {one.relation: one.credit for one in by_hand(low_rank=0.7).edge_credits(0, 3)}
    whole = float(by_hand(low_rank=0.7).similar(0)[3])
    assert found["unexplained"] == pytest.approx(whole * (1 - np.exp(-0.7)), rel=1e-4)


def test_networks_that_agree_explain_as_one() -> None:
    one, two = by_hand(low_rank=0.2), by_hand(low_rank=0.2, networks=2)
    for first, second in zip(one.edge_credits(0, 1), two.edge_credits(0, 1), strict=True):
        assert first.relation == second.relation
        assert first.credit == pytest.approx(second.credit, rel=1e-5)


def test_a_silent_edge_has_no_evidence() -> None:
    scorer = by_hand()
    rows = sp.csr_matrix((N, N), dtype=np.float32)
    silent = ItemRows(rows, scorer.popularity, scorer.prior, scorer.edges)
    assert silent.edge_credits(0, 1) == []


def test_without_edges_an_edge_is_unexplained_as_a_whole() -> None:
    scorer = by_hand()
    bare = ItemRows(scorer.rows, scorer.popularity, scorer.prior)
    (credit,) = bare.edge_credits(0, 1, weight=2)
    assert credit.relation == "unexplained"
    assert credit.credit == pytest.approx(2 * scorer.similar(0)[1])


def test_an_empty_history_gets_what_most_own() -> None:
    scores = by_hand().score(sp.csr_matrix((1, N), dtype=np.float32))
    assert np.argsort(-scores[0]).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("sparse", [False, True])
def test_arrays_rebuild_the_same_scorer(sparse: bool) -> None:
    scorer = by_hand(sparse=sparse, low_rank=0.3, networks=2)
    arrays = scorer.arrays()
    assert all(array.dtype != object for array in arrays.values())
    again = rebuild_scorer(scorer_kind(scorer), arrays)
    history = sp.csr_matrix(np.array([[1, 0, 2, 0], [0, 1, 0, 0]], np.float32))
    np.testing.assert_array_equal(again.score(history), scorer.score(history))
    for item in range(1, N):
        before, after = scorer.edge_credits(0, item), again.edge_credits(0, item)
        assert [one.relation for one in before] == [one.relation for one in after]
        for first, second in zip(before, after, strict=True):
            assert first.credit == pytest.approx(second.credit, rel=1e-3, abs=1e-7)


def test_serving_imports_no_torch() -> None:
    code = "import sys, gnn.item_rows; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
