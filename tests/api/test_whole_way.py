"""Catalogue to answer through the command, on a real store: a small shop drawn for it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from api.cli import main
from api.settings import load_settings
from gnn.artifact import current_version
from kg.demo.build import build_demo


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return int(left.value.code or 0)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drawn")
    build_demo(folder, items=40, users=40)
    with (folder / "interactions.csv").open("a", encoding="utf-8") as file:
        file.write("U0001,NEVER-WAS,purchase,2026-03-01T08:15:00Z,1\n")
    path = folder / "shopgraph.toml"
    with path.open("a", encoding="utf-8") as file:
        file.write('\n[gnn]\nmodel = "ease"\nbaselines = false\nblend = false\n')
    return path


@pytest.mark.slow
def test_the_whole_way(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def document(*arguments: str) -> dict[str, object]:
        assert run(*arguments, "--config", str(config), "--json") == 0, capsys.readouterr().err
        found: dict[str, object] = json.loads(capsys.readouterr().out)
        return found

    # Before anything is there, check finds errors, and says so by its exit code.
    assert run("check", "--config", str(config), "--json") == 1
    before = json.loads(capsys.readouterr().out)
    assert before["ok"] is False

    first = document("ingest")
    assert first["rows"]["items"] == 40
    assert sum(first["rejected"].values()) == 1
    lines = Path(first["rejects_file"]).read_text(encoding="utf-8").splitlines()
    rejects = [json.loads(line) for line in lines]
    assert rejects[0]["value"] == "NEVER-WAS"
    again = document("ingest")
    assert again["written"]["nodes_created"] == again["written"]["relationships_created"] == 0
    assert set(again["vectors_encoded"].values()) == {0}

    trained = document("train")
    assert trained["strategy"] == "ease"
    assert trained["version"] == current_version(load_settings(config).gnn.artifact_dir)
    assert trained["embeddings"] > 80
    measured = document("evaluate")
    assert measured["version"] == ""
    assert measured["results"][0]["test"] == trained["results"][0]["test"]

    found = {each["check"]: each for each in document("check")["findings"]}
    assert {name: each["severity"] for name, each in found.items()} == {
        "counts": "ok",
        "orphans": "ok",
        "confidence": "ok",
        "conflicts": "ok",
        "rejects": "warning",
        "artifact": "ok",
    }
    assert found["counts"]["details"]["Item"] == 40

    recommended = document("recommend", "U0001", "--k", "3")
    assert recommended["strategy"] == "ease"
    assert len(recommended["items"]) == 3
    assert run("query", "users/history", "-p", "user_id=U0001", "-p", "limit=2", "-c",
               str(config), "--format", "csv") == 0  # fmt: skip
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "item_id,title,event,weight,at_s"
    assert len(lines) == 3
    assert run("check", "--config", str(config)) == 0
    assert "of this very graph" in re.sub(r"\s+", " ", capsys.readouterr().out)


def test_a_demo_of_another_seed_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stamp = tmp_path / ".shopgraph" / "drawn"
    stamp.parent.mkdir()
    stamp.write_text("7\n", encoding="utf-8")
    assert run("demo", str(tmp_path), "--seed", "8", "--no-serve") == 1
    assert "seed 7, not 8" in capsys.readouterr().err


def test_an_empty_catalogue_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "shopgraph.toml"
    config.write_text('[kg.catalog]\npath = "nowhere"\n', encoding="utf-8")
    assert run("ingest", "--config", str(config)) == 1
    said = capsys.readouterr().err
    assert "nowhere" in said
    assert said.count("\n") == 1
