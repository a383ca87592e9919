"""From cached vectors to aligned ones in one call, once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kg.encoders.align_catalogue import align_catalogue
from kg.encoders.contract import unit_rows
from kg.errors import DataError
from kg.vectors import VectorStore


def test_a_catalogue_is_aligned_once(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    cause = random.standard_normal((120, 4))
    images, texts = (
        unit_rows((cause @ random.standard_normal((4, width))).astype(np.float32))
        for width in (12, 8)
    )
    image_hashes: list[str | None] = [f"image{n}" for n in range(120)]
    text_hashes: list[str | None] = [f"text{n}" for n in range(120)]
    with VectorStore(tmp_path / "v.db") as store:
        store.put("photo", [f"image{n}" for n in range(120)], images)
        store.put("words", [f"text{n}" for n in range(120)], texts)
        image_hashes[7] = None  # an item without a picture
        text_hashes[9] = "never encoded"

        def align(seed: int = 0) -> tuple[bool, str, str]:
            done = align_catalogue(
                image_hashes,
                text_hashes,
                vectors=store,
                image_encoder="photo",
                text_encoder="words",
                folder=tmp_path / "heads",
                seed=seed,
            )
            return done.trained, done.image_encoder, done.text_encoder

        trained, image_name, text_name = align()
        assert trained
        assert align() == (False, image_name, text_name)
        assert image_name.startswith("photo+aligned:")
        assert image_name.removeprefix("photo") == text_name.removeprefix("words")
        image, has_image = store.get(image_name, image_hashes)
        text, has_text = store.get(text_name, text_hashes)
        assert np.flatnonzero(~has_image).tolist() == [7]
        assert np.flatnonzero(~has_text).tolist() == [9]
        both = has_image & has_text
        found = (image[both] @ text[both].T).argmax(axis=1) == np.arange(both.sum())
        assert found.mean() > 0.8  # guessing: 1 in 118
        assert align(seed=1)[0]
        image_hashes[11] = None
        assert align()[0]  # another catalogue, other heads


def test_too_small_a_catalogue_is_said(tmp_path: Path) -> None:
    with VectorStore(tmp_path / "v.db") as store:
        store.put("photo", ["i"], np.ones((1, 3), dtype=np.float32))
        with pytest.raises(DataError, match="at least 40"):
            align_catalogue(
                ["i", None],
                ["t", "u"],
                vectors=store,
                image_encoder="photo",
                text_encoder="words",
                folder=tmp_path,
            )
        assert not list(tmp_path.glob("*.npz"))
