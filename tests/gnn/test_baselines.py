"""Closed forms against matrices worked out by hand, and what every scorer owes."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from gnn.baselines.content import AttributeCosine, VectorNeighbours
from gnn.baselines.ease import EASE, CollectiveEASE, ease_weights
from gnn.baselines.item_knn import ItemKNN
from gnn.baselines.popularity import Popularity
from gnn.baselines.pure_svd import GFCF, PureSVD
from gnn.baselines.rp3beta import RP3Beta
from gnn.baselines.tuning import BASELINES
from gnn.dataset import Dataset, Feature
from gnn.item_item import ItemItem, keep_strongest
from gnn.scorers import rebuild_scorer, scorer_kind
from kg.errors import DataError

#: User 0 has items 0, 1; user 1 has 0, 1, 2; user 2 has 2. Nobody has item 3.
TRAIN = np.array([[1, 1, 0, 0], [1, 1, 1, 0], [0, 0, 1, 0]], dtype=np.float32)
#: Entity 0 is on items 0, 1; entity 1 on 1, 3; entity 2 on all (no rarity at all).
ATTRIBUTES = np.array([[1, 0, 1], [1, 1, 1], [0, 0, 1], [0, 0.5, 1]], dtype=np.float32)


def dataset() -> Dataset:
    text = np.array([[1, 0], [0.6, 0.8], [0, 1], [0, 0]], dtype=np.float32)
    return Dataset(
        train=sp.csr_matrix(TRAIN),
        valid=sp.csr_matrix(TRAIN.shape, dtype=np.float32),
        test=sp.csr_matrix(TRAIN.shape, dtype=np.float32),
        attributes=sp.csr_matrix(ATTRIBUTES),
        relation=np.array([1, 0, 0], dtype=np.int32),
        relations=("brand", "colour"),
        features={"text": Feature(text, np.array([True, True, True, False]))},
        price=np.full(4, np.nan, dtype=np.float32),
        groups=np.full(4, -1, dtype=np.int32),
        fingerprint="",
    )


def weights(model) -> np.ndarray:
    scorer = model.fit(dataset()).scorer
    assert isinstance(scorer, ItemItem)
    found = scorer.weights
    return found if isinstance(found, np.ndarray) else found.toarray()


def test_popularity_is_the_share_of_users() -> None:
    scorer = Popularity().fit(dataset()).scorer
    told = sp.csr_matrix(np.array([[0, 0, 0, 0], [1, 0, 0, 1]], dtype=np.float32))
    assert scorer.score(told) == pytest.approx(np.array([[2, 2, 2, 0]] * 2) / 3)


def test_item_knn_is_the_shrunk_cosine() -> None:
    found = weights(ItemKNN(shrink=1.0))
    assert found[0, 1] == pytest.approx(2 / (2 + 1))
    assert found[0, 2] == pytest.approx(1 / (2 + 1))
    assert not found.diagonal().any()
    assert not found[3].any()


def test_item_knn_keeps_the_strongest_sources_of_each_target() -> None:
    found = weights(ItemKNN(shrink=0.0, neighbours=1))
    assert found[:, 0].tolist() == pytest.approx([0, 1, 0, 0])
    # Item 2's sources 0 and 1 are equal: neither is dropped for its number.
    assert found[:, 2].tolist() == pytest.approx([0.5, 0.5, 0, 0])


def test_keep_strongest_by_hand() -> None:
    kept = keep_strongest(np.array([[1, 5], [3, -1], [2, 4]], dtype=np.float32), 2)
    assert kept.toarray().tolist() == [[0, 5], [3, 0], [2, 4]]


def test_rp3beta_is_the_walk_over_users_by_hand() -> None:
    found = weights(RP3Beta(alpha=1.0, beta=0.5))
    # 0 -> user 0 (1/2) -> 1 (1/2) and 0 -> user 1 (1/2) -> 1 (1/3): 5/12, over sqrt(2).
    assert found[0, 1] == pytest.approx((1 / 4 + 1 / 6) / np.sqrt(2))
    # 2 -> user 1 (1/2) -> 0 (1/3).
    assert found[2, 0] == pytest.approx((1 / 6) / np.sqrt(2))
    found = weights(RP3Beta(alpha=2.0, beta=0.0))
    assert found[2, 0] == pytest.approx((1 / 2 * 1 / 3) ** 2)


def test_ease_solves_its_problem() -> None:
    """The gradient of |X - XB|^2 + l2 |B|^2 is zero off the diagonal, and B is zero on it."""
    for model, rows in (
        (EASE(l2=2.0), TRAIN),
        (CollectiveEASE(l2=2.0, weight=3.0), np.vstack([TRAIN, 3 * unit_rarity().T])),
    ):
        found = weights(model).astype(np.float64)
        gradient = rows.T @ (rows @ found - rows) + 2.0 * found
        assert gradient[~np.eye(4, dtype=bool)] == pytest.approx(np.zeros(12), abs=1e-4)
        assert not found.diagonal().any()


def unit_rarity() -> np.ndarray:
    """idf log(4/2), log(4/2), log(4/4) = 0; rows of unit length, item 2's is empty."""
    rows = np.log([2, 2, 1]) * ATTRIBUTES
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, length, out=np.zeros_like(rows), where=length > 0)


def test_ease_of_two_items_by_hand() -> None:
    # Gram [[2, 1], [1, 2]] + 1: inverse [[3, -1], [-1, 3]] / 8; off the diagonal 1/3.
    rows = sp.csr_matrix(np.array([[1, 1], [1, 0], [0, 1]], dtype=np.float32))
    assert ease_weights(rows, l2=1.0) == pytest.approx(np.array([[0, 1 / 3], [1 / 3, 0]]))


def test_pure_svd_projects_on_the_first_right_vectors() -> None:
    _, _, right = np.linalg.svd(TRAIN)
    for factors in (1, 2):
        expected = right[:factors].T @ right[:factors]
        assert weights(PureSVD(factors=factors)) == pytest.approx(expected, abs=1e-5)
    # No more factors than the matrix allows.
    assert weights(PureSVD(factors=99)) == pytest.approx(right[:2].T @ right[:2], abs=1e-5)


def test_gf_cf_by_its_formula() -> None:
    of_user, of_item = TRAIN.sum(axis=1), np.maximum(TRAIN.sum(axis=0), 1)
    scaled = TRAIN / np.sqrt(of_user)[:, None] / np.sqrt(of_item)
    _, _, right = np.linalg.svd(scaled)
    low = np.diag(of_item**-0.5) @ right[:1].T @ right[:1] @ np.diag(of_item**0.5)
    expected = scaled.T @ scaled + 0.5 * low
    assert weights(GFCF(factors=1, alpha=0.5)) == pytest.approx(expected, abs=1e-5)


def test_attribute_cosine_is_taken_apart_by_entity() -> None:
    found = weights(AttributeCosine())
    assert found == pytest.approx(unit_rarity() @ unit_rarity().T, abs=1e-6)
    scorer = AttributeCosine().fit(dataset()).scorer
    # Items 0 and 1 share entity 0, a colour (and entity 2, which everything has).
    first = scorer.edge_credits(0, 1, weight=2.0)[0]
    assert (first.relation, first.entity) == ("colour", 0)
    assert first.credit == pytest.approx(2 / np.sqrt(2))
    assert sum(one.credit for one in scorer.edge_credits(0, 1)) == pytest.approx(found[0, 1])


def test_vector_neighbours_are_cosines_and_a_missing_vector_is_no_evidence() -> None:
    found = weights(VectorNeighbours("text", 2.0))
    assert found[0, 1] == pytest.approx(0.36)
    assert found[0, 2] == 0
    assert not found[3].any()
    with pytest.raises(DataError, match=r"'image' is not one of: text"):
        VectorNeighbours("image").fit(dataset())


@pytest.mark.parametrize("name", [name for name in BASELINES if name != "image_neighbours"])
def test_every_closed_form_keeps_the_scoring_contract(name: str) -> None:
    scorer = BASELINES[name][0].fit(dataset()).scorer
    told = sp.csr_matrix(np.array([[0, 0, 0, 0], [1, 0, 2, 0]], dtype=np.float32))
    scores = scorer.score(told)
    assert scores.shape == (2, 4)
    assert scores.dtype == np.float32
    assert scorer.n_items == 4
    owned, how_much = np.array([0, 2], dtype=np.int32), np.array([1, 2], dtype=np.float32)
    for item in range(4):
        credits, constant = scorer.credits(owned, how_much, item)
        assert credits.dtype == np.float32
        assert credits.sum() + constant == pytest.approx(scores[1, item], abs=1e-5)
        one_thing = scorer.score(sp.csr_matrix(np.eye(1, 4, 0, dtype=np.float32)))
        edges = scorer.edge_credits(0, item)
        assert [one.credit for one in edges] == sorted((one.credit for one in edges), reverse=True)
        assert sum(one.credit for one in edges) == pytest.approx(
            one_thing[0, item] - constant, abs=1e-5
        )
    assert scorer.similar(0) == pytest.approx(one_thing[0] - scores[0], abs=1e-5)
    assert scorer_kind(scorer) == "item_item"
    again = rebuild_scorer("item_item", scorer.arrays())
    assert np.array_equal(again.score(told), scores)
    assert again.edge_credits(0, 1) == scorer.edge_credits(0, 1)
