"""What texts state, in two languages, and what they only seem to state."""

from __future__ import annotations

import pickle
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.extraction.lexicon import canonical, load_lexicon, simplified
from kg.extraction.plain_text import readable
from kg.extraction.text import TextExtractor
from kg.items import Attribute, CatalogItem, LocalText
from kg.schema import DEFAULT_SCHEMA


@pytest.fixture(scope="module")
def extractor() -> TextExtractor:
    return TextExtractor(brands=["Quiet Oak", "静橡"])


def item(*texts: tuple[str, str, str], **fields: object) -> CatalogItem:
    return CatalogItem("x", tuple(LocalText(*text) for text in texts), **fields)  # type: ignore[arg-type]


def values(found: list[Attribute], kind: str) -> set[str]:
    return {one.value for one in found if one.name == kind}


def stated(extractor: TextExtractor, kind: str, title: str, description: str = "") -> set[str]:
    language = "zh" if any("\u4e00" <= c <= "\u9fff" for c in title + description) else "en"
    return values(extractor.extract(item((language, title, description))), kind)


@pytest.mark.parametrize(
    ("title", "category"),
    [
        ("Dress shirt in dark blue organic cotton", "shirt"),
        ("Shirt dress with belt", "dress"),
        ("Orange juice 1L", "juice"),
        ("Phone case for iPhone", "phone case"),
        ("Backpack with laptop sleeve and water bottle pocket", "backpack"),
        ("Leather jacket - black dress not included", "jacket"),
        ("Erika Running Short-32-Red", "shorts"),
        ("Women's T-shirt", "t-shirt"),
        ("Wall shelves", "shelf"),
        ("深蓝色有机棉衬衫", "shirt"),
        ("夏季新款女士碎花连衣裙", "dress"),
        ("儿童保温杯 316不锈钢", "vacuum flask"),
        ("後背包 防水", "backpack"),
    ],
)
def test_the_head_noun_names_the_category(
    extractor: TextExtractor, title: str, category: str
) -> None:
    assert stated(extractor, "category", title) == {category}


@pytest.mark.parametrize(
    ("title", "description", "kind", "expected"),
    [
        ("Dark blue bag", "", "colour", {"navy"}),
        ("Light green mug", "", "colour", {"light green"}),
        ("Bag", "The colour is red.", "colour", {"red"}),
        ("Red bag", "Lined with blue details.", "colour", {"red"}),
        ("Orange juice", "", "colour", set()),
        ("Bag", "Pairs with black jeans and a leather belt.", "colour", set()),
        ("Bag", "Pairs with black jeans and a leather belt.", "material", set()),
        ("Trainers", "Canvas upper, mesh lining.", "material", {"canvas"}),
        ("Leather jacket", "", "material", {"leather"}),
        ("Stainless steel bottle", "", "material", {"stainless steel"}),
        ("Wrinkle-free shirt", "", "function", {"wrinkle-free"}),
        ("Non-iron plain shirt", "", "category", {"shirt"}),
        ("Running shoes", "", "use", {"running"}),
        ("Polka-dot skirt", "", "pattern", {"dotted"}),
        ("黑T恤", "", "colour", {"black"}),
        ("青屿系列衬衫", "", "colour", set()),
        ("玫瑰金手表", "", "colour", {"rose gold"}),
        ("帆布鞋", "", "material", {"canvas"}),
        ("純棉襯衫", "適合越野跑", "use", {"trail running"}),
        ("衬衫", "搭配黑色牛仔裤。", "colour", set()),
        ("Ｔ恤 ｂｌａｃｋ", "", "colour", {"black"}),
        ("水杯", "适合露营，不适合办公室使用", "use", {"camping"}),
    ],
)
def test_words_mean_what_they_mean_in_context(
    extractor: TextExtractor, title: str, description: str, kind: str, expected: set[str]
) -> None:
    assert stated(extractor, kind, title, description) == expected


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("It is waterproof.", {"waterproof"}),
        ("It is not waterproof.", set()),
        ("It isn't waterproof or windproof.", set()),
        ("It is not fully waterproof, but breathable.", {"breathable"}),
        ("Not only waterproof but also windproof.", {"waterproof", "windproof"}),
        ("Neither waterproof nor windproof.", set()),
        ("Never waterproof. Always breathable.", {"breathable"}),
        ("Waterproof, not windproof.", {"waterproof"}),
        ("Non-slip sole.", {"non-slip"}),
        ("本产品不防水。", set()),
        ("本款并不防水，但透气。", {"breathable"}),
        ("不仅防水，而且防风。", {"waterproof", "windproof"}),
        ("非常防水", {"waterproof"}),
        ("不支持防水和防风", set()),
        ("不可机洗", set()),
        ("可机洗", {"machine washable"}),
    ],
)
def test_what_is_denied_is_not_asserted(
    extractor: TextExtractor, description: str, expected: set[str]
) -> None:
    assert stated(extractor, "function", "", description) == expected


def test_leather_free_is_not_leather(extractor: TextExtractor) -> None:
    assert stated(extractor, "material", "Leather-free tote bag") == set()
    assert stated(extractor, "material", "手提包", "非真皮") == set()


def test_both_languages_give_one_entity_with_more_confidence(extractor: TextExtractor) -> None:
    found = extractor.extract(item(("en", "Red mug", ""), ("zh", "红色马克杯", "")))
    red = [one for one in found if one.name == "colour"]
    assert [(one.value, one.names) for one in red] == [("red", {"en": "red", "zh": "红色"})]
    alone = extractor.extract(item(("en", "Red mug", "")))
    assert [one.confidence for one in alone if one.name == "colour"] == [0.9]
    assert red[0].confidence == 0.97  # 1 - .1 * .1 is .99, kept below certainty


def test_an_extractor_travels_to_another_process(extractor: TextExtractor) -> None:
    one = item(("en", "Quiet Oak red mug", ""), ("zh", "静橡红色马克杯", ""))
    again = pickle.loads(pickle.dumps(extractor))
    assert again.extract(one) == extractor.extract(one) != []


def test_a_title_is_believed_more_than_a_description(extractor: TextExtractor) -> None:
    found = extractor.extract(item(("en", "Linen shirt", "For hiking. With a cotton touch.")))
    confidence = {(one.name, one.value): one.confidence for one in found}
    assert confidence["material", "linen"] == 0.9
    assert confidence["use", "hiking"] == 0.7
    assert confidence["material", "cotton"] == 0.5


def test_evidence_quotes_the_readable_text(extractor: TextExtractor) -> None:
    html = "<p>Soft &amp; warm</p><ul><li>Made of <b>merino</b> wool</li></ul>"
    found = extractor.extract(item(("en", "Jumper", html)))
    wool = next(one for one in found if one.value == "wool")
    assert wool.evidence.field == "description.en"
    assert wool.evidence.span is not None
    start, end = wool.evidence.span
    assert readable(html)[start:end] == wool.evidence.quote == "merino wool"
    assert wool.evidence.extractor == extractor.name


def test_a_brand_hides_its_words_and_is_found(extractor: TextExtractor) -> None:
    found = extractor.extract(item(("en", "Quiet Oak lamp", ""), ("zh", "静橡台灯", "")))
    assert values(found, "brand") == {"Quiet Oak", "静橡"}
    assert values(found, "material") == values(found, "function") == set()
    columned = item(("en", "Red Cedar wool hat", ""), columns={"brand": ("Red Cedar",)})
    assert values(extractor.extract(columned), "colour") == set()


ODD = (
    "",
    " ",
    "😀🎽👟",
    "&lt;b&gt;&#x1F45F;",
    "<<<>>>&&&;",
    "\x00\ufeff\u200b",
    "İ ŞIK 红",
    "—" * 50,
)


@pytest.mark.parametrize("text", ODD)
def test_odd_texts_are_read_without_error(extractor: TextExtractor, text: str) -> None:
    extractor.extract(item(("en", text, text), ("zh", text, text)))
    assert extractor.extract(item()) == []


def test_emoji_and_entities_do_not_hide_words(extractor: TextExtractor) -> None:
    assert stated(extractor, "colour", "👟 Red&nbsp;shoes 👟") == {"red"}
    assert stated(extractor, "category", "👟 Red&nbsp;shoes 👟") == {"shoes"}


def test_a_description_of_a_hundred_kilobytes_takes_less_than_two_seconds(
    extractor: TextExtractor,
) -> None:
    long = "Made of wool for hiking. 适合越野跑，防水。" * 2500
    begin = time.process_time()
    found = extractor.extract(item(("en", "Hat", long)))
    assert time.process_time() - begin < 2
    assert values(found, "function") == {"waterproof"}


_words = st.sampled_from(
    sorted(load_lexicon().english)[::37] + sorted(load_lexicon().chinese)[::37]
    + ["not", "不", "with", ".", "，", "and", "和", "free", "-"]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(_words, max_size=12), st.lists(_words, max_size=25))
def test_laws_of_extraction(
    extractor: TextExtractor, title: list[str], description: list[str]
) -> None:
    one = item(("en", " ".join(title), " ".join(description)))
    found = extractor.extract(one)
    assert found == extractor.extract(one) == extractor.extract_many([one])[0]
    assert len({(a.name, a.value) for a in found}) == len(found)
    for attribute in found:
        assert 0 < attribute.confidence < 1
        assert attribute.name in DEFAULT_SCHEMA.kinds
        text = one.texts[0].title if attribute.evidence.field == "title.en" else ""
        text = readable(text or one.texts[0].description)
        assert attribute.evidence.span is not None
        start, end = attribute.evidence.span
        assert text[start:end] == attribute.evidence.quote != ""


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        ("colour", "Dark Blue", "navy"),
        ("colour", "DARK-BLUE", "navy"),
        ("colour", "深藍色", "navy"),
        ("colour", "Greenish Khaki", "olive"),
        ("material", "100% COTTON", "cotton"),
        ("material", "Lycra®", "elastane"),
        ("material", "純棉", "cotton"),
        ("category", "Dresses", "dress"),
        ("category", "Leggings/Tights", "leggings"),
        ("audience", "Women's", "women"),
    ],
)
def test_columns_are_brought_to_the_canonical_value(kind: str, written: str, value: str) -> None:
    known = canonical(kind, written)
    assert known is not None
    assert known.value == value
    assert set(known.names) == {"en", "zh"}


def test_an_unknown_value_or_another_kind_is_none() -> None:
    assert canonical("colour", "Blorple") is None
    assert canonical("material", "red") is None
    assert canonical("colour", "") is None


def test_the_lexicon_is_broad_and_bilingual() -> None:
    lexicon = load_lexicon()
    count = dict.fromkeys(DEFAULT_SCHEMA.kinds, 0)
    for (kind, _), entity in lexicon.entities.items():
        count[kind] += 1
        assert entity.names.get("zh"), entity
    assert count["colour"] >= 30
    assert count["material"] >= 40
    assert count["pattern"] >= 20
    assert count["category"] >= 100
    assert lexicon.root("colour", "navy") == "blue"
    assert lexicon.root("material", "stainless steel") == "metal"


@given(st.text(alphabet="後背包藍色裡乾abc 了發髮", max_size=20))
def test_simplifying_keeps_every_position(text: str) -> None:
    assert len(simplified(text)) == len(text)
