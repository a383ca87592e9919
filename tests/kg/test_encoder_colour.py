"""The colour histogram looks at the product, not at the paper it lies on."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from kg.encoders.colour import ColourHistogram


def test_background_is_left_out(tmp_path: Path) -> None:
    encoder = ColourHistogram()
    paths = [tmp_path / name for name in ("square.png", "only.png", "white.png")]
    square = Image.new("RGB", (120, 160), "white")
    square.paste("#c01020", (30, 40, 90, 120))
    square.save(paths[0])
    Image.new("RGB", (50, 50), "#c01020").save(paths[1])  # no foreground: all of it counts
    Image.new("RGB", (50, 50), "white").save(paths[2])
    rows = encoder.encode(paths)
    assert rows[0] @ rows[1] == pytest.approx(1.0, abs=0.05)
    assert rows[0] @ rows[2] < 0.05
