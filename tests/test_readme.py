"""The README's commands do what it says, in the order in which it says them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from api.cli import main
from kg.demo.build import build_demo

README = Path(__file__).resolve().parent.parent / "README.md"


def commands() -> list[list[str]]:
    block = re.search(r"<!-- commands.*?-->\n```sh\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert block, "the README has no block of commands"
    return [shlex.split(line, comments=True) for line in block[1].splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place whose demo shop is drawn already, smaller and with less to learn."""
    folder = tmp_path_factory.mktemp("newcomer")
    drawn = folder / ".shopgraph" / "demo"
    build_demo(drawn, items=40, users=40)
    (drawn / ".shopgraph").mkdir()
    (drawn / ".shopgraph" / "drawn").write_text("7\n", encoding="utf-8")
    with (drawn / "shopgraph.toml").open("a", encoding="utf-8") as file:
        file.write('\n[gnn]\nmodel = "ease"\nbaselines = false\nblend = false\n')
    return folder


def test_every_command_of_the_readme_runs(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    assert commands()[0] == ["shopgraph", "demo", "--no-serve"]
    for name, *arguments in commands():
        assert name == "shopgraph"
        with pytest.raises(SystemExit) as left:
            main(arguments)
        said = capsys.readouterr()
        assert not left.value.code, f"{arguments}: {said.err}"
        assert said.out.strip(), f"{arguments} says nothing"
