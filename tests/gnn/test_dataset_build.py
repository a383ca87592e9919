"""From snapshot and vectors to a Dataset, by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gnn.build_dataset import build_dataset
from gnn.split import SplitSpec
from kg.errors import DataError
from kg.snapshot import EntityRow, ItemRow, Snapshot, build_snapshot
from kg.vectors import VectorStore


def snapshot(**changes) -> Snapshot:
    rows = {
        "items": [
            ItemRow("a", "A", {}, price=2.5, text_hash="ta", image_hash="ia", group="g"),
            ItemRow("b", "B", {}, text_hash="tb", group="g"),
            ItemRow("c", "C", {}, price=0.0, text_hash="t?"),
        ],
        "users": [("u", {}), ("v", {})],
        "entities": [
            EntityRow("colour:red", "colour", "red", {}),
            EntityRow("brand:x", "brand", "x", {}),
        ],
        "interactions": [
            ("u", "a", "view", 1.0, 1.0, "train"),
            ("u", "a", "purchase", 1.0, 2.0, "test"),
            ("u", "b", "purchase", 1.0, 3.0, "test"),
            ("v", "c", "purchase", 1.0, 4.0, "valid"),
        ],
        "item_entities": [
            ("a", "colour:red", 0.8, "text"),
            ("a", "colour:red", 0.5, "image"),
            ("a", "brand:x", 0.9, "column"),
            ("b", "colour:red", 0.0, "image"),
        ],
    }
    return build_snapshot(**(rows | changes))


@pytest.fixture
def vectors(tmp_path: Path):
    with VectorStore(tmp_path / "vectors.sqlite") as store:
        store.put("text-1", ["ta", "tb"], np.array([[3, 4], [0, 2]], dtype=np.float32))
        store.put("image-1", ["ia"], np.array([[1, 0, 0]], dtype=np.float32))
        store.put("colour-1", ["ia"], np.array([[0, 5]], dtype=np.float32))
        yield store


def test_matrices_are_binary_and_repeats_stand_in_the_earlier_part(vectors) -> None:
    data = build_dataset(snapshot(), vectors, split=SplitSpec("given"))
    assert data.train.toarray().tolist() == [[1, 0, 0], [0, 0, 0]]
    assert data.valid.toarray().tolist() == [[0, 0, 0], [0, 0, 1]]
    assert data.test.toarray().tolist() == [[0, 1, 0], [0, 0, 0]]
    assert data.train.dtype == np.float32
    assert data.fingerprint == snapshot().fingerprint


def test_confidence_is_a_noisy_or_over_modalities(vectors) -> None:
    data = build_dataset(snapshot(), vectors)
    # Entities sorted by id: brand:x, colour:red; 1 - (1 - .8)(1 - .5) = .9.
    assert data.relations == ("brand", "colour")
    assert data.relation.tolist() == [0, 1]
    assert data.attributes.toarray() == pytest.approx(
        np.array([[0.9, 0.9], [0, 0], [0, 0]]), abs=1e-6
    )
    assert data.attributes.nnz == 2  # no confidence, no edge


def test_two_statements_of_one_modality_do_not_add_up(vectors) -> None:
    said = [("a", "brand:x", 0.6, "text"), ("a", "brand:x", 0.5, "text")]
    data = build_dataset(snapshot(item_entities=said), vectors)
    assert data.attributes[0, 0] == pytest.approx(0.6)


def test_features_are_unit_rows_with_a_mask(vectors) -> None:
    data = build_dataset(
        snapshot(),
        vectors,
        text_encoder="text-1",
        image_encoder="image-1",
        colour_encoder="colour-1",
    )
    text = data.features["text"]
    assert text.matrix == pytest.approx(np.array([[0.6, 0.8], [0, 1], [0, 0]]))
    assert text.present.tolist() == [True, True, False]
    assert data.features["image"].present.tolist() == [True, False, False]
    assert data.features["colour"].matrix[0].tolist() == [0, 1]


def test_a_modality_without_vectors_is_left_out(vectors) -> None:
    data = build_dataset(snapshot(), vectors, text_encoder="text-1", image_encoder="other")
    assert set(data.features) == {"text"}
    assert build_dataset(snapshot(), None, text_encoder="text-1").features == {}


def test_price_and_groups(vectors) -> None:
    data = build_dataset(snapshot(), vectors)
    assert data.price[[0, 2]].tolist() == [2.5, 0.0]
    assert np.isnan(data.price[1])
    assert data.groups.tolist() == [0, 0, -1]


def test_rarity_is_the_log_of_items_over_holders(vectors) -> None:
    data = build_dataset(snapshot(), vectors)
    assert data.idf() == pytest.approx([np.log(3), np.log(3)])


def test_nothing_to_learn_from_is_an_error(vectors) -> None:
    with pytest.raises(DataError, match="interactions"):
        build_dataset(snapshot(interactions=[]), vectors)
    with pytest.raises(DataError, match="items"):
        build_dataset(snapshot(items=[], interactions=[], item_entities=[]), vectors)
