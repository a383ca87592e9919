"""Inputs as shops really have them, the parser's part, and both languages of the demo shop."""

from __future__ import annotations

import json
import pickle
import time
from pathlib import Path

import pytest

from kg.demo import build_demo
from kg.extraction.lexicon import canonical
from kg.extraction.plain_text import readable
from kg.extraction.syntax import MODEL, installed
from kg.extraction.text import TextExtractor
from kg.graph import NodeRow
from kg.ingest_entities import Entities
from kg.items import CatalogItem, LocalText
from kg.readers import read_catalog
from kg.rejects import Rejects
from kg.resolution import resolve
from kg.schema import DEFAULT_SCHEMA
from kg.settings import CatalogSettings


@pytest.fixture(scope="module")
def lists() -> TextExtractor:
    """Word lists alone, as where the model is not installed."""
    return TextExtractor(syntax=False)


def said(
    extractor: TextExtractor, title: str, description: str = "", language: str = "en"
) -> set[tuple[str, str]]:
    item = CatalogItem("x", (LocalText(language, title, description),))
    found = extractor.extract(item)
    for one in found:
        name, _, _ = one.evidence.field.partition(".")
        text = readable(title if name == "title" else description)
        assert one.evidence.span is not None
        assert text[slice(*one.evidence.span)] == one.evidence.quote != ""
    return {(one.name, one.value) for one in found}


@pytest.mark.parametrize(
    ("title", "description", "language", "expected"),
    [
        ("Wa\u200bter\u00adproof b\ufeffag", "", "en",
         {("function", "waterproof"), ("category", "bag")}),
        ("防\u200b水背包", "", "zh", {("function", "waterproof"), ("category", "backpack")}),
        ("Ｒｅｄ ｍｕｇ ３５０ｍｌ", "", "en",
         {("colour", "red"), ("category", "mug"), ("measurement", "capacity 350 ml")}),
        ("👟🔴Red shoes🎽", "Made of 🐑wool!", "en",
         {("colour", "red"), ("category", "shoes"), ("material", "wool")}),
        ("Red &amp; white&nbsp;mug", "", "en",
         {("colour", "red"), ("colour", "white"), ("category", "mug")}),
        ("NIKE风格 Running 跑步鞋 waterproof", "", "zh",
         {("use", "running"), ("category", "trainers"), ("function", "waterproof")}),
        ("後背包", "防潑水、適合越野跑；純棉內裡", "zh",
         {("category", "backpack"), ("use", "trail running"), ("function", "waterproof")}),
        ("Scarlett blackout credit infrared tank's", "", "en", set()),
        ("Bag", "Credit in Redmond; a tanned hired hand.", "en", {("category", "bag")}),
        ("Jacket", "Non-slip, without a hood, not windproof.", "en",
         {("category", "jacket"), ("function", "non-slip")}),
        ("无袖连衣裙", "非防水，不含羊毛", "zh", {("category", "dress"), ("style", "sleeveless")}),
    ],
)  # fmt: skip
def test_hard_texts(
    lists: TextExtractor,
    title: str,
    description: str,
    language: str,
    expected: set[tuple[str, str]],
) -> None:
    found = said(lists, title, description, language)
    known = {pair for pair in found if pair[0] != "audience"}
    assert known == expected if expected else not known & {("colour", "red"), ("colour", "black")}


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 20_000,
        "<table>" + "<tr><td>Colour<td>red" * 5_000,
        "<table><tr><td>" * 6_000,
        "Material: wool; " * 6_500,
        "棉 " * 16_000,
        "&lt;" * 25_000,
        "【" * 100_000,
    ],
)
def test_a_hundred_kilobytes_take_less_than_ten_seconds(lists: TextExtractor, markup: str) -> None:
    begin = time.process_time()
    said(lists, "Hat", markup)
    assert time.process_time() - begin < 10


def test_ten_kilobytes_of_doubt_take_the_model_less_than_ten_seconds() -> None:
    begin = time.process_time()
    said(TextExtractor(), "Hat", "Luma presents mesh for a waistband. " * 290)
    assert time.process_time() - begin < 10


def test_the_name_says_whether_the_model_was_asked() -> None:
    assert TextExtractor(syntax=False).name == "text-lexicon-2"
    assert TextExtractor(syntax=True).name == f"text-lexicon-2+{MODEL}"
    assert TextExtractor().name == TextExtractor(syntax=installed()).name
    assert TextExtractor(["zh"]).name == "text-lexicon-2"  # it reads English only


@pytest.mark.skipif(not installed(), reason=f"{MODEL} is not installed")
def test_the_model_tells_verbs_from_uses_and_parts_from_products(lists: TextExtractor) -> None:
    parser = pickle.loads(pickle.dumps(TextExtractor(syntax=True)))
    text = "Luma presents an innovative yoga class for intermediate students."
    assert ("use", "gift") in said(lists, "", text)
    assert ("use", "gift") not in said(parser, "", text)
    text = "It has a power mesh back zone and moisture-wicking fabric."
    assert ("material", "mesh") in said(lists, "Leggings", text)
    assert ("material", "mesh") not in said(parser, "Leggings", text)
    text = "Breathable mesh keeps the waistband dry."
    assert ("material", "mesh") in said(parser, "Leggings", text)


def test_a_brand_in_two_scripts_is_one_entity() -> None:
    extractor = TextExtractor(brands=["Quiet Oak/静橡", "华为（HUAWEI）"], syntax=False)
    assert said(extractor, "Quiet Oak lamp") >= {("brand", "Quiet Oak")}
    assert said(extractor, "静橡台灯", language="zh") >= {("brand", "Quiet Oak")}
    assert said(extractor, "华为手机", language="zh") >= {("brand", "HUAWEI")}
    known = canonical("brand", "Quiet Oak/静橡")
    assert known is not None
    assert (known.value, known.names) == ("Quiet Oak", {"en": "Quiet Oak", "zh": "静橡"})
    assert canonical("brand", "AC/DC") is None


def nodes(items: list[CatalogItem], extractor: TextExtractor) -> dict[str, NodeRow]:
    entities = Entities(DEFAULT_SCHEMA)
    for item in items:
        for statement in resolve(item, extractor.extract(item), canonical=canonical):
            entities.add(statement)
    return {row.id: row for row in entities.rows()}


def test_both_languages_of_the_demo_shop_give_the_same_entity_nodes(tmp_path: Path) -> None:
    build_demo(tmp_path, seed=3, items=300, users=30)
    settings = CatalogSettings(layout="demo", path=tmp_path, languages=("en", "zh"))
    items = list(read_catalog(settings, rejects=Rejects()).items)
    truth = [
        json.loads(line) for line in (tmp_path / "truth.jsonl").read_text("utf-8").splitlines()
    ]
    brands = sorted({brand for item in items for brand in item.columns["brand"]})
    extractor = TextExtractor(brands=brands, syntax=False)
    read = {}
    for language in ("en", "zh"):
        hidden = [
            CatalogItem(item.id, tuple(text for text in item.texts if text.language == language))
            for item in items
        ]
        read[language] = nodes(hidden, extractor)
    stated = {
        language: {
            f"{kind}:{value.casefold()}"
            for true in truth
            for kind, values in true["in_text"][language].items()
            for value in values
        }
        for language in ("en", "zh")
    }
    # What both languages' texts state somewhere in the shop is a node of both, with both names.
    both = stated["en"] & stated["zh"]
    assert len({one for one in both if one.startswith("brand:")}) == len(brands)
    missing = {language: both - set(found) for language, found in read.items()}
    assert missing == {"en": set(), "zh": set()}
    for one in both:
        assert read["en"][one].properties == read["zh"][one].properties
        assert "name_zh" in read["zh"][one].properties
