"""A learned model on disk: the same again, resumed, damaged, and never over something else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import learned_fixtures as fixtures
import pytest

from kg.errors import ArtifactError, DataError
from kg.extraction.learned import files
from kg.extraction.learned.artifact import load_model
from kg.extraction.learned.files import train_file
from kg.extraction.learned.labelled import Labelled
from kg.extraction.learned.network_config import NetworkConfig
from kg.rejects import Rejects


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fixtures.world_model(tmp_path_factory.getbasetemp())


def test_the_same_again_and_with_another_seed(folder: Path, tmp_path: Path) -> None:
    """Every learned file is the same, byte for byte; another seed gives another model."""
    small = fixtures.write_jsonl(tmp_path / "a.jsonl", [fixtures.mug(row) for row in range(16)])
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        fixtures.train(small, tmp_path / name, config=replace(fixtures.QUICK, seed=seed))
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
        train_file(
            file,
            tmp_path / "m",
            columns=fixtures.COLUMNS,
            encoder="none",
            config=fixtures.QUICK,
            rejects=Rejects(),
            on_progress=stop,
        )
    assert not (tmp_path / "m").exists()
    manifest = fixtures.train(file, tmp_path / "m")
    assert manifest["steps_resumed"] == 1
    fixtures.train(file, tmp_path / "straight")
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
            fixtures.train(file, tmp_path / "m", encoder=str(encoder), config=quick)
    manifest = fixtures.train(file, tmp_path / "m", encoder=str(encoder), config=quick)
    assert manifest["steps_resumed"] == 3
    assert load_model(tmp_path / "m").extract([fixtures.mug(1).text])[0]


def test_with_a_network(tmp_path: Path) -> None:
    """Trained, exported, loaded: both speeds answer, the best with the network's read-outs."""
    encoder = fixtures.tiny_encoder(tmp_path / "tiny")
    file = fixtures.write_jsonl(tmp_path / "a.jsonl", [fixtures.mug(row) for row in range(24)])
    manifest = fixtures.train(file, tmp_path / "m", encoder=str(encoder))
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
        fixtures.train(file, tmp_path / "photos")
    assert (tmp_path / "photos" / "1.jpg").read_text() == "x"
    with pytest.raises(ArtifactError, match="is a file"):
        fixtures.train(file, tmp_path / "a.jsonl")


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
        fixtures.train(file, tmp_path / "m")
