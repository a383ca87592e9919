"""Relational attention ranks what evidence proves, and says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
import torch
from relational_fixtures import checkerboard, four_items

from gnn.dataset import Dataset, Feature
from gnn.evaluation import evaluate
from gnn.evidence import Evidence, item_facts
from gnn.evidence_edges import candidate_edges
from gnn.item_rows import ItemRows
from gnn.models.contract import Epoch, Fit
from gnn.models.relational_attention import RelationalAttention, leave_one_out_loss
from gnn.models.relational_attention_baskets import batch_evidence, draw_baskets
from gnn.models.relational_attention_network import EdgeNetwork, item_content

SMALL = RelationalAttention(epochs=3, steps=40, rank=8)


def scorer_of(fit: Fit) -> ItemRows:
    assert isinstance(fit.scorer, ItemRows)
    return fit.scorer


@pytest.fixture(scope="module")
def board() -> Dataset:
    return checkerboard()


@pytest.fixture(scope="module")
def fitted(board: Dataset) -> Fit:
    return SMALL.fit(board)


def found_in_square(fit: Fit, board: Dataset) -> float:
    # Two items of the user's square are neither in train nor in valid: test is one of them.
    return evaluate(fit.scorer, board, k=(2,)).mean("hit@2")


def test_the_withheld_item_of_the_square_ranks_first(board: Dataset, fitted: Fit) -> None:
    assert found_in_square(fitted, board) == 1


def test_attributes_alone_find_the_square_without_baskets_as_evidence(board: Dataset) -> None:
    content = replace(SMALL, behaviour=False, ids=False, rank=0)
    assert found_in_square(content.fit(board), board) == 1


def test_an_item_nobody_bought_is_found_by_its_attributes(board: Dataset) -> None:
    hidden = np.ones(board.n_items, np.float32)
    hidden[::6] = 0  # one of each square
    cold = np.flatnonzero(hidden == 0)
    train = sp.csr_matrix(board.train @ sp.diags(hidden))
    train.eliminate_zeros()
    nothing = sp.csr_matrix(board.valid.shape, dtype=np.float32)
    fit = replace(SMALL, ids=False).fit(replace(board, train=train, valid=nothing), epochs=3)
    scores = scorer_of(fit).score(board.train[:9])[:, cold]
    # Users 0..8 live in squares 0..8 and the cold items are in that order.
    assert scores.argmax(1).tolist() == list(range(9))


def test_reasons_name_colour_and_material(board: Dataset, fitted: Fit) -> None:
    found = {one.relation: one for one in scorer_of(fitted).edge_credits(0, 1)}
    assert found["colour"].credit > 0
    assert found["material"].credit > 0
    assert (found["colour"].entity, found["material"].entity) == (0, 3)


def test_edge_attention_recomputed_from_evidence_is_the_row(fitted: Fit) -> None:
    scorer = scorer_of(fitted)
    assert scorer.edges is not None
    (weights,) = scorer.edges.weights
    for source, item in ((0, 1), (5, 40), (30, 2)):
        channels = scorer.edges.channels(source, item) / scorer.edges.scales
        logit = weights.logits(channels[:, None])[0]
        logit += weights.source[source] @ weights.target[item]
        assert np.exp(logit - weights.normaliser[source]) == pytest.approx(
            float(np.asarray(scorer.rows)[source, item]), rel=1e-3
        )


def test_rows_are_distributions_over_the_others(fitted: Fit) -> None:
    rows = np.asarray(scorer_of(fitted).rows)
    np.testing.assert_allclose(rows.sum(1), 1, rtol=1e-4)
    assert not rows.diagonal().any()


def test_same_seed_same_rows_and_the_callers_random_state_is_left_alone(board: Dataset) -> None:
    quick = replace(SMALL, epochs=1, steps=5)
    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    first, second = quick.fit(board, seed=4), quick.fit(board, seed=4)
    assert torch.equal(before, torch.random.get_rng_state())
    np.testing.assert_array_equal(
        np.asarray(scorer_of(first).rows), np.asarray(scorer_of(second).rows)
    )
    other = scorer_of(quick.fit(board, seed=5)).rows
    assert not np.array_equal(np.asarray(scorer_of(first).rows), np.asarray(other))


def test_large_catalogues_keep_candidates_alone(board: Dataset) -> None:
    fit = replace(SMALL, dense_items=10, width=24).fit(board)
    rows = scorer_of(fit).rows
    assert sp.issparse(rows)
    assert np.diff(rows.indptr).max() == 24
    assert found_in_square(fit, board) > 0.95


def test_several_networks_are_averaged(board: Dataset) -> None:
    quick = replace(SMALL, epochs=1, steps=5)
    pair = replace(quick, members=2).fit(board, seed=0)
    alone = [np.asarray(scorer_of(quick.fit(board, seed=seed)).rows) for seed in (0, 1)]
    np.testing.assert_allclose(np.asarray(scorer_of(pair).rows), sum(alone) / 2, rtol=1e-4)


def test_best_epoch_is_by_validation_and_a_refit_has_its_length(board: Dataset) -> None:
    seen: list[Epoch] = []
    quick = replace(SMALL, steps=5)
    fit = quick.fit(board, on_epoch=seen.append)
    values = [epoch.valid for epoch in fit.history]
    assert list(fit.history) == seen
    assert all(value is not None for value in values)
    assert fit.best_epoch == 1 + int(np.argmax(np.array(values, dtype=float)))
    again = quick.fit(board.refit(), epochs=2)
    assert [epoch.valid for epoch in again.history] == [None, None]


@pytest.mark.parametrize("with_attributes", [True, False])
def test_one_item_a_user_is_scored_by_evidence_untrained(with_attributes: bool) -> None:
    board = checkerboard()
    first = sp.csr_matrix(board.train.shape, dtype=np.float32)
    first = sp.csr_matrix(
        (
            np.ones(board.n_users, np.float32),
            (np.arange(board.n_users), board.train.indices[board.train.indptr[:-1]]),
        ),
        shape=board.train.shape,
    )
    alone = replace(board, train=first)
    if not with_attributes:
        nothing = sp.csr_matrix((board.n_items, 0), dtype=np.float32)
        alone = replace(alone, attributes=nothing, relation=np.zeros(0, np.int32), relations=())
    fit = SMALL.fit(alone)
    assert (fit.best_epoch, fit.history) == (0, ())
    # What was started at random and never trained may not rank.
    edges = scorer_of(fit).edges
    assert edges is not None
    assert not edges.weights[0].outer.any()
    assert not edges.weights[0].target.any()
    scores = scorer_of(fit).score(alone.train)
    assert np.isfinite(scores).all()
    if with_attributes:
        assert evaluate(fit.scorer, alone, k=(5,)).mean("hit@5") == 1


def test_users_without_rows_and_items_without_evidence_are_scored(board: Dataset) -> None:
    train = board.train.tolil()
    train[0] = 0
    attributes = board.attributes.tolil()
    attributes[7] = 0
    absent = Feature(np.zeros((board.n_items, 4), np.float32), np.zeros(board.n_items, bool))
    poor = replace(
        board,
        train=sp.csr_matrix(train),
        attributes=sp.csr_matrix(attributes),
        features={"image": absent},
    )
    fit = replace(SMALL, epochs=1, steps=5).fit(poor)
    scores = scorer_of(fit).score(poor.train)
    assert np.isfinite(scores).all()
    owners = np.asarray(poor.train.sum(0)).ravel()
    assert owners[scores[0].argmax()] == owners.max()


@pytest.mark.parametrize("n_items", [1, 2])
def test_the_smallest_catalogues(n_items: int) -> None:
    owned = sp.csr_matrix(np.ones((3, n_items), np.float32))
    nothing = sp.csr_matrix((3, n_items), dtype=np.float32)
    tiny = Dataset(
        train=owned,
        valid=nothing,
        test=nothing,
        attributes=sp.csr_matrix(np.ones((n_items, 1), np.float32)),
        relation=np.zeros(1, np.int32),
        relations=("brand",),
        features={},
        price=np.ones(n_items, np.float32),
        groups=np.zeros(n_items, np.int32),
        fingerprint="tiny",
    )
    scorer = scorer_of(replace(SMALL, epochs=1, steps=2).fit(tiny))
    assert np.isfinite(scorer.score(owned)).all()
    np.testing.assert_allclose(np.asarray(scorer.rows), 1 - np.eye(n_items))


def test_candidates_hold_the_co_owned_and_stand_for_everyone(board: Dataset) -> None:
    evidence = Evidence(item_facts(board))
    edges = candidate_edges(evidence, width=30)
    np.testing.assert_allclose(np.exp(edges.offset).sum(1), board.n_items - 1, rtol=1e-4)
    common = evidence.facts.common
    for item in range(board.n_items):
        targets = edges.targets[item]
        assert (np.diff(targets) > 0).all()
        assert item not in targets
        together = common.indices[common.indptr[item] : common.indptr[item + 1]]
        assert set(together) <= set(targets)


def test_the_asking_users_are_not_in_their_own_evidence() -> None:
    dataset = four_items()
    evidence = Evidence(item_facts(dataset))
    edges = candidate_edges(evidence, width=3)
    rows = np.array([0], dtype=np.int32)
    found = batch_evidence(evidence, edges, rows, dataset.train[[1]]).numpy()
    found *= edges.scales[None, :, None]
    at = evidence.names.index("bought_log")
    # Without user 1 items 0 and 1 have one owner in common, 0 and 2 none.
    assert found[0, at].tolist() == pytest.approx([np.log(2), 0, 0], abs=1e-3)
    popularity = evidence.names.index("popularity")
    assert found[0, popularity].tolist() == pytest.approx([np.log(2), 0, 0], abs=1e-3)


def test_loss_by_hand() -> None:
    dataset = four_items()
    evidence = Evidence(item_facts(dataset), behaviour=False)
    edges = candidate_edges(evidence, width=3)
    network = EdgeNetwork(
        len(evidence.names),
        hidden=0,
        rank=0,
        content=item_content(dataset, {}),
        ids=False,
        dropout=0,
        generator=torch.Generator(),
    )
    rng = np.random.default_rng(0)
    users = np.array([0, 1], dtype=np.int32)
    baskets = draw_baskets(dataset.train, users, edges, longest=9, rng=rng)
    found = batch_evidence(evidence, edges, baskets.rows)
    loss = float(leave_one_out_loss(network, edges, baskets, found).detach())
    logits = np.full((4, 4), -np.inf)
    everything = batch_evidence(evidence, edges, np.arange(4, dtype=np.int32)).numpy().sum(1)
    np.put_along_axis(logits, edges.targets.astype(np.int64), everything, axis=1)
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    withheld = [p[1, 0], p[0, 1]]  # user 0 owns 0 and 1
    withheld += [(p[1, 0] + p[2, 0]) / 2, (p[0, 1] + p[2, 1]) / 2, (p[0, 2] + p[1, 2]) / 2]
    assert loss == pytest.approx(-np.log(withheld).mean(), rel=1e-4)


def test_low_rank_logits_do_not_depend_on_how_many_targets_are_asked(board: Dataset) -> None:
    network = EdgeNetwork(
        1,
        hidden=0,
        rank=3,
        content=item_content(board, {}),
        ids=True,
        dropout=0,
        generator=torch.Generator().manual_seed(0),
    )
    rows = torch.tensor([4, 9])
    everyone = torch.arange(board.n_items).repeat(2, 1)
    few = network.low_rank_logits(rows, everyone[:, 10:12])
    torch.testing.assert_close(few, network.low_rank_logits(rows, everyone)[:, 10:12])
    source, target, few = (*(one.detach() for one in network.factors()), few.detach())
    assert float(few[1, 0]) == pytest.approx(float(source[9] @ target[10]), rel=1e-4)
