"""The rules of the house that a machine can check."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def tracked(*patterns: str) -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "--", *patterns], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return [ROOT / line for line in listing.stdout.splitlines() if (ROOT / line).is_file()]


@pytest.mark.parametrize("path", tracked("*.py"), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_python_file_has_more_than_300_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


def test_no_file_is_named_for_nothing() -> None:
    empty = re.compile(r"(^|/)(utils?|common|helpers?|misc|manager|base)(\.py|/)")
    assert [
        path for path in tracked() if empty.search(str(path.relative_to(ROOT).as_posix()))
    ] == []


def test_no_tracked_file_is_larger_than_a_mebibyte() -> None:
    assert [path for path in tracked() if path.stat().st_size > 1 << 20] == []


def test_nothing_committed_names_a_path_of_a_developers_machine() -> None:
    # Written in two parts so that this file does not find itself.
    own_paths = ["/wo" + "rk/", "/ro" + "ot/", "/opt/py" + "pi", "/opt/wh" + "eels"]
    found = []
    for path in tracked("*.py", "*.md", "*.toml", "*.txt", "Makefile", ".ci/*", "*.yaml", "*.yml"):
        text = path.read_text(encoding="utf-8")
        found += [f"{path.name}: {own}" for own in own_paths if own in text]
    assert found == []


def test_every_setting_has_a_description() -> None:
    from pydantic import BaseModel

    from api.settings import Settings

    missing: list[str] = []

    def walk(model: type[BaseModel], prefix: str) -> None:
        for name, field in model.model_fields.items():
            if not field.description:
                missing.append(f"{prefix}{name}")
            annotation = field.annotation
            if isinstance(annotation, type) and issubclass(annotation, BaseModel):
                walk(annotation, f"{prefix}{name}.")

    walk(Settings, "")
    assert missing == []
