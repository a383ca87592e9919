"""`shopgraph migrate`: what it shows, what it runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from api.cli import main
from kg.stores.migrations import VERSION


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "shopgraph.toml"
    file.write_text('[kg.store]\nurl = "embedded:graph"\n')
    return str(file)


def test_dry_run_status_and_migrate(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["migrate", "--config", config, "--dry-run", "--json"])
    assert not left.value.code
    planned = json.loads(capsys.readouterr().out)
    assert planned["status"]["version"] == 0
    assert any("item_text" in text for text in planned["statements"])
    assert planned["status"]["indexes"] == [], "nothing was run"
    for arguments, version in (((), VERSION), (("--status",), VERSION), ((), VERSION)):
        with pytest.raises(SystemExit) as left:
            main(["migrate", "--config", config, "--json", *arguments])
        assert not left.value.code
        answer = json.loads(capsys.readouterr().out)
        assert answer["status"]["version"] == version
    assert answer["statements"] == [], "the second time there is nothing to do"
    with pytest.raises(SystemExit):
        main(["migrate", "--config", config, "--status"])
    said = capsys.readouterr().out
    assert f"version {VERSION}; this program's: {VERSION}" in said
    assert "item_text" in said
    with pytest.raises(SystemExit) as left:
        main(["migrate", "--config", config, "--status", "--dry-run"])
    assert left.value.code == 2
