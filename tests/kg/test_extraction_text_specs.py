"""Spec tables and lists: a key names the kind of its value."""

from __future__ import annotations

import pytest

from kg.extraction.plain_text import readable
from kg.extraction.spec_table import specs
from kg.extraction.text import TextExtractor
from kg.items import Attribute, CatalogItem, LocalText

TABLE = (
    "<table><tr><th>Material:</th><td>ceramic</td></tr><tr><td>Colour</td><td>red</td></tr>"
    "<tr><td>Capacity</td><td>350 ml</td></tr><tr><td>Waterproof</td><td>No</td></tr>"
    "<tr><td>Finish</td><td>matt</td></tr></table>"
)


@pytest.fixture(scope="module")
def extractor() -> TextExtractor:
    return TextExtractor(syntax=False)


def read(extractor: TextExtractor, description: str, language: str = "en") -> list[Attribute]:
    return extractor.extract(CatalogItem("x", (LocalText(language, "", description),)))


def said(extractor: TextExtractor, description: str, language: str = "en") -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in read(extractor, description, language):
        found.setdefault(one.name, set()).add(one.value)
    return found


@pytest.mark.parametrize(
    "markup",
    [
        TABLE,
        TABLE.replace("</td>", "").replace("</tr>", ""),  # what shops forget to close
        "<table><tr><th>Material</th><th>Colour</th><th>Capacity</th></tr>"
        "<tr><td>ceramic</td><td>red</td><td>350 ml</td></tr></table>",
        "<dl><dt>Material</dt><dd>ceramic</dd><dt>Colour:</dt>\n<dd>red</dd>"
        "<dt>Capacity</dt><dd>350 ml</dd></dl>",
        "<ul><li>Material: ceramic</li><li>Colour: red</li><li>Capacity: 350 ml</li></ul>",
        "A good one. Material: ceramic; Colour: red; Capacity: 350 ml",
        "• Material: ceramic\n• Colour: red\n• Capacity: 350 ml",
    ],
)
def test_tables_lists_and_lines_say_the_same(extractor: TextExtractor, markup: str) -> None:
    found = {(one.name, one.value): one.confidence for one in read(extractor, markup)}
    assert found == {
        ("material", "ceramic"): 0.95,
        ("colour", "red"): 0.95,
        ("measurement", "capacity 350 ml"): 0.95,
    }


def test_chinese_specs(extractor: TextExtractor) -> None:
    for text in ("材质：棉 颜色：红色 适用场景：跑步", "【材质】纯棉【颜色】红色【适用场景】跑步"):
        assert said(extractor, text, "zh") == {
            "material": {"cotton"}, "colour": {"red"}, "use": {"running"},
        }  # fmt: skip


def test_a_spec_is_believed_more_than_prose_and_its_span_is_the_value(
    extractor: TextExtractor,
) -> None:
    (prose,) = read(extractor, "It is made of linen.")
    (spec,) = read(extractor, "Material: linen")
    assert (prose.confidence, spec.confidence) == (0.7, 0.95)
    assert spec.evidence.span == (10, 15)


def test_a_property_as_a_key_is_what_its_value_says(extractor: TextExtractor) -> None:
    assert said(extractor, "Waterproof: yes") == {"function": {"waterproof"}}
    assert said(extractor, "防水：是", "zh") == {"function": {"waterproof"}}
    assert said(extractor, "Waterproof: no") == said(extractor, "防水：否", "zh") == {}


def test_a_part_has_its_own_material(extractor: TextExtractor) -> None:
    text = "Lining: 100% polyester\nShell: 96% merino / 4% LYCRA®"
    assert said(extractor, text)["material"] == {"wool", "elastane"}


def test_a_share_makes_a_weak_word_a_material(extractor: TextExtractor) -> None:
    assert said(extractor, "A rubber feel.") == {}
    assert said(extractor, "30% rubber, 70% cotton") == {"material": {"rubber", "cotton"}}
    assert said(extractor, "成分含PU 30%", "zh") == {"material": {"faux leather"}}


def test_names_that_no_lexicon_knows_are_kept_as_written(extractor: TextExtractor) -> None:
    found = said(extractor, "Brand: Acme; Material: CoolTech™; Style: blorple")
    assert found == {"brand": {"Acme"}, "material": {"CoolTechTM"}}  # NFKC spells ™ out


def test_keys_without_a_kind_are_named(extractor: TextExtractor) -> None:
    item = CatalogItem("x", (LocalText("en", "Mug", TABLE), LocalText("zh", "", "等级：一等品")))
    assert extractor.unread(item) == ["Finish", "等级"]


def test_spans_of_keys_and_values() -> None:
    text = readable("Nice. Colour: dark red; see http://x.org: at 10:30")
    for one in specs(text):
        assert text[slice(*one.span)] == one.value
        assert text[slice(*one.key_span)] == one.key
    assert [(one.key, one.kind, one.value) for one in specs(text)][:1] == [
        ("Colour", "colour", "dark red")
    ]
