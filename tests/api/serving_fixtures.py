"""A small shop whose right answer is provable, trained for real, with ids of every kind.

Red people bought every red thing but one, blue people every blue thing but one: the missing one
must come first, because of the colour. Every thing is made of wood, which tells nothing.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from gnn.settings import GnnSettings
from gnn.training import train
from kg.snapshot import EntityRow, ItemRow, Snapshot, build_snapshot

GRAPH = "graph-of-the-small-shop"
#: Red things: ids with a slash, a space, an emoji, a percent sign, and one that ends like a route.
RED = ("r/mug", "r mug", "r☕", "100%red", "r/mug/similar", "r1", "r2", "r3")
BLUE = tuple(f"b{number}" for number in range(8))
STRANGER = "nobody/knows me"


def fan(colour: str, place: int) -> str:
    """Who lacks the thing at ``place``; the ids hold a slash and an emoji."""
    return f"{colour}/fan🙂{place}"


def small_shop(folder: Path) -> Snapshot:
    """The snapshot; pictures go to ``folder``. The last blue thing's picture is missing."""
    things = {"red": RED, "blue": BLUE}
    names_zh = {"red": "红色", "blue": "蓝色"}
    items, interactions, statements = [], [], []
    for colour, ids in things.items():
        for place, item_id in enumerate(ids):
            picture = folder / f"{colour}{place}.png"
            if item_id != "b7":
                Image.new("RGB", (8, 8), colour).save(picture)
            titles = {
                "en": f"{colour.title()} thing {place}",
                "zh": f"{names_zh[colour]}物品 {place}",
            }
            image = None if item_id == "b6" else str(picture)
            items.append(ItemRow(item_id, titles["en"], titles, price=10.0 + place, image=image))
            statements.append((item_id, f"colour:{colour}", 0.9, "image"))
            statements.append((item_id, "material:wood", 0.8, "text"))
            for other in range(len(ids)):
                if other != place:
                    at_s = 1_750_000_000.0 + 86_400.0 * place
                    interactions.append(
                        (fan(colour, other), item_id, "purchase", 1.0, at_s, "train")
                    )
    return build_snapshot(
        items=items,
        users=[(fan(colour, place), {}) for colour in things for place in range(8)],
        entities=[
            EntityRow("colour:red", "colour", "red", {"en": "red", "zh": "红色"}),
            EntityRow("colour:blue", "colour", "blue", {"en": "blue", "zh": "蓝色"}),
            EntityRow("material:wood", "material", "wood", {"en": "wood", "zh": "木头"}),
        ],
        interactions=[
            (*row[:5], split)
            for number, row in enumerate(interactions)
            for split in [("train", "train", "train", "train", "valid", "test")[number % 6]]
        ],
        item_entities=statements,
    )


def trained_shop(folder: Path) -> Path:
    """A folder with ``shopgraph.toml`` and the artifact of the small shop."""
    (folder / "images").mkdir(parents=True)
    snapshot = small_shop(folder / "images")
    settings = GnnSettings(
        model="relational_attention",
        baselines=False,
        blend=False,
        threads=1,
        artifact_dir=folder / "artifact",
    )
    train(snapshot, None, settings, graph_identity=GRAPH)
    (folder / "shopgraph.toml").write_text(
        '[gnn]\nartifact_dir = "artifact"\n[kg.store]\nurl = "embedded:graph"\n'
        '[api]\nshop_name = "Small & <odd> shop"\ncurrency = "EUR"\nmax_k = 20\n',
        encoding="utf-8",
    )
    return folder


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trained small shop, made once a session: read only."""
    folder = tmp_path_factory.getbasetemp() / "small-shop"
    return folder if folder.exists() else trained_shop(folder)
