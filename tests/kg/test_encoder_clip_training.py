"""A CLIP model tuned on a catalogue's pairs finds pairs that it never saw."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kg.encoders import load_encoder
from kg.encoders.clip_training import tune_clip
from kg.encoders.torchvision_repair import repair_torchvision
from kg.errors import ConfigError, DataError

COLOURS = {
    "red": (220, 20, 30),
    "blue": (20, 40, 220),
    "green": (20, 160, 40),
    "yellow": (240, 220, 20),
    "black": (10, 10, 10),
    "white": (250, 250, 250),
    "grey": (128, 128, 128),
    "pink": (250, 150, 190),
    "brown": (110, 60, 20),
    "purple": (120, 20, 160),
}

EPOCHS = 50


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A CLIP model of one layer a half, made here and never trained."""
    repair_torchvision()
    import open_clip
    import torch

    folder = tmp_path_factory.mktemp("clip")
    vision = {"image_size": 32, "layers": 2, "width": 64, "head_width": 32, "patch_size": 16}
    text = {"context_length": 8, "vocab_size": 49408, "width": 64, "heads": 2, "layers": 2}
    config = {"embed_dim": 32, "vision_cfg": vision, "text_cfg": text}
    (folder / "shop-toy.json").write_text(json.dumps(config))
    open_clip.add_model_config(folder / "shop-toy.json")
    torch.manual_seed(0)
    torch.save(open_clip.create_model("shop-toy").state_dict(), folder / "toy.pt")
    # Loaded again from a path: what the tests tune is exactly this file.
    open_clip.create_model("shop-toy", pretrained=str(folder / "toy.pt"))
    return f"shop-toy/{folder}/toy.pt"


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], list[str]]:
    """A hundred two-coloured products: the upper half one colour, the lower another.

    No pair of colours comes twice, so a held-out product's text can only be found by someone
    who has learned from other products what each word looks like, above and below.
    """
    folder = tmp_path_factory.mktemp("drawn")
    pictures, texts = [], []
    for above, below in itertools.product(COLOURS, COLOURS):
        picture = Image.new("RGB", (32, 32), COLOURS[above])
        picture.paste(COLOURS[below], (0, 16, 32, 32))
        pictures.append(folder / f"{above}_{below}.png")
        picture.save(pictures[-1])
        texts.append(f"{above} top {below} skirt")
    return pictures, texts


def test_pairs_never_seen_find_each_other_after_tuning(
    model: str, catalogue: tuple[list[Path], list[str]], tmp_path: Path
) -> None:
    pictures, texts = catalogue
    output = tmp_path / "new" / "tuned.pt"
    said: list[int] = []
    tuned = tune_clip(
        model,
        pictures,
        texts,
        output=output,
        seed=3,
        rate=1e-3,
        epochs=EPOCHS,
        batch=20,
        patience=EPOCHS,
        on_epoch=lambda epoch, _: said.append(epoch),
    )
    assert (tuned.before.pairs, tuned.path) == (10, output)
    assert said == list(range(1, len(said) + 1))
    assert said[-1] == EPOCHS
    assert tuned.loss_after < tuned.loss_before - 0.5
    # Ten candidates: guessing finds one in ten.
    assert tuned.after.text_to_image_1 > max(0.5, tuned.before.text_to_image_1)
    assert tuned.after.image_to_text_1 > max(0.5, tuned.before.image_to_text_1)
    # The path is a name that load_encoder takes, and gives the vectors that were measured.
    image, text = (load_encoder(f"{tuned.name}#{half}") for half in ("image", "text"))
    scores = image.encode(pictures) @ text.encode(texts).T
    assert (scores.argmax(axis=1) == np.arange(100)).mean() > 0.5
    assert [path.name for path in output.parent.iterdir()] == ["tuned.pt"]


def test_only_the_last_layers_change_and_the_score_is_kept(
    model: str, catalogue: tuple[list[Path], list[str]], tmp_path: Path
) -> None:
    import torch

    tuned = tune_clip(
        model, *catalogue, output=tmp_path / "a.pt", seed=3, layers=2, rate=2e-3, epochs=2
    )
    assert tuned.path is not None
    kept = torch.load(tuned.path, weights_only=True)
    before = torch.load(model.partition("/")[2], weights_only=True)
    changed = {key for key, value in kept["state_dict"].items() if (value != before[key]).any()}
    assert {"visual.proj", "visual.transformer.resblocks.1.attn.in_proj_weight"} <= changed
    assert "text_projection" in changed
    assert not any("resblocks.0." in key for key in changed)
    assert not changed & {"visual.conv1.weight", "token_embedding.weight"}
    assert kept["shopgraph"]["held_out"]["pairs"] == 10
    assert kept["shopgraph"]["epochs"] == tuned.epochs


def test_what_is_not_better_is_not_written(
    model: str, catalogue: tuple[list[Path], list[str]], tmp_path: Path
) -> None:
    tuned = tune_clip(model, *catalogue, output=tmp_path / "a.pt", seed=3, rate=0.0, epochs=1)
    assert (tuned.path, tuned.epochs, tuned.after) == (None, 0, tuned.before)
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_tuned_is_said(
    model: str, catalogue: tuple[list[Path], list[str]], tmp_path: Path
) -> None:
    pictures, texts = catalogue
    for given, error, said in (
        (("ViT-B-32", pictures, texts), ConfigError, "<pretrained tag or path>"),
        ((model, pictures, texts[1:]), DataError, "texts"),
        ((model, pictures[:30], texts[:30]), DataError, "at least 40"),
        # One word for all: a single text connects every pair.
        ((model, pictures, ["red"] * 100), DataError, "at least 40"),
    ):
        with pytest.raises(error, match=said):
            tune_clip(*given, output=tmp_path / "a.pt", seed=0)
