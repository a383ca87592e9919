"""From labelled examples to values: known and new ones, two scripts, kept and damaged models."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import learned_fixtures as fixtures
import pytest

from kg.errors import ArtifactError, ConfigError, DataError
from kg.extraction.learned import files
from kg.extraction.learned.artifact import load_model
from kg.extraction.learned.extractor import LearnedExtractor, kind_of
from kg.extraction.learned.files import evaluate_model, train_file
from kg.extraction.learned.labelled import Columns, Labelled
from kg.extraction.learned.model import LearnedModel
from kg.extraction.learned.network_config import NetworkConfig
from kg.extraction.learned.training import TrainConfig
from kg.ingest import catalog_snapshot
from kg.items import CatalogItem, LocalText
from kg.readers import Catalog
from kg.rejects import Rejects
from kg.schema import DEFAULT_SCHEMA

COLUMNS = Columns("title", "labels", "kind")


def train(
    file: Path, folder: Path, *, encoder: str = "none", config: TrainConfig = fixtures.QUICK
) -> dict[str, object]:
    return train_file(
        file, folder, columns=COLUMNS, encoder=encoder, config=config, rejects=Rejects()
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("learned")
    file = fixtures.write_jsonl(place / "world.jsonl", fixtures.world())
    train(file, place / "model")
    return place / "model"


@pytest.fixture(scope="module")
def model(folder: Path) -> LearnedModel:
    return load_model(folder)


def values(model: LearnedModel, one: Labelled, *, category: bool = True) -> dict[str, list[str]]:
    (found,) = model.extract([one.text], [one.category] if category else None)
    by_name: dict[str, list[str]] = {}
    for each in found:
        assert one.text[each.start : each.end] == each.value
        assert 0 < each.confidence <= 1
        by_name.setdefault(each.attribute, []).append(each.value)
    return by_name


def wanted(one: Labelled) -> dict[str, list[str]]:
    return {name: list(each) for name, each in sorted(one.values.items())}


@pytest.mark.parametrize("make", [fixtures.mug, fixtures.cup_zh])
def test_values_seen_in_training(model: LearnedModel, make) -> None:  # type: ignore[no-untyped-def]
    """New combinations of known values, in both scripts."""
    for row in (101, 102, 104):
        one = make(row)
        assert {name: sorted(each) for name, each in values(model, one).items()} == wanted(one)


def test_unseen_values_by_their_context(model: LearnedModel) -> None:
    """No text of the training has these words; their place says what they are."""
    one = fixtures.mug(103, brand="Zorvex", colour="teal")
    found = values(model, one)
    assert found["Colour"] == ["teal"]
    assert found["Brand"] == ["Zorvex"]
    assert values(model, fixtures.cup_zh(103, colour="紫色"))["颜色"] == ["紫色"]


def test_several_values_of_one_attribute(model: LearnedModel) -> None:
    one = fixtures.tea(103)
    assert len(one.values["Flavour"]) == 2
    assert sorted(values(model, one)["Flavour"]) == sorted(one.values["Flavour"])


def test_category_is_guessed_when_unknown(model: LearnedModel) -> None:
    one = fixtures.mug(105)
    assert values(model, one, category=False) == values(model, one)
    assert values(model, replace(one, category="Spade")) == values(model, one)


def test_hard_texts(model: LearnedModel) -> None:
    """Empty, signs alone, another script, very long: an answer, perhaps an empty one."""
    texts = ["", " ", "!!! 🎉🎉", "Кружка синяя", "mug, red " * 5000, "\ud800 mug"]
    found = model.extract(texts)
    assert found[0] == found[1] == []
    assert len(found) == len(texts)
    with pytest.raises(ConfigError, match="known are fast, best"):
        model.extract(["a"], speed="slow")  # type: ignore[arg-type]


def test_values_that_no_text_spells(tmp_path: Path) -> None:
    """``Men's`` with "male" in 8 of 8 texts: 8/9 sure. Two sightings are too few and rejected."""
    rows = [fixtures.mug(row) for row in range(24)]
    for row, one in enumerate(rows):
        if row % 3 == 0:
            words = {"Gender": ("male",)} if row else {"Gender": ("male",), "Mood": ("gloomy",)}
            rows[row] = replace(one, text=f"{one.text} Men's", values={**one.values, **words})
    file = fixtures.write_jsonl(tmp_path / "a.jsonl", rows)
    rejects = Rejects()
    train_file(file, tmp_path / "m", columns=COLUMNS, encoder="none", config=fixtures.QUICK,
               rejects=rejects)  # fmt: skip
    assert rejects.counts == {"a.jsonl: Mood: a piece of the text, in whole words": 1}
    model = load_model(tmp_path / "m")
    text = f"{fixtures.mug(101).text} Men's"
    (gender,) = [one for one in model.extract([text])[0] if one.attribute == "Gender"]
    assert (gender.value, text[gender.start : gender.end]) == ("male", "Men's")
    assert gender.confidence == pytest.approx(8 / 9, abs=1e-4)
    assert all(one.attribute != "Gender" for one in model.extract([fixtures.mug(101).text])[0])


def test_the_whole_is_as_its_parts(model: LearnedModel) -> None:
    """Many texts at once give what each gives alone."""
    texts = [one.text for one in fixtures.world(3)]
    together = model.extract(texts)
    assert together == [model.extract([text])[0] for text in texts]


def test_held_out_scores_are_kept(model: LearnedModel) -> None:
    held_out = model.info["held_out"]["fast"]
    assert held_out["texts"] == 126
    assert held_out["strict"]["micro"] > 0.9
    assert model.info["examples"] == 126
    assert model.info["encoder"] == "none"
    assert model.info["columns"]["text"] == "title"


def test_evaluation_names_what_was_never_learned(model: LearnedModel) -> None:
    """Three mugs right in all 9 values, one unknown attribute missed: recall 9/10."""
    labelled = [fixtures.mug(row) for row in (101, 102, 104)]
    labelled[0] = replace(labelled[0], values={**labelled[0].values, "Shape": ("Mug",)})
    found = evaluate_model(model, labelled)
    assert found.unknown_attributes == ("Shape",)
    assert (found.scores.strict.precision, found.scores.strict.recall) == (1.0, 0.9)


def test_the_same_again_and_with_another_seed(folder: Path, tmp_path: Path) -> None:
    """Every learned file is the same, byte for byte; another seed gives another model."""
    small = fixtures.write_jsonl(tmp_path / "a.jsonl", [fixtures.mug(row) for row in range(16)])
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        train(small, tmp_path / name, config=replace(fixtures.QUICK, seed=seed))
    versions = [load_model(tmp_path / name).version for name in "abc"]
    assert versions[0] == versions[1] != versions[2]
    assert not list(tmp_path.glob(".*")), "nothing is left aside"


def test_an_interrupted_training_goes_on(tmp_path: Path) -> None:
    """Stopped in the second fold: no model, and the next run takes the first fold as done."""
    file = fixtures.write_jsonl(tmp_path / "a.jsonl", [fixtures.mug(row) for row in range(16)])

    def stop(stage: str, done: int, total: int, note: str) -> None:
        if stage.startswith("fold 2"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_file(file, tmp_path / "m", columns=COLUMNS, encoder="none", config=fixtures.QUICK,
                   rejects=Rejects(), on_progress=stop)  # fmt: skip
    assert not (tmp_path / "m").exists()
    manifest = train(file, tmp_path / "m")
    assert manifest["steps_resumed"] == 1
    train(file, tmp_path / "straight")
    assert load_model(tmp_path / "m").version == load_model(tmp_path / "straight").version


def test_an_interrupted_network_is_not_learned_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped while it was being written: the next run reads folds and network from the disk."""
    encoder = fixtures.tiny_encoder(tmp_path / "tiny")
    file = fixtures.write_jsonl(tmp_path / "a.jsonl", [fixtures.mug(row) for row in range(16)])
    quick = replace(fixtures.QUICK, network=NetworkConfig(epochs=1))

    def stop(*arguments: object, **named: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(files, "write_model", stop)
        with pytest.raises(KeyboardInterrupt):
            train(file, tmp_path / "m", encoder=str(encoder), config=quick)
    manifest = train(file, tmp_path / "m", encoder=str(encoder), config=quick)
    assert manifest["steps_resumed"] == 3
    assert load_model(tmp_path / "m").extract([fixtures.mug(1).text])[0]


def test_with_a_network(tmp_path: Path) -> None:
    """Trained, exported, loaded: both speeds answer, the best with the network's read-outs."""
    encoder = fixtures.tiny_encoder(tmp_path / "tiny")
    file = fixtures.write_jsonl(tmp_path / "a.jsonl", [fixtures.mug(row) for row in range(24)])
    manifest = train(file, tmp_path / "m", encoder=str(encoder))
    assert manifest["network"] is True
    shutil.rmtree(encoder)  # the model needs nothing but its folder
    model = load_model(tmp_path / "m")
    one = fixtures.mug(101)
    best = model.extract([one.text], [one.category], speed="best")
    fast = model.extract([one.text], [one.category], speed="fast")
    assert [each.value for each in best[0]] == [each.value for each in fast[0]]
    assert [each.confidence for each in best[0]] != [each.confidence for each in fast[0]]


def damaged(folder: Path, copy: Path) -> Path:
    shutil.copytree(folder, copy)
    return copy


def test_damage_is_said(folder: Path, tmp_path: Path) -> None:
    copy = damaged(folder, tmp_path / "a")
    with (copy / "examples.jsonl").open("a") as stream:
        stream.write("{}\n")
    with pytest.raises(ArtifactError, match=r"examples\.jsonl: damaged, sha256"):
        load_model(copy)
    copy = damaged(folder, tmp_path / "b")
    (copy / "crf-0.crfsuite").unlink()
    with pytest.raises(ArtifactError, match=r"crf-0\.crfsuite: damaged artifact, No such file"):
        load_model(copy)
    for name, change, said in (
        ("c", {"format": 99}, "format 99, this code reads 1"),
        ("d", {"kind": "cake"}, "not the manifest"),
        ("e", {"files": None}, "no list of files"),
        ("f", {"rankers": {}, "crf": None}, "written by other code"),
    ):
        copy = damaged(folder, tmp_path / name)
        manifest = json.loads((copy / "manifest.json").read_text())
        (copy / "manifest.json").write_text(json.dumps({**manifest, **change}))
        with pytest.raises(ArtifactError, match=said):
            load_model(copy)
    (copy / "manifest.json").write_text("{")
    with pytest.raises(ArtifactError, match="not JSON"):
        load_model(copy)
    with pytest.raises(ArtifactError, match="no learned extraction here"):
        load_model(tmp_path / "nothing")


def test_a_folder_of_something_else_is_not_overwritten(tmp_path: Path) -> None:
    file = fixtures.write_jsonl(tmp_path / "a.jsonl", fixtures.world(8))
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "1.jpg").write_text("x")
    with pytest.raises(ArtifactError, match="holds other files"):
        train(file, tmp_path / "photos")
    assert (tmp_path / "photos" / "1.jpg").read_text() == "x"
    with pytest.raises(ArtifactError, match="is a file"):
        train(file, tmp_path / "a.jsonl")


@pytest.mark.parametrize(
    ("examples", "said"),
    [
        ([fixtures.mug(row) for row in range(5)], "at least 12"),
        ([Labelled("a b", "", {"x": ("zzz",)})] * 20, "written as in its text"),
        ([Labelled("a b", "", {})] * 20, "at least one value"),
    ],
)
def test_too_little_to_learn_from(examples: Sequence[Labelled], said: str, tmp_path: Path) -> None:
    file = fixtures.write_jsonl(tmp_path / "a.jsonl", examples)
    with pytest.raises(DataError, match=said):
        train(file, tmp_path / "m")


def test_extractor_gives_statements_with_evidence(model: LearnedModel) -> None:
    """Full-width digits become ordinary ones, and the span is of the text so made readable."""
    extractor = LearnedExtractor(model)
    one = fixtures.mug(103, brand="Zorvex")
    item = CatalogItem(
        "1", (LocalText("en", one.text.replace("ml", "ｍｌ")), LocalText("zh", "")),
        columns={"category": ("Mug",)},
    )  # fmt: skip
    found = {attribute.name: attribute for attribute in extractor.extract(item)}
    assert {name: each.value for name, each in found.items()} == {
        "brand": "Zorvex",
        "colour": one.values["Colour"][0],
        "net_content": one.values["Net content"][0],
    }
    evidence = found["net_content"].evidence
    assert evidence.extractor == f"text-learned-{model.version}"
    assert (evidence.modality, evidence.field) == ("text", "title.en")
    assert evidence.span is not None
    assert one.text[slice(*evidence.span)] == evidence.quote == found["net_content"].value
    # The graph's schema takes all of them, Chinese labels too.
    assert set(extractor.kinds) <= set(DEFAULT_SCHEMA.extended(extractor.kinds).kinds)
    assert extractor.extract(CatalogItem("2", ())) == []


def test_kinds_of_attribute_names() -> None:
    assert kind_of("Shoe type") == "shoe_type"
    assert kind_of("Color") == kind_of("颜色") == "colour"
    assert kind_of("2nd colour (café)") == "nd_colour_cafe"
    assert kind_of("容量") == kind_of("容量 ") != kind_of("重量")
    assert kind_of("容量").startswith("attribute_")


def test_ingestion_makes_entities_of_learned_values(model: LearnedModel) -> None:
    """The colour that the lexicon knows is its node; a label's kind is a kind of its own."""
    extractor = LearnedExtractor(model)
    titles = [fixtures.mug(103, colour="dark blue").text, fixtures.cup_zh(103).text]
    items = tuple(
        CatalogItem(str(row), (LocalText(language, title),))
        for row, (language, title) in enumerate(zip(("en", "zh"), titles, strict=True))
    )
    catalog = Catalog("test", items, kinds=extractor.kinds)
    snapshot = catalog_snapshot(catalog, extractors=[extractor])
    entities = {(one.kind, one.name) for one in snapshot.entities}
    assert ("colour", "navy") in entities
    assert ("net_content", "450 ml") in entities
    assert (kind_of("容量"), "450毫升") in entities
