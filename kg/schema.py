"""The graph schema: the only list of labels, relationship types and entity kinds.

(:User {id}) (:Item {id, title, ...}) (:Entity:<Kind> {id, name, name_en, name_zh})
(User)-[:INTERACTED {event, at_s, weight, split}]->(Item)
(User)-[:REVIEWED {review_id, rating, title, text, at_s}]->(Item)
(Item)-[:HAS_BRAND|HAS_COLOUR|... {confidence, modality, extractor, evidence}]->(Entity)
(Item)-[:VARIANT_OF {score}]->(Item)   to the variant with the smallest id of its group
(Item)-[:LINKED_TO {kind, position}]->(Item)   the merchant's related, upsell, crosssell
(Item)-[:BOUGHT_WITH|SIMILAR_TO {score}]->(Item)   (Entity)-[:BROADER|SAME_AS]->(Entity)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

from kg.errors import SchemaError

NODE_LABELS = ("Item", "User", "Entity")
INTERACTED, REVIEWED = "INTERACTED", "REVIEWED"
VARIANT_OF, LINKED_TO, BOUGHT_WITH, SIMILAR_TO = (
    "VARIANT_OF",
    "LINKED_TO",
    "BOUGHT_WITH",
    "SIMILAR_TO",
)
BROADER, SAME_AS = "BROADER", "SAME_AS"
ITEM_ITEM_TYPES = (VARIANT_OF, LINKED_TO, BOUGHT_WITH, SIMILAR_TO)
#: Properties that, beside the two ends, tell one relationship of a type from another.
RELATIONSHIP_KEYS: Mapping[str, tuple[str, ...]] = {
    INTERACTED: ("event", "at_s"),
    REVIEWED: ("review_id",),
    LINKED_TO: ("kind",),
}


def relationship_keys(type_: str) -> tuple[str, ...]:
    """Properties that, beside the two ends, identify a relationship of type ``type_``.

    An item's statement about an entity is one relationship a modality: column, text and
    picture may agree, and each keeps its own confidence and evidence.
    """
    if type_ in RELATIONSHIP_KEYS:
        return RELATIONSHIP_KEYS[type_]
    single = (*ITEM_ITEM_TYPES, BROADER, SAME_AS)
    return () if type_ in single else ("modality",)


@dataclass(frozen=True, slots=True)
class EntityKind:
    """A kind of entity: ``colour`` -> label ``Colour``, type ``HAS_COLOUR``."""

    name: str
    label: str
    relationship: str
    #: How a reason reads with it: "is also red", "is also made of linen".
    phrase_en: str = "shares {name}"
    phrase_zh: str = "同样具有{name}"


def _kind(name: str, relationship: str, en: str, zh: str) -> EntityKind:
    return EntityKind(name, name.title().replace("_", ""), relationship, en, zh)


_DEFAULT_KINDS = (
    _kind("brand", "HAS_BRAND", "is also by {name}", "同为{name}品牌"),
    _kind("category", "HAS_CATEGORY", "is the same kind of product ({name})", "同样是{name}"),
    _kind("colour", "HAS_COLOUR", "is also {name}", "同为{name}"),
    _kind("material", "MADE_OF", "is also made of {name}", "同为{name}材质"),
    _kind("pattern", "HAS_PATTERN", "has the same pattern ({name})", "同为{name}款"),
    _kind("style", "HAS_STYLE", "is also {name} in style", "同属{name}风格"),
    _kind("use", "SUITABLE_FOR", "is also suitable for {name}", "同样适合{name}"),
    _kind("function", "HAS_FUNCTION", "is also {name}", "同样{name}"),
    _kind("audience", "MADE_FOR", "is also for {name}", "同为{name}款"),
    _kind("topic", "ABOUT", "is also about {name}", "同样关于{name}"),
    _kind("aspect", "HAS_ASPECT", "is also noted for {name}", "同样以{name}见长"),
    _kind("measurement", "HAS_MEASUREMENT", "has the same measure ({name})", "同为{name}"),
)


#: Names in Chinese of kinds that configuration often adds.
_SPOKEN_ZH: Mapping[str, str] = {
    "collection": "系列",
    "colour_family": "色系",
    "colour_value": "明暗",
    "decade": "年代",
    "department": "部门",
    "fit": "版型",
    "garment_group": "服装类别",
    "genre": "类型",
    "product_group": "品类",
    "scent": "香型",
    "season": "季节",
    "section": "专区",
    "series": "系列",
    "size": "尺码",
}


@dataclass(frozen=True, slots=True)
class GraphSchema:
    """Entity kinds by name: the defaults and those that configuration adds."""

    kinds: Mapping[str, EntityKind] = field(
        default_factory=lambda: {kind.name: kind for kind in _DEFAULT_KINDS}
    )

    def extended(self, names: tuple[str, ...]) -> GraphSchema:
        """A schema that also has ``names`` (snake_case); known names stay as they are."""
        added = dict(self.kinds)
        for name in names:
            if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
                raise SchemaError(
                    "schema", column="entity kind", value=name, expected="a snake_case name"
                )
            if name not in added:
                spoken = name.replace("_", " ")
                added[name] = _kind(
                    name,
                    f"HAS_{name.upper()}",
                    f"has the same {spoken} ({{name}})",
                    f"{_SPOKEN_ZH.get(name, f' {spoken} ')}同为“{{name}}”".strip(),
                )
        return GraphSchema(added)

    def kind(self, name: str) -> EntityKind:
        """The kind called ``name``; SchemaError lists the known ones."""
        try:
            return self.kinds[name]
        except KeyError:
            known = ", ".join(sorted(self.kinds))
            raise SchemaError(
                "schema", column="entity kind", value=name, expected=f"one of: {known}"
            ) from None


DEFAULT_SCHEMA = GraphSchema()


def entity_id(kind: str, value: str) -> str:
    """``("colour", " Dark  Blue ") -> "colour:dark blue"``: NFKC, case-folded, single spaces."""
    text = unicodedata.normalize("NFKC", value).casefold()
    return f"{kind}:{' '.join(text.split())}"
