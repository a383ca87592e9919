"""Alignment: heads learned from pairs, measured on pairs they never saw, kept as arrays."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from kg.encoders.alignment import AlignedEncoder, Alignment
from kg.encoders.alignment_training import LEAST_PAIRS, train_alignment
from kg.encoders.contract import Content, FloatMatrix, unit_rows
from kg.encoders.retrieval import retrieval
from kg.errors import ArtifactError, DataError
from kg.items import Modality
from kg.vectors import VectorStore, content_hash


def hidden_cause(pairs: int, *, seed: int, causes_seed: int = 0) -> tuple[FloatMatrix, FloatMatrix]:
    """Two noisy views, (n, 24) and (n, 16), of six hidden causes; ``seed`` makes the views."""
    world, random = np.random.default_rng(seed), np.random.default_rng(causes_seed)
    cause = random.standard_normal((pairs, 6))
    views = []
    for width in (24, 16):
        view = cause @ world.standard_normal((6, width))
        views.append(unit_rows(view + 0.3 * random.standard_normal((pairs, width))))
    return views[0], views[1]


@pytest.fixture(scope="module")
def learned() -> Alignment:
    image, text = hidden_cause(400, seed=5)
    return train_alignment(image, text, seed=1, dim=8)


def test_retrieval_by_hand() -> None:
    scores = np.array([[9, 8, 1], [7, 6, 5], [2, 3, 4]], dtype=np.float32)
    figures = retrieval(scores, np.array([0, 1, 2]), np.array([0, 1, 2]))
    # Pictures 0 and 2 rank their text first, picture 1 second; texts 0 and 1 prefer picture 0,
    # text 2 prefers picture 1.
    assert figures.image_to_text_1 == pytest.approx(2 / 3)
    assert figures.text_to_image_1 == pytest.approx(1 / 3)
    assert (figures.image_to_text_10, figures.text_to_image_10) == (1.0, 1.0)
    assert (figures.random_1, figures.random_10) == (pytest.approx(1 / 3), 1.0)


def test_pairs_with_one_text_have_several_right_pictures() -> None:
    scores = np.array([[5, 5, 9], [4, 4, 1], [1, 1, 2]], dtype=np.float32)
    figures = retrieval(scores, np.array([0, 1, 2]), np.array([0, 0, 1]))
    # Candidates are 3 pictures and 2 texts: picture 0 prefers the wrong text, text 0 finds
    # picture 0 or 1, text 1 prefers picture 0.
    assert figures.image_to_text_1 == pytest.approx(2 / 3)
    assert figures.text_to_image_1 == pytest.approx(1 / 2)
    assert figures.random_1 == pytest.approx((1 / 2 + (2 / 3 + 1 / 3) / 2) / 2)


def test_a_tie_is_no_hit() -> None:
    figures = retrieval(np.ones((4, 4), dtype=np.float32), np.arange(4), np.arange(4))
    assert (figures.image_to_text_1, figures.text_to_image_1) == (0.0, 0.0)


def test_pairs_never_seen_find_each_other(learned: Alignment) -> None:
    image, text = hidden_cause(60, seed=5, causes_seed=99)  # the same world, new pairs
    scores = learned.project_image(image) @ learned.project_text(text).T
    figures = retrieval(scores, np.arange(60), np.arange(60))
    assert figures.image_to_text_1 > 0.6  # guessing: 1 in 60
    assert figures.text_to_image_1 > 0.6


def test_held_out_figures_tell_a_relation_from_none(learned: Alignment) -> None:
    assert learned.held_out.pairs == 40
    assert learned.held_out.text_to_image_10 > 0.9
    image, text = hidden_cause(400, seed=5)
    shuffled = np.random.default_rng(0).permutation(400)
    nothing = train_alignment(image, text[shuffled], seed=1, dim=8).held_out
    assert abs(nothing.text_to_image_10 - nothing.random_10) < 0.2
    assert nothing.random_10 == pytest.approx(10 / 40)


def test_pairs_that_share_a_text_or_a_picture_are_held_out_together() -> None:
    # Noise without relation, every pair ten times: were copies split, held-out R@1 would be 1.
    random = np.random.default_rng(3)
    image, text = (
        unit_rows(np.repeat(random.standard_normal((60, width)), 10, axis=0)) for width in (24, 16)
    )
    figures = train_alignment(image, text, seed=2, dim=8).held_out
    assert figures.pairs == 60
    assert figures.random_1 == pytest.approx(1 / 6)
    assert figures.image_to_text_1 < 0.6


def test_a_random_start_learns_the_same_for_the_same_seed() -> None:
    image, text = hidden_cause(400, seed=5)
    first, again, other = (
        train_alignment(image, text, seed=seed, dim=8, start="random") for seed in (1, 1, 2)
    )
    assert first.epochs > 0
    assert first.held_out.text_to_image_10 > 0.8  # guessing: 10 in 40
    assert again.fingerprint == first.fingerprint
    assert other.fingerprint != first.fingerprint


def test_rows_of_nothing_are_left_out(learned: Alignment) -> None:
    image, text = hidden_cause(400, seed=5)
    nothing = np.zeros((5, 24), dtype=np.float32)
    more = train_alignment(np.vstack([nothing, image]), np.vstack([text[:5], text]), seed=1, dim=8)
    assert more.fingerprint == learned.fingerprint


def test_too_few_or_unequal_pairs_are_refused() -> None:
    image, text = hidden_cause(LEAST_PAIRS - 1, seed=0)
    with pytest.raises(DataError, match=f"at least {LEAST_PAIRS}"):
        train_alignment(image, text, seed=0)
    with pytest.raises(DataError, match="at least"):
        train_alignment(image[:0], text[:0], seed=0)
    with pytest.raises(DataError, match="shapes"):
        train_alignment(image, text[1:], seed=0)


def test_projection_by_hand() -> None:
    kept = hand_made()
    assert kept.project_image(np.array([[4, 5], [0, 0]], dtype=np.float32)).tolist() == [
        pytest.approx([0.6, 0.8]),
        [0, 0],
    ]
    assert kept.project_text(np.array([[0, 3, 0]], dtype=np.float32)).tolist() == [[0, 1]]
    with pytest.raises(DataError, match=r"image vectors' shape \(1, 3\) is not \(n, 2\)"):
        kept.project_image(np.ones((1, 3), dtype=np.float32))


def hand_made() -> Alignment:
    return Alignment(
        image_mean=np.array([1, 1], dtype=np.float32),
        image_head=np.eye(2, dtype=np.float32),
        text_mean=np.zeros(3, dtype=np.float32),
        text_head=np.eye(3, 2, dtype=np.float32),
        temperature=0.5,
        epochs=3,
        held_out=retrieval(np.eye(12, dtype=np.float32), np.arange(12), np.arange(12)),
    )


def test_saved_and_loaded(tmp_path: Path, learned: Alignment) -> None:
    path = tmp_path / "model" / "alignment.npz"
    learned.save(path)
    loaded = Alignment.load(path)
    assert loaded.fingerprint == learned.fingerprint
    assert (loaded.held_out, loaded.epochs, loaded.temperature) == (
        learned.held_out,
        learned.epochs,
        learned.temperature,
    )
    assert [file.name for file in path.parent.iterdir()] == ["alignment.npz"]


def test_a_damaged_file_is_an_artifact_error(tmp_path: Path) -> None:
    path = tmp_path / "alignment.npz"
    with pytest.raises(ArtifactError, match=r"alignment\.npz"):
        Alignment.load(path)
    hand_made().save(path)
    whole = path.read_bytes()
    for damaged in (b"", b"nothing", whole[: len(whole) // 2]):
        path.write_bytes(damaged)
        with pytest.raises(ArtifactError, match=r"Alignment\.save"):
            Alignment.load(path)
    np.savez(path, image_mean=np.zeros(2))
    with pytest.raises(ArtifactError, match=r"Alignment\.save"):
        Alignment.load(path)


class Lookup:
    """Gives each picture a row by its file's first byte, and counts what it opens."""

    name = "lookup"
    modality: Modality = "image"
    dim = 2
    opened = 0

    def encode(self, contents: Sequence[Content], /) -> FloatMatrix:
        self.opened += len(contents)
        rows = [[4, 5] if Path(c).read_bytes()[:1] == b"a" else [1, 3] for c in contents]
        return np.array(rows, dtype=np.float32).reshape(-1, 2)


def test_an_aligned_encoder_opens_each_picture_once(tmp_path: Path) -> None:
    pictures = [tmp_path / name for name in ("a", "b")]
    for picture in pictures:
        picture.write_text(picture.name)
    inner, alignment = Lookup(), hand_made()
    with VectorStore(tmp_path / "v.db") as vectors:
        aligned = AlignedEncoder(inner, alignment, vectors=vectors)
        assert aligned.name == f"lookup+aligned:{alignment.fingerprint[:12]}"
        assert (aligned.dim, aligned.modality) == (2, "image")
        for _ in range(2):
            assert np.allclose(aligned.encode(pictures), [[0.6, 0.8], [0, 1]])
        assert inner.opened == 2
        assert vectors.known("lookup", [content_hash(p) for p in pictures])
    assert np.allclose(AlignedEncoder(inner, alignment).encode(pictures), [[0.6, 0.8], [0, 1]])


def test_projecting_needs_no_torch(tmp_path: Path) -> None:
    path = tmp_path / "alignment.npz"
    hand_made().save(path)
    program = (
        "import sys, numpy as np; from pathlib import Path;"
        "from kg.encoders.alignment import Alignment, AlignedEncoder;"
        f"Alignment.load(Path({str(path)!r})).project_image(np.ones((1, 2), dtype=np.float32));"
        "sys.exit('torch' in sys.modules)"
    )
    root = Path(__file__).resolve().parents[2]
    assert subprocess.run([sys.executable, "-c", program], cwd=root, check=False).returncode == 0
