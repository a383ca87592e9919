"""Sentences that a value's name is put into before it is compared with pictures.

One word alone is not what texts beside pictures look like; the mean over several sentences is
nearer to them, and less dependent on any one wording (Radford et al. 2021).
"""

from __future__ import annotations

_ANY: dict[str, tuple[str, ...]] = {
    "en": ("{}", "a photo of a product: {}", "a {} product in a shop"),
    "zh": ("{}", "一张商品照片：{}", "商店里的{}商品"),
}
_BY_KIND: dict[str, dict[str, tuple[str, ...]]] = {
    "category": {
        "en": ("{}", "a photo of a {}", "a product photo of a {}", "the {} on a white background"),
        "zh": ("{}", "一张{}的照片", "{}的商品图", "白色背景上的{}"),
    },
    "colour": {
        "en": ("{}", "a {} product", "a photo of something {}", "clothes in {}"),
        "zh": ("{}", "{}的商品", "一张{}物品的照片", "{}的衣服"),
    },
    "material": {
        "en": ("{}", "made of {}", "a photo of a product made of {}", "{} fabric"),
        "zh": ("{}", "{}材质", "一张{}制品的照片", "{}面料"),
    },
    "pattern": {
        "en": ("{}", "a {} pattern", "a photo of fabric with a {} pattern", "{} print"),
        "zh": ("{}", "{}图案", "一张{}花纹布料的照片", "{}印花"),
    },
    "style": {
        "en": ("{}", "{} style", "a photo of a product in {} style"),
        "zh": ("{}", "{}风格", "一张{}风格商品的照片"),
    },
    "audience": {
        "en": ("{}", "for {}", "a photo of a product for {}"),
        "zh": ("{}", "{}款", "一张适合{}的商品照片"),
    },
}


def prompts(kind: str, language: str) -> tuple[str, ...]:
    """Forms with one ``{}`` each; those for any kind, and English, where there are no others."""
    forms = _BY_KIND.get(kind, _ANY)
    return forms.get(language, forms["en"])
