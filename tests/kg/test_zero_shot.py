"""Zero-shot labels: the nearest name in a joint space, in the item's language, calibrated."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kg.encoders import Content, FloatMatrix, load_encoder
from kg.encoders.contract import unit_rows
from kg.encoders.torchvision_repair import repair_torchvision
from kg.errors import DataError
from kg.extraction.zero_shot import (
    Candidate,
    ZeroShotExtractor,
    column_candidates,
    lexicon_candidates,
)
from kg.extraction.zero_shot_prompts import prompts
from kg.items import CatalogItem, LocalText, Modality


class Words:
    """A space with an axis a colour; a text lies where the colours it names are."""

    name, dim = "words", 3
    modality: Modality = "text"
    axes = (("red", "红色"), ("blue", "蓝色"), ("green", "绿色"))

    def encode(self, contents: Sequence[Content], /) -> FloatMatrix:
        rows = [[any(w in str(text) for w in axis) for axis in self.axes] for text in contents]
        return unit_rows(np.array(rows, dtype=np.float32))


COLOURS = tuple(
    Candidate(en, {"en": en, "zh": zh})
    for en, zh in (("red", "红色"), ("blue", "蓝色"), ("green", "绿色"))
)


def shown(name: str, language: str = "en", **columns: str) -> CatalogItem:
    stated = {kind: (value,) for kind, value in columns.items()}
    return CatalogItem(name, (LocalText(language, "thing"),), columns=stated)


def extractor() -> ZeroShotExtractor:
    return ZeroShotExtractor("pictures", Words(), {"colour": COLOURS}, sharpness=10.0)


PICTURES = unit_rows(np.array([[9, 1, 1], [1, 9, 1], [1, 1, 9], [1, 1, 1]], dtype=np.float32))
ALL = np.ones(4, dtype=bool)


def test_the_nearest_name_in_either_language() -> None:
    items = [shown("a"), shown("b", "zh"), shown("c"), shown("d")]
    found = extractor().extract_vectors(items, PICTURES, ALL)
    assert [[one.value for one in of_item] for of_item in found] == [
        ["red"],
        ["blue"],
        ["green"],
        [],
    ]
    one = found[1][0]
    assert (one.name, one.names["zh"], one.evidence.modality) == ("colour", "蓝色", "image")
    assert one.evidence.extractor == extractor().name
    # Softmax of 10 x (9, 1, 1) / sqrt(83), by hand: 1 / (1 + 2 e^-8.781) = 0.9997.
    assert one.confidence == pytest.approx(0.9997, abs=1e-4)


def test_silent_where_a_column_speaks_or_no_picture_is() -> None:
    items = [shown("a", colour="blue"), shown("b"), shown("c", size="L"), shown("d")]
    present = np.array([True, False, True, True])
    found = extractor().extract_vectors(items, PICTURES, present)
    assert [[one.value for one in of_item] for of_item in found] == [[], [], ["green"], []]


def test_calibrated_confidence_is_the_share_that_is_right() -> None:
    random = np.random.default_rng(5)
    truth = random.integers(0, 3, 600)
    # Every picture shows its colour, but the columns are wrong for a third of them.
    rows = unit_rows(np.eye(3)[truth] + 0.1 * random.random((600, 3)))
    wrong = random.random(600) < 1 / 3
    stated = np.where(wrong, (truth + 1) % 3, truth)
    items = [shown(f"i{i}", colour=COLOURS[c].value) for i, c in enumerate(stated)]
    everywhere = np.ones(600, dtype=bool)
    plain = extractor()
    tuned = plain.calibrated(items, rows, everywhere, precision=0.5)
    _, before = plain.best("colour", items, rows)
    best, after = tuned.best("colour", items, rows)
    assert (best == truth).all()
    assert before.mean() > 0.95
    assert after.mean() == pytest.approx((~wrong).mean(), abs=0.02)
    assert tuned.name != plain.name
    # Two thirds are right: precision .9 is out of reach, and the kind falls silent.
    strict = plain.calibrated(items, rows, everywhere, precision=0.9)
    assert strict.scales["colour"].threshold is None
    unlabelled = [shown("x")]
    assert strict.extract_vectors(unlabelled, rows[:1], ALL[:1]) == [[]]
    assert (
        tuned.extract_vectors(unlabelled, rows[:1], ALL[:1])[0][0].value == COLOURS[truth[0]].value
    )


def test_too_few_labels_leave_a_kind_as_it_is() -> None:
    items = [shown(f"i{i}", colour="red") for i in range(4)]
    assert extractor().calibrated(items, PICTURES, ALL).scales == {}


def test_candidates_of_columns_and_of_the_lexicon() -> None:
    items = [
        shown("a", colour="RED", fit="slim"),
        shown("b", colour="红色"),
        shown("c", colour="blue"),
    ]
    found = column_candidates(items)
    # One fit alone is no choice; Red and 红色 are one entity.
    assert list(found) == ["colour"]
    assert [one.value for one in found["colour"]] == ["blue", "red"]
    assert found["colour"][1].name("zh") == "红色"
    built_in = lexicon_candidates(["colour", "nonsense"])
    assert list(built_in) == ["colour"]
    assert {"red", "blue"} <= {one.value for one in built_in["colour"]}
    assert Candidate("xyz", {}).name("zh") == "xyz"


def test_prompts_have_one_place_for_the_name() -> None:
    for kind in ("category", "colour", "material", "pattern", "style", "audience", "other"):
        for language in ("en", "zh", "fr"):
            forms = prompts(kind, language)
            assert len(forms) > 1
            assert all(form.count("{}") == 1 for form in forms)
    assert prompts("colour", "fr") == prompts("colour", "en")


def test_vectors_of_another_space_and_a_single_candidate_are_refused() -> None:
    with pytest.raises(DataError, match="pictures: vectors' width 2 is not 3, as words has"):
        extractor().extract_vectors([shown("a")], np.ones((1, 2), dtype=np.float32), ALL[:1])
    with pytest.raises(DataError, match="colour 1 is not two candidates or more"):
        ZeroShotExtractor("pictures", Words(), {"colour": COLOURS[:1]})


def test_open_clip_gives_both_halves(tmp_path: Path) -> None:
    repair_torchvision()
    import open_clip
    import torch

    vision = {"image_size": 32, "layers": 1, "width": 64, "head_width": 32, "patch_size": 16}
    text = {"context_length": 16, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 1}
    config = {"embed_dim": 24, "vision_cfg": vision, "text_cfg": text}
    (tmp_path / "zero-tiny.json").write_text(json.dumps(config))
    open_clip.add_model_config(tmp_path / "zero-tiny.json")
    torch.manual_seed(0)
    torch.save(open_clip.create_model("zero-tiny").state_dict(), tmp_path / "tiny.pt")
    name = f"open_clip:zero-tiny/{tmp_path}/tiny.pt"
    photos = []
    for colour in ("red", "blue"):
        photos.append(tmp_path / f"{colour}.png")
        Image.new("RGB", (40, 40), colour).save(photos[-1])
    pictures = load_encoder(f"{name}#image")
    texts = load_encoder(f"{name}#text")
    zero = ZeroShotExtractor(pictures.name, texts, {"colour": COLOURS})
    items = [shown("r"), shown("b", "zh")]
    vectors = pictures.encode(photos)
    cosines = zero.cosines("colour", items, vectors)
    # By hand: the unit mean of the prompts' vectors, in the language of the item.
    forms = [form.format("蓝色") for form in prompts("colour", "zh")]
    expected = vectors[1] @ unit_rows(texts.encode(forms).mean(axis=0, keepdims=True))[0]
    assert cosines.shape == (2, 3)
    assert cosines[1, 1] == pytest.approx(expected, abs=1e-5)
    _, confidence = zero.best("colour", items, vectors)
    assert ((confidence >= 1 / 3) & (confidence <= 1)).all()
