"""A shared entity as a predicate: ``is also a t-shirt``, ``is also for women``, ``同为女士款``.

A kind's phrase (kg/schema.py) fits every name that a shop may have written. English asks more
of a name than that: an article, a plural, whether it is an adjective at all. What the lexicon
is known to contain is said as people say it, anything else by the kind's phrase.
"""

from __future__ import annotations

from kg.schema import EntityKind

_PAIRS = frozenset(
    [
        "boots",
        "braces",
        "clogs",
        "flats",
        "glasses",
        "gloves",
        "heels",
        "jeans",
        "joggers",
        "leggings",
        "loafers",
        "sandals",
        "shoes",
        "shorts",
        "skis",
        "slippers",
        "socks",
        "sunglasses",
        "tights",
        "trainers",
        "trousers",
        "dungarees",
        "earrings",
        "flops",
        "poles",
        "headphones",
        "earphones",
    ]
)
#: Last words of things that are not counted.
_MASSES = frozenset(
    [
        "bedding",
        "beer",
        "candy",
        "chocolate",
        "clothing",
        "coffee",
        "cutlery",
        "decor",
        "equipment",
        "food",
        "furniture",
        "gear",
        "honey",
        "jewellery",
        "juice",
        "lighting",
        "oil",
        "perfume",
        "rice",
        "shampoo",
        "skincare",
        "soap",
        "software",
        "stationery",
        "sunscreen",
        "tea",
        "underwear",
        "swimwear",
        "wine",
        "kitchenware",
        "drinkware",
        "tableware",
        "polish",
        "foundation",
        "mascara",
        "cheese",
        "bread",
    ]
)
_ADJECTIVE_PATTERNS = frozenset(
    [
        "abstract",
        "checked",
        "dotted",
        "embroidered",
        "floral",
        "geometric",
        "plain",
        "quilted",
        "ribbed",
        "sequinned",
        "striped",
        "tie-dye",
        "tropical",
    ]
)
#: Functions that are something a product has, not something it is.
_HAD_FUNCTIONS = frozenset(
    {
        "bluetooth",
        "compression",
        "fast charging",
        "gps",
        "heart-rate monitoring",
        "laptop compartment",
        "noise cancelling",
        "remote control",
        "stretch",
        "uv protection",
        "voice control",
        "wireless charging",
    }
)
_HAD_FUNCTIONS_ZH = frozenset({"GPS", "弹力", "蓝牙", "笔记本隔层", "电脑隔层"})
_PLACES = frozenset(
    {"bathroom", "beach", "bedroom", "gym", "home office", "kitchen", "living room"}
    | {"nursery", "office"}
)
_USES = {
    "date": "dates",
    "everyday": "every day",
    "gift": "gifts",
    "marathon": "marathons",
    "outdoor": "the outdoors",
    "party": "parties",
    "wedding": "weddings",
    "christmas": "Christmas",
    "halloween": "Halloween",
    "spring festival": "the Spring Festival",
}
_AUDIENCES = {"unisex": "unisex", "baby": "for babies", "maternity": "for expectant mothers"}
_PEOPLES = frozenset({"chinese", "french", "japanese", "nordic"})


def entity_predicate(kind: EntityKind, name: str, /, *, chinese: bool) -> str:
    """What two items that share the entity called ``name`` have in common, as a predicate."""
    if chinese:
        # 运动风 is a style already: not 运动风风格.
        bare = name.removesuffix("风") if kind.name == "style" else name
        if kind.name == "function" and name in _HAD_FUNCTIONS_ZH:
            return f"同样有{name}"
        return kind.phrase_zh.format(name=bare)
    return _in_english(kind.name, name) or kind.phrase_en.format(name=name)


def _in_english(kind: str, name: str) -> str | None:
    """None where the kind's own phrase serves."""
    if kind == "category":
        return _of_category(name)
    if kind == "pattern" and name in _ADJECTIVE_PATTERNS:
        return f"is also {name}"
    if kind == "function" and name in _HAD_FUNCTIONS:
        return f"also has {name.upper() if name == 'gps' else name}"
    if kind == "use" and (name in _USES or name in _PLACES):
        return f"is also suitable for {_USES.get(name, f'the {name}')}"
    if kind == "audience" and name in _AUDIENCES:
        return f"is also {_AUDIENCES[name]}"
    if kind == "style" and name in _PEOPLES:
        return f"is also {name.capitalize()} in style"
    return None


def _of_category(name: str) -> str | None:
    """A lower-case name is a common noun of the lexicon; any other is the shop's own label."""
    if not name or name != name.lower() or not name[0].isalpha() or not name.isascii():
        return None
    last = name.rsplit(maxsplit=1)[-1]
    if last in _PAIRS:
        return f"is also a pair of {name}"
    if last in _MASSES:
        return f"is also {name}"
    if last.endswith("s") and not last.endswith(("ss", "us", "is", "lens")):
        return None
    return f"is also {'an' if name[0] in 'aeiou' else 'a'} {name}"
