"""Evaluation: what is masked, what counts, what is compared."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from gnn.baselines.ease import EASE
from gnn.baselines.item_knn import ItemKNN
from gnn.baselines.popularity import Popularity
from gnn.baselines.tuning import BASELINES, applicable, grid, too_large, tune
from gnn.dataset import Dataset
from gnn.evaluation import evaluate
from gnn.item_item import ItemItem
from gnn.metrics import METRICS
from kg.errors import ConfigError, DataError


def dataset(train, valid, test) -> Dataset:
    n_items = np.shape(train)[1]
    return Dataset(
        train=sp.csr_matrix(np.array(train, dtype=np.float32)),
        valid=sp.csr_matrix(np.array(valid, dtype=np.float32)),
        test=sp.csr_matrix(np.array(test, dtype=np.float32)),
        attributes=sp.csr_matrix(np.zeros((n_items, 1), dtype=np.float32)),
        relation=np.zeros(1, dtype=np.int32),
        relations=("colour",),
        features={},
        price=np.full(n_items, np.nan, dtype=np.float32),
        groups=np.full(n_items, -1, dtype=np.int32),
        fingerprint="",
    )


def constant(*scores: float) -> ItemItem:
    """Everybody is told the same."""
    n = len(scores)
    return ItemItem(np.zeros((n, n), dtype=np.float32), np.array(scores, dtype=np.float32))


DATA = dataset(
    train=[[1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 1, 0, 0]],
    valid=[[0, 1, 0, 0, 0], [0, 0, 0, 0, 1], [0, 0, 0, 0, 0]],
    test=[[0, 0, 1, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 1]],
)


def test_test_masks_train_and_valid_and_skips_users_without_withheld_items() -> None:
    report = evaluate(constant(5, 4, 3, 2, 1), DATA, k=(1, 2))
    assert report.users.tolist() == [0, 2]
    # User 0 sees 2, 3, 4 in this order: hit at 1. User 2 sees 0, 1, 3, 4: no hit at 2.
    assert report.per_user["recall@1"].tolist() == [1, 0]
    assert report.per_user["recall@2"].tolist() == [1, 0]
    assert report.mean("recall@1") == 0.5
    assert report.coverage["coverage@2"] == pytest.approx(4 / 5)  # 2, 3 and 0, 1


def test_valid_masks_train_alone() -> None:
    report = evaluate(constant(5, 4, 3, 2, 1), DATA, against="valid", k=(1, 4))
    assert report.users.tolist() == [0, 1]
    assert report.per_user["mrr@4"].tolist() == [1, 1 / 4]  # user 1: 0, 2, 3, then 4


def test_mask_can_be_train_alone_for_test() -> None:
    report = evaluate(constant(5, 4, 3, 2, 1), DATA, mask=DATA.train, k=(1, 2))
    assert report.per_user["recall@1"].tolist() == [0, 0]  # valid's item 1 stands before it


def test_after_refit_train_and_valid_are_input_and_masked() -> None:
    refit = DATA.refit()
    assert refit.train.toarray().tolist() == [[1, 1, 0, 0, 0], [0, 1, 0, 0, 1], [0, 0, 1, 0, 0]]
    assert refit.valid.nnz == 0
    told = []

    class Listening(ItemItem):
        def score(self, histories, /, *, users=None):
            told.append((histories.toarray().tolist(), users.tolist()))
            return super().score(histories, users=users)

    evaluate(Listening(np.eye(5, dtype=np.float32), np.zeros(5, dtype=np.float32)), refit)
    assert told == [([[1, 1, 0, 0, 0], [0, 0, 1, 0, 0]], [0, 2])]


def test_users_can_be_hidden_from_the_scorer() -> None:
    seen = []

    class Listening(ItemItem):
        def score(self, histories, /, *, users=None):
            seen.extend(users.tolist())
            return super().score(histories, users=users)

    scorer = Listening(np.eye(5, dtype=np.float32), np.zeros(5, dtype=np.float32))
    evaluate(scorer, DATA, known_users=False)
    assert seen == [-1, -1]


def test_candidates_are_ranked_among_themselves() -> None:
    report = evaluate(
        constant(9, 9, 9, 2, 1), DATA, candidates=np.array([3, 4], dtype=np.int32), k=(1, 2)
    )
    assert report.users.tolist() == [2]  # user 0's item 2 is no candidate
    assert report.per_user["recall@1"].tolist() == [0]
    assert report.per_user["recall@2"].tolist() == [1]
    assert report.coverage["coverage@2"] == 1


def test_an_item_withheld_and_masked_does_not_count() -> None:
    data = dataset(train=[[1, 0, 0]], valid=[[0, 0, 0]], test=[[1, 0, 1]])
    report = evaluate(constant(3, 2, 1), data, k=(2,))
    assert report.per_user["recall@2"].tolist() == [1]


def test_chunks_do_not_change_the_result() -> None:
    rng = np.random.default_rng(3)
    cells = rng.integers(0, 3, size=(50, 40))
    data = dataset(cells == 0, np.zeros_like(cells), cells == 1)
    scorer = EASE().fit(data).scorer
    whole, small = evaluate(scorer, data), evaluate(scorer, data, chunk=7)
    for metric in whole.per_user:
        assert np.array_equal(whole.per_user[metric], small.per_user[metric])


def test_renumbering_the_items_changes_nothing() -> None:
    rng = np.random.default_rng(4)
    cells = rng.integers(0, 3, size=(60, 40))
    order = rng.permutation(40)
    scores = rng.permutation(40)  # all different: without ties there is one right order
    data = dataset(cells == 0, np.zeros_like(cells), cells == 1)
    moved = dataset(cells[:, order] == 0, np.zeros_like(cells), cells[:, order] == 1)
    one, other = evaluate(constant(*scores), data), evaluate(constant(*scores[order]), moved)
    for metric in one.per_user:
        assert one.per_user[metric] == pytest.approx(other.per_user[metric])


def test_a_scorer_that_says_nothing_is_no_better_than_chance_on_ordered_ids() -> None:
    # Everybody's withheld item is among the first ten ids: listing ties by index finds it.
    test = np.zeros((200, 200), dtype=np.float32)
    test[np.arange(200), np.arange(200) % 10] = 1
    data = dataset(np.zeros_like(test), np.zeros_like(test), test)
    assert evaluate(constant(*np.zeros(200)), data).mean("recall@10") <= 0.2


def test_nan_scores_and_an_empty_split_are_errors() -> None:
    with pytest.raises(DataError, match=r"user 0, item 2"):
        evaluate(constant(1, 1, np.nan, 1, 1), DATA)
    with pytest.raises(DataError, match=r"dataset valid"):
        evaluate(constant(1, 2, 3, 4, 5), DATA.refit(), against="valid")


def test_interval_and_paired_difference_by_hand() -> None:
    one = evaluate(constant(5, 4, 3, 2, 1), DATA, k=(1, 3))
    other = evaluate(constant(1, 2, 3, 4, 5), DATA, k=(1, 3))
    # recall@1: one 1, 0; other 0, 1. Mean 1/2, sd sqrt(1/2), error 1/2, 1.96 of it.
    interval = one.interval("recall@1")
    assert (interval.mean, interval.low, interval.high) == pytest.approx(
        (0.5, -0.48, 1.48), abs=1e-3
    )
    paired = one.difference(other, "recall@1")
    assert paired.mean == 0
    assert paired.high == pytest.approx(1.96, abs=1e-3)  # differences 1, -1: error 1
    assert one.difference(one, "ndcg@3").high == 0
    assert set(one.means()) == {f"{name}@{k}" for name in (*METRICS, "coverage") for k in (1, 3)}


def test_reports_about_different_users_are_not_paired_and_unknown_metrics_are_named() -> None:
    test = evaluate(constant(5, 4, 3, 2, 1), DATA)
    valid = evaluate(constant(5, 4, 3, 2, 1), DATA, against="valid")
    with pytest.raises(ConfigError, match="different users"):
        test.difference(valid, "recall@10")
    with pytest.raises(ConfigError, match=r"recall@5.*recall@10"):
        test.mean("recall@5")


def test_tune_keeps_what_validation_prefers_and_never_looks_at_test() -> None:
    # Item 1 follows item 0 in train; valid agrees with the neighbours, test with popularity.
    train = [[1, 1, 0, 0]] * 3 + [
        [1, 0, 0, 0],
        [0, 0, 1, 0],
        [0, 0, 1, 1],
        [0, 0, 1, 1],
        [0, 0, 1, 0],
    ]
    valid = np.zeros((8, 4))
    valid[3, 1] = 1
    test = np.zeros((8, 4))
    test[3, 2] = 1
    data = dataset(train, valid, test)
    tuned = tune((Popularity(), ItemKNN(shrink=0)), data, metric="mrr@2")
    assert tuned.model.name == "item_knn"
    assert [(model.name, value) for model, value in tuned.tried] == [
        ("popularity", 1 / 2),
        ("item_knn", 1),
    ]
    with pytest.raises(ConfigError, match="nothing to tune"):
        tune((), data)


def test_grids_are_named_and_unknown_names_list_the_known() -> None:
    for name in BASELINES:
        assert {model.name for model in grid(name)} == {name}
    with pytest.raises(ConfigError, match=r"'knn'.*item_knn"):
        grid("knn")
    assert "text_neighbours" not in applicable(DATA)
    assert "collective_ease" not in applicable(DATA)
    assert "ease" in applicable(DATA)


def test_a_catalogue_too_large_for_square_matrices_keeps_the_sparse_models() -> None:
    n = 15_001
    nothing = sp.csr_matrix((1, n), dtype=np.float32)
    large = replace(
        DATA,
        train=nothing,
        valid=nothing,
        test=nothing,
        attributes=sp.csr_matrix((n, 0), dtype=np.float32),
        price=np.full(n, np.nan, dtype=np.float32),
        groups=np.full(n, -1, dtype=np.int32),
    )
    assert applicable(large) == ["popularity", "item_knn", "rp3beta"]
    assert "ease" in too_large(large)


def hm(folder: Path) -> Dataset:
    with (folder / "inter_5core.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    users = {user: index for index, user in enumerate(sorted({r["customer_id"] for r in rows}))}
    items = {item: index for index, item in enumerate(sorted({r["article_id"] for r in rows}))}
    parts = {}
    for part in ("train", "valid", "test"):
        cells = [
            (users[r["customer_id"]], items[r["article_id"]]) for r in rows if r["split"] == part
        ]
        row, column = np.array(cells).T
        parts[part] = sp.csr_matrix(
            (np.ones(len(cells), dtype=np.float32), (row, column)), shape=(len(users), len(items))
        )
    empty = dataset(np.zeros((1, len(items))), np.zeros((1, len(items))), np.zeros((1, len(items))))
    return Dataset(
        **parts,
        **{
            name: getattr(empty, name)
            for name in ("attributes", "relation", "relations", "features", "price", "groups")
        },
        fingerprint="",
    )


@pytest.mark.slow
def test_figures_of_the_shared_data_are_reproduced(shared: Path) -> None:
    """Popularity, ItemKNN and EASE as measured by others with other code."""
    if not (shared / "data/hm/inter_5core.csv").exists():
        pytest.skip("no H&M data in the shared folder")
    data = hm(shared / "data/hm")
    refit = data.refit()
    for model, alone, both in (
        (Popularity(), (0.0544, 0.0232), (0.0542, 0.0233)),
        (ItemKNN(), (0.197, 0.109), (0.245, 0.138)),
        (EASE(), (0.196, 0.109), (0.242, 0.137)),
    ):
        report = evaluate(model.fit(data).scorer, data, mask=data.train)
        assert (report.mean("recall@20"), report.mean("ndcg@20")) == pytest.approx(alone, abs=2e-3)
        report = evaluate(model.fit(refit).scorer, refit)
        assert (report.mean("recall@20"), report.mean("ndcg@20")) == pytest.approx(both, abs=2e-3)


def test_a_few_judge_for_all_and_always_the_same_few() -> None:
    judges = DATA.judged_by(1, seed=3)
    assert len(np.flatnonzero(np.diff(judges.valid.indptr))) == 1
    assert (judges.valid != DATA.judged_by(1, seed=3).valid).nnz == 0
    user = int(np.flatnonzero(np.diff(judges.valid.indptr))[0])
    assert (judges.valid[[user]] != DATA.valid[[user]]).nnz == 0
    assert (judges.train != DATA.train).nnz == 0
    assert DATA.judged_by(10_000) is DATA
