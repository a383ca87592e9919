"""A small labelled world in two languages whose right answers are provable, and a tiny encoder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np

from kg.extraction.learned.files import train_file
from kg.extraction.learned.labelled import Columns, Labelled
from kg.extraction.learned.network_config import NetworkConfig
from kg.extraction.learned.ranker import RankerConfig
from kg.extraction.learned.training import TrainConfig
from kg.rejects import Rejects

BRANDS = ("Aro", "Belmont", "Cindra", "Delph", "Estova", "Fenwick", "Gorm & Sons")
COLOURS = ("red", "dark blue", "green", "black", "pale grey", "white")
FLAVOURS = ("mint", "lemon", "cocoa", "vanilla", "ginger")
BRANDS_ZH = ("安若", "贝尔蒙", "辛达", "德尔", "艾斯")
COLOURS_ZH = ("红色", "深蓝色", "绿色", "黑色", "白色")

COLUMNS = Columns("title", "labels", "kind")

#: Quick to learn; what is asked of it is provable all the same.
QUICK = TrainConfig(
    folds=2,
    network=NetworkConfig(epochs=2),
    ranker=RankerConfig(rounds=60, leaves=7, bags=1),
)


def mug(row: int, *, brand: str | None = None, colour: str | None = None) -> Labelled:
    """``Aro Mug 12, red, 250 ml``: brand first, colour after the first comma, then the volume."""
    brand = brand or BRANDS[row % len(BRANDS)]
    colour = colour or COLOURS[row * 5 % len(COLOURS)]
    volume = f"{200 + 50 * (row % 7)} ml"
    text = f"{brand} Mug {10 + row % 9}, {colour}, {volume}"
    return Labelled(text, "Mug", {"Brand": (brand,), "Colour": (colour,), "Net content": (volume,)})


def tea(row: int) -> Labelled:
    """``Tea by Aro with mint and lemon``: one flavour or two."""
    brand = BRANDS[row % len(BRANDS)]
    first, second = FLAVOURS[row % 5], FLAVOURS[(row + 1 + row % 3) % 5]
    flavours = (first, second) if row % 2 else (first,)
    text = f"Tea by {brand} with {' and '.join(flavours)}"
    return Labelled(text, "Tea", {"Brand": (brand,), "Flavour": flavours})


def cup_zh(row: int, *, colour: str | None = None) -> Labelled:
    """``安若保温杯红色350毫升``: no spaces, no separators."""
    brand, colour = BRANDS_ZH[row % 5], colour or COLOURS_ZH[row * 3 % 5]
    volume = f"{200 + 50 * (row % 7)}毫升"
    text = f"{brand}保温杯{colour}{volume}"
    return Labelled(text, "杯子", {"品牌": (brand,), "颜色": (colour,), "容量": (volume,)})


def world(each: int = 42) -> list[Labelled]:
    """``each`` rows of each category."""
    return [make(row) for make in (mug, tea, cup_zh) for row in range(each)]


def write_jsonl(path: Path, examples: Sequence[Labelled]) -> Path:
    """Columns title, kind and labels."""
    rows = [
        {
            "title": one.text,
            "kind": one.category,
            "labels": {name: list(values) for name, values in one.values.items()},
        }
        for one in examples
    ]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return path


def tiny_encoder(folder: Path) -> Path:
    """A BERT of one layer with random weights and a vocabulary of characters."""
    from safetensors.numpy import save_file
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    letters = "abcdefghijklmnopqrstuvwxyz0123456789&,保温杯红绿色毫升"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    words += [*letters, *(f"##{one}" for one in letters)]
    tokenizer = Tokenizer(
        models.WordPiece({word: index for index, word in enumerate(words)}, unk_token="[UNK]")
    )
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    folder.mkdir(parents=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {
        "model_type": "bert",
        "hidden_act": "gelu",
        "vocab_size": len(words),
        "hidden_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "max_position_embeddings": 512,
        "layer_norm_eps": 1e-12,
    }
    (folder / "config.json").write_text(json.dumps(config))
    save_file(_weights(len(words)), folder / "model.safetensors")
    return folder


def _weights(words: int) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(0)

    def random(*shape: int) -> np.ndarray:
        return generator.normal(0, 0.2, shape).astype(np.float32)

    layer = "encoder.layer.0"
    shapes = {
        "embeddings.word_embeddings.weight": (words, 32),
        "embeddings.position_embeddings.weight": (512, 32),
        "embeddings.token_type_embeddings.weight": (2, 32),
    }
    for name in ("attention.self.query", "attention.self.key", "attention.self.value",
                 "attention.output.dense"):  # fmt: skip
        shapes |= {f"{layer}.{name}.weight": (32, 32), f"{layer}.{name}.bias": (32,)}
    shapes |= {
        f"{layer}.intermediate.dense.weight": (64, 32),
        f"{layer}.intermediate.dense.bias": (64,),
    }
    shapes |= {f"{layer}.output.dense.weight": (32, 64), f"{layer}.output.dense.bias": (32,)}
    weights = {name: random(*shape) for name, shape in shapes.items()}
    for name in ("embeddings.LayerNorm", f"{layer}.attention.output.LayerNorm",
                 f"{layer}.output.LayerNorm"):  # fmt: skip
        weights[f"{name}.weight"] = np.ones(32, np.float32)
        weights[f"{name}.bias"] = np.zeros(32, np.float32)
    return weights


def train(
    file: Path, folder: Path, *, encoder: str = "none", config: TrainConfig = QUICK
) -> dict[str, object]:
    """Learn from a file that ``write_jsonl`` has written."""
    return train_file(
        file, folder, columns=COLUMNS, encoder=encoder, config=config, rejects=Rejects()
    )


@cache
def world_model(base: Path) -> Path:
    """The folder of a model of ``world()``, learned once a session."""
    place = base / "learned_world"
    place.mkdir()
    train(write_jsonl(place / "world.jsonl", world()), place / "model")
    return place / "model"
