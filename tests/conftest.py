"""Fixtures that every room uses."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of local data sets and servers; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("SHOPGRAPH_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no shared data folder at {folder} (set SHOPGRAPH_SHARED)")
    return folder
