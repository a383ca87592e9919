"""`shopgraph export`: what is asked for lies in the file; wrong usage is said."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from api.cli import main
from kg.export_networkx import read_graph


def _store_world() -> ModuleType:
    # Test folders are no packages: that of the store's tests may not be on the path.
    if "store_world" not in sys.modules:
        path = Path(__file__).resolve().parents[1] / "kg" / "store_world.py"
        spec = importlib.util.spec_from_file_location("store_world", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["store_world"] = module
        spec.loader.exec_module(module)
    return sys.modules["store_world"]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Settings of a store with the checkerboard world in it."""
    world = _store_world()
    folder = tmp_path_factory.mktemp("export")
    for store in world.empty_store("embedded", folder):
        store.write(world.world())
        file = folder / "shopgraph.toml"
        file.write_text(f'[kg.store]\nurl = "embedded:{folder / "graph"}"\n')
        yield str(file)


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return int(left.value.code or 0)


def test_a_neighbourhood_in_a_file(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "around.gexf"
    asked = ("--format", "gexf", "--around", "Entity:colour:red", "--hops", "1", "-c", config)
    assert run("export", *asked, str(out)) == 0
    # Red with a and b: three statements between them.
    assert f"3 nodes, 3 relationships in {out}" in capsys.readouterr().out
    assert set(read_graph(out, format="gexf")) == {"Entity:colour:red", "Item:a", "Item:b"}


def test_csv_and_how_it_is_imported(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "csv"
    assert run("export", "--format", "csv", "-c", config, "--json", str(out)) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["summary"]["nodes"], answer["summary"]["relationships"]) == (12, 15)
    command = (out / "import.txt").read_text()
    assert command.startswith("neo4j-admin database import full neo4j --multiline-fields=true")
    assert "--nodes=nodes-User-header.csv,nodes-User.csv" in command
    # Again into the same folder: the old files would be imported, too.
    assert run("export", "--format", "csv", "-c", config, str(out)) == 1
    assert "is not an absent or empty folder" in capsys.readouterr().err


def test_wrong_usage(config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "graph")
    assert run("export", "--around", "Colour:red", "-c", config, out) == 2
    assert "is not LABEL:ID" in capsys.readouterr().err
    assert run("export", "--around", "Item:nobody", "-c", config, out) == 1
    assert "Item 'nobody' is not in the graph" in capsys.readouterr().err
