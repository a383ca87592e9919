"""Reasons read as people speak, whatever a shop has written."""

from __future__ import annotations

import pytest

from gnn.reason_entities import entity_predicate
from gnn.reasons import because
from kg.schema import DEFAULT_SCHEMA

SCHEMA = DEFAULT_SCHEMA.extended(("department", "garment_group", "mood"))


@pytest.mark.parametrize(
    ("kind", "name", "english", "name_zh", "chinese"),
    [
        ("category", "t-shirt", "is also a t-shirt", "T恤", "同样是T恤"),
        ("category", "umbrella", "is also an umbrella", "雨伞", "同样是雨伞"),
        ("category", "trainers", "is also a pair of trainers", "运动鞋", "同样是运动鞋"),
        ("category", "furniture", "is also furniture", "家具", "同样是家具"),
        ("category", "dress", "is also a dress", "连衣裙", "同样是连衣裙"),
        ("category", "tops", "is the same kind of product (tops)", "上衣", "同样是上衣"),
        ("category", "Men", "is the same kind of product (Men)", "Men", "同样是Men"),
        ("audience", "unisex", "is also unisex", "中性", "同为中性款"),
        ("audience", "women", "is also for women", "女士", "同为女士款"),
        ("style", "sporty", "is also sporty in style", "运动风", "同属运动风格"),
        ("style", "nordic", "is also Nordic in style", "北欧", "同属北欧风格"),
        ("colour", "dark grey", "is also dark grey", "深灰色", "同为深灰色"),
        ("function", "machine washable", "is also machine washable", "可机洗", "同样可机洗"),
        ("function", "bluetooth", "also has bluetooth", "蓝牙", "同样有蓝牙"),
        ("use", "camping", "is also suitable for camping", "露营", "同样适合露营"),
        ("use", "living room", "is also suitable for the living room", "客厅", "同样适合客厅"),
        ("use", "party", "is also suitable for parties", "聚会", "同样适合聚会"),
        ("material", "linen", "is also made of linen", "亚麻", "同为亚麻材质"),
        ("pattern", "striped", "is also striped", "条纹", "同为条纹款"),
        ("pattern", "Melange", "has the same pattern (Melange)", "混色", "同为混色款"),
        ("brand", "Quiet Oak", "is also by Quiet Oak", "Quiet Oak", "同为Quiet Oak品牌"),
        ("department", "Knit", "has the same department (Knit)", "Knit", "部门同为“Knit”"),
        ("mood", "calm", "has the same mood (calm)", "calm", "mood 同为“calm”"),
    ],
)
def test_a_shared_entity_reads(
    kind: str, name: str, english: str, name_zh: str, chinese: str
) -> None:
    assert entity_predicate(SCHEMA.kind(kind), name, chinese=False) == english
    assert entity_predicate(SCHEMA.kind(kind), name_zh, chinese=True) == chinese


def test_predicates_share_a_sentence() -> None:
    said = [
        entity_predicate(SCHEMA.kind(kind), name, chinese=False)
        for kind, name in (("category", "mug"), ("department", "Home"), ("colour", "red"))
    ]
    assert because("Cup", "purchase", said, language="en") == (
        "because you bought Cup, which is also a mug, "
        "has the same department (Home) and is also red"
    )
