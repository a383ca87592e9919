"""`shopgraph extract train` and `evaluate`, as somebody types them."""

from __future__ import annotations

import json
from pathlib import Path

import learned_fixtures as fixtures
import pytest

from api.cli import main


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    try:
        main(["extract", *arguments])
        code = 0
    except SystemExit as stop:
        code = int(stop.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def test_train_then_evaluate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The columns that were said to `train` are those of `evaluate`."""
    file = fixtures.write_jsonl(tmp_path / "a.jsonl", [fixtures.mug(row) for row in range(20)])
    with file.open("a") as stream:
        stream.write('{"title": "x Mug", "kind": "Mug", "labels": {"Brand": "Nowhere"}}\n')
    model, rejects = str(tmp_path / "m"), tmp_path / "rejects.jsonl"
    code, out, _ = run(
        capsys, "train", str(file), "--model", model, "--text", "title", "--labels", "labels",
        "--category", "kind", "--encoder", "none", "--folds", "2", "--rejects", str(rejects),
        "--json",
    )  # fmt: skip
    assert code == 0
    manifest = json.loads(out)
    assert manifest["columns"]["text"] == "title"
    assert manifest["rejected"] == {"a.jsonl: Brand: a piece of the text, in whole words": 1}
    assert json.loads(rejects.read_text())["value"] == "Nowhere"
    test = fixtures.write_jsonl(tmp_path / "t.jsonl", [fixtures.mug(row) for row in (101, 103)])
    code, out, _ = run(capsys, "evaluate", str(test), "--model", model, "--json")
    assert code == 0
    scores = json.loads(out)
    assert (scores["texts"], scores["values"], scores["model"]) == (2, 6, manifest["version"])
    assert scores["strict"]["micro"] == scores["published"]["micro"] == 1.0
    assert set(scores["attributes"]) == {"Brand", "Colour", "Net content"}
    code, out, _ = run(capsys, "evaluate", str(test), "--model", model, "--speed", "fast")
    assert code == 0
    assert "published" in out
    assert "texts a CPU-second" in out
    # Another file's columns, said again.
    code, _, err = run(capsys, "evaluate", str(test), "--model", model, "--text", "name")
    assert code == 1
    assert "in no row: name" in err


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "is not labelled examples"), ('{"text": "a"}\n', "in no row: attributes")],
)
def test_files_that_cannot_be_learned_from(
    content: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(content)
    code, _, err = run(capsys, "train", str(file), "--model", str(tmp_path / "m"))
    assert code == 1
    assert said in err
    assert not (tmp_path / "m").exists()


def test_no_model_and_wrong_speed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = fixtures.write_jsonl(tmp_path / "a.jsonl", fixtures.world(1))
    code, _, err = run(capsys, "evaluate", str(file), "--model", str(tmp_path / "m"))
    assert code == 1
    assert "make one with `shopgraph extract train`" in err
    code, _, err = run(capsys, "evaluate", str(file), "--speed", "warp")
    assert code == 2


@pytest.mark.parametrize("name", ["train", "evaluate"])
def test_each_has_an_example_and_speaks_json(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, name, "--help")
    assert code == 0
    assert f"shopgraph extract {name} " in out
    assert "--json" in out
