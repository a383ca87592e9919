"""Write the demo shop into a folder."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import Generator

from kg.demo.picture import Look, draw
from kg.demo.products import Product, Tables, design_products, load_table
from kg.demo.shoppers import event_row, invite, review, shop, utilities
from kg.demo.wording import Wording, choose_places, write
from kg.errors import DataError


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """What was written; ``config`` is the shopgraph.toml that reads it."""

    folder: Path
    config: Path
    items: int
    users: int
    interactions: int
    reviews: int


def build_demo(folder: Path, *, seed: int = 7, items: int = 400, users: int = 600) -> DemoSummary:
    """Write the shop described in the package's docstring; the same seed, the same bytes.

    Existing files of these names are replaced. DataError when ``items`` < 12 or ``users`` < 1.
    """
    for name, value, least in (("items", items, 12), ("users", users, 1)):
        if value < least:
            raise DataError("demo", column=name, value=value, expected=f"a number >= {least}")
    folder = Path(folder)
    (folder / "images").mkdir(parents=True, exist_ok=True)
    vocabulary, sentences = load_table("vocabulary.toml"), load_table("sentences.toml")
    # One stream a subject, so that more shoppers do not change the products.
    design, words, pictures, people = np.random.default_rng(seed).spawn(4)
    products = design_products(vocabulary, design, items=items)
    item_rows, truth_rows = [], []
    for product in products:
        places = choose_places(words)
        wordings = {
            language: write(product, language, places, (vocabulary, sentences), words)
            for language in ("en", "zh")
        }
        image = _picture(folder, product, vocabulary, pictures)
        item_rows.append(_item_row(product, wordings, image, vocabulary))
        truth_rows.append(
            {
                "id": product.id,
                "attributes": product.truth(),
                "in_text": {language: dict(one.stated) for language, one in wordings.items()},
                "negated": {"function": list(product.negated)},
            }
        )
    shoppers = invite(people, users=users)
    utility = utilities(products, vocabulary, people, users=users)
    events = shop(shoppers, products, utility, people)
    reviews = review(events, (shoppers, utility), products, (vocabulary, sentences), people)
    _write_jsonl(folder / "items.jsonl", item_rows)
    _write_jsonl(folder / "truth.jsonl", truth_rows)
    _write_jsonl(folder / "reviews.jsonl", reviews)
    people_rows = [[one.id, one.name, one.age_band, one.language] for one in shoppers]
    _write_csv(folder / "users.csv", ["id", "name", "age_band", "language"], people_rows)
    columns = ["user", "item", "event", "at", "weight"]
    _write_csv(folder / "interactions.csv", columns, [event_row(event) for event in events])
    config = folder / "shopgraph.toml"
    config.write_bytes(files("kg.demo").joinpath("shopgraph.toml").read_bytes())
    return DemoSummary(folder, config, items, users, len(events), len(reviews))


def _picture(folder: Path, product: Product, vocabulary: Tables, rng: Generator) -> str:
    """Draw and save one product; one in sixteen is a PNG. The path relative to ``folder``."""
    colours = [vocabulary["colours"][name]["rgb"] for name in product.colours]
    second = colours[1] if len(colours) > 1 else None
    image = draw(Look(product.kind, colours[0], second, product.pattern, product.material), rng)
    png = rng.random() < 1 / 16
    name = f"images/{product.id}.{'png' if png else 'jpg'}"
    if png:
        image.save(folder / name, compress_level=4)
    else:
        image.save(folder / name, quality=90)
    return name


def _item_row(
    product: Product, wordings: dict[str, Wording], image: str, vocabulary: Tables
) -> dict[str, Any]:
    return {
        "id": product.id,
        "group": product.group,
        "title_en": wordings["en"].title,
        "title_zh": wordings["zh"].title,
        "description_en": wordings["en"].description,
        "description_zh": wordings["zh"].description,
        "price": round(product.price, 2),
        "brand": f"{product.brand}/{vocabulary['brands'][product.brand]['zh']}",
        "image": image,
    }


def _write_jsonl(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    lines = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows]
    path.write_bytes("".join(lines).encode())


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.write_bytes(buffer.getvalue().encode())
