"""Pages made from the code are those that the code makes now."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parent.parent / "docs"


@pytest.mark.parametrize("page", ["settings.md", "queries.md"])
def test_a_generated_page_is_up_to_date(page: str) -> None:
    spec = importlib.util.spec_from_file_location("docs_build", DOCS / "build.py")
    assert spec is not None
    assert spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    assert (DOCS / page).read_text("utf-8") == build.PAGES[page](), "run: python docs/build.py"
