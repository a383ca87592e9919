"""The demo shop: the same bytes for the same seed, readable, true, and worth learning from."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kg.demo import build_demo
from kg.demo.products import design_products, load_table
from kg.demo.shoppers import invite, utilities
from kg.demo.shoppers import shop as shop_events
from kg.errors import DataError
from kg.readers import read_catalog
from kg.rejects import Rejects
from kg.settings import CatalogSettings


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    build_demo(folder, seed=7, items=60, users=40)
    return folder


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rows(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(
    shop: Path, tmp_path: Path
) -> None:
    build_demo(tmp_path / "again", seed=7, items=60, users=40)
    build_demo(tmp_path / "other", seed=8, items=12, users=5)
    assert digests(tmp_path / "again") == digests(shop)
    other = digests(tmp_path / "other")
    different = {name for name, digest in digests(shop).items() if other.get(name) != digest}
    assert {"items.jsonl", "interactions.csv", "truth.jsonl", "reviews.jsonl"} <= different
    assert "shopgraph.toml" not in different


def test_more_shoppers_do_not_change_the_products(tmp_path: Path) -> None:
    build_demo(tmp_path / "few", seed=7, items=12, users=4)
    build_demo(tmp_path / "more", seed=7, items=12, users=9)
    items = [(tmp_path / name / "items.jsonl").read_bytes() for name in ("few", "more")]
    assert items[0] == items[1]


def test_it_reads_as_a_catalogue_without_a_reject(shop: Path) -> None:
    rejects = Rejects()
    catalog = read_catalog(CatalogSettings(layout="demo", path=shop), rejects=rejects)
    assert rejects.total == 0
    assert (len(catalog.items), len(catalog.users)) == (60, 40)
    item = catalog.items[0]
    assert [text.language for text in item.texts] == ["en", "zh"]
    assert set(item.columns) == {"brand"}  # everything else has to be extracted
    assert item.images[0].is_file()
    assert item.group == "G0001"


def test_every_picture_is_a_small_rgb_picture_that_shows_its_colour(shop: Path) -> None:
    for item in rows(shop / "items.jsonl"):
        with Image.open(shop / item["image"]) as picture:
            assert (picture.size, picture.mode) == ((256, 256), "RGB")
            assert np.asarray(picture).std() > 8  # not an empty studio


def test_a_variant_shares_group_brand_and_material_and_differs_in_colour(shop: Path) -> None:
    truth = {row["id"]: row["attributes"] for row in rows(shop / "truth.jsonl")}
    groups: dict[str, list[str]] = {}
    for item in rows(shop / "items.jsonl"):
        groups.setdefault(item["group"], []).append(item["id"])
    several = [ids for ids in groups.values() if len(ids) > 1]
    assert several
    for ids in several:
        for kind in ("brand", "material", "category", "pattern"):
            assert len({tuple(truth[one][kind]) for one in ids}) == 1
        assert len({truth[one]["colour"][0] for one in ids}) == len(ids)


def test_what_the_truth_says_is_stated_stands_in_the_text(shop: Path) -> None:
    items = {row["id"]: row for row in rows(shop / "items.jsonl")}
    for true in rows(shop / "truth.jsonl"):
        for value in true["in_text"]["en"].get("material", []):
            item = items[true["id"]]
            text = f"{item['title_en']} {item['description_en']}".lower()
            assert value.removesuffix("en") in text
        assert true["in_text"]["en"]["category"] == true["attributes"]["category"]
        assert not set(true["negated"]["function"]) & set(true["attributes"]["function"])


def test_shares_of_attributes_are_only_in_the_picture(shop: Path) -> None:
    true = rows(shop / "truth.jsonl")
    silent = sum("colour" not in row["in_text"]["en"] for row in true)
    assert 3 <= silent <= 24  # about one in six


def test_shoppers_follow_their_taste_and_popularity_has_a_tail() -> None:
    vocabulary = load_table("vocabulary.toml")
    rng = np.random.default_rng(5)
    products = design_products(vocabulary, rng, items=400)
    shoppers = invite(rng, users=300)
    utility = utilities(products, vocabulary, rng, users=300)
    events = shop_events(shoppers, products, utility, rng)
    truth = {product.id: product.truth() for product in products}
    bought: dict[str, list[str]] = {}
    for event in events:
        if event.event == "purchase":
            bought.setdefault(event.user, []).append(event.item)

    def same(kind: str, pairs: list[tuple[str, str]]) -> float:
        return float(np.mean([truth[a][kind][0] == truth[b][kind][0] for a, b in pairs]))

    own = [(b[i], b[j]) for b in bought.values() for i in range(len(b)) for j in range(i)]
    every = [one for items in bought.values() for one in items]
    chance = [(str(a), str(b)) for a, b in rng.choice(every, (4000, 2))]
    for kind in ("category", "brand", "colour", "material"):
        assert same(kind, own) > 1.25 * same(kind, chance), kind
    counts = sorted(Counter(every).values(), reverse=True)
    assert sum(counts[:80]) > 0.35 * sum(counts)  # a fifth of the shop sells a third and more


def test_events_are_sorted_dated_and_weighted(shop: Path) -> None:
    with (shop / "interactions.csv").open(encoding="utf-8") as file:
        events = list(csv.DictReader(file))
    stamps = [event["at"] for event in events]
    assert stamps == sorted(stamps)
    assert stamps[0] >= "2026-03-01T00:00:00Z"
    assert stamps[-1] < "2026-05-31T00:00:00Z"
    weights = {(event["event"], event["weight"]) for event in events}
    assert weights == {("view", "0.3"), ("cart", "0.6"), ("purchase", "1.0")}
    known = {(event["user"], event["item"], event["event"]) for event in events}
    # Nobody buys what they have not put into the cart.
    assert all((user, item, "cart") in known for user, item, kind in known if kind == "purchase")


@pytest.mark.parametrize("wrong", [{"items": 3}, {"users": 0}])
def test_a_shop_too_small_to_be_one_is_refused(tmp_path: Path, wrong: dict[str, int]) -> None:
    with pytest.raises(DataError, match="a number >= "):
        build_demo(tmp_path, **wrong)
    assert list(tmp_path.iterdir()) == []
