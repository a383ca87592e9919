"""A shop's graph of any size, made from a seed: what stores are measured on.

Items, users and entities of seven kinds; popularity, activity and entities follow Zipf's law, so
that a few nodes are hubs. No two relationships have the same identity and none dangles, so a
store that holds the graph holds exactly as many rows as were made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kg.graph import NodeRow, PropertyValue, RelationshipRow
from kg.schema import DEFAULT_SCHEMA

#: First day of the 90 that events spread over: 2026-01-01, UTC.
START_S = 1_767_225_600
DAYS = 90
_SHARE_ITEMS, _SHARE_ENTITIES = 0.4, 0.05
#: Of the relationships; the rest are INTERACTED.
_SHARES = {
    "entities": 0.36,
    "REVIEWED": 0.04,
    "LINKED_TO": 0.04,
    "BOUGHT_WITH": 0.03,
    "VARIANT_OF": 0.015,
}
#: Kind -> (share of the entity nodes, share of the items' statements).
_KINDS = {
    "brand": (0.42, 0.14),
    "category": (0.08, 0.14),
    "colour": (0.01, 0.20),
    "material": (0.02, 0.16),
    "style": (0.02, 0.10),
    "use": (0.05, 0.10),
    "topic": (0.40, 0.16),
}
_EVENTS, _WEIGHTS = ("view", "cart", "purchase"), (0.2, 0.5, 1.0)
_MODALITIES = ("column", "text", "image")
_GOODS = (
    ("shirt", "衬衫"),
    ("dress", "连衣裙"),
    ("jacket", "夹克"),
    ("lamp", "台灯"),
    ("mug", "马克杯"),
    ("backpack", "背包"),
    ("boots", "靴子"),
    ("blanket", "毛毯"),
)
_LOOKS = (
    ("red", "红色"),
    ("navy", "藏青色"),
    ("striped", "条纹"),
    ("linen", "亚麻"),
    ("wool", "羊毛"),
    ("compact", "小巧"),
    ("classic", "经典"),
    ("waterproof", "防水"),
)
_Index = NDArray[np.int64]


def generated_graph(
    *, nodes: int = 100_000, relationships: int = 1_000_000, seed: int = 1
) -> tuple[list[NodeRow], list[RelationshipRow]]:
    """``nodes`` nodes and ``relationships`` relationships, in random order; same seed, same rows.

    Items ``item-N``, users ``user-N``, entities ``KIND:N``; smaller N are more popular, more
    active. ValueError for fewer than 200 nodes or more relationships than fit without repeats.
    """
    if nodes < 200 or relationships > nodes * 20:
        raise ValueError(f"{nodes} nodes, {relationships} relationships: at least 200, at most 20x")
    rng = np.random.default_rng(seed)
    entities = {
        kind: max(3, round(share * _SHARE_ENTITIES * nodes)) for kind, (share, _) in _KINDS.items()
    }
    items = round(_SHARE_ITEMS * nodes)
    users = nodes - items - sum(entities.values())
    node_rows = [
        *_items(rng, items),
        *(NodeRow("User", f"user-{n}", profile) for n, profile in enumerate(_profiles(rng, users))),
        *_entities(entities),
    ]
    counts = {name: round(share * relationships) for name, share in _SHARES.items()}
    made = [
        *_statements(rng, items, entities, counts["entities"]),
        *_variants(items, min(counts["VARIANT_OF"], items // 4)),
        *_links(rng, "LINKED_TO", items, counts["LINKED_TO"]),
        *_links(rng, "BOUGHT_WITH", items, counts["BOUGHT_WITH"]),
        *_reviews(rng, users, items, counts["REVIEWED"]),
    ]
    made += _interactions(rng, users, items, relationships - len(made))
    # As rows come from several files: in no order that a store would choose.
    return (
        [node_rows[index] for index in rng.permutation(len(node_rows))],
        [made[index] for index in rng.permutation(len(made))],
    )


def _items(rng: np.random.Generator, count: int) -> Iterator[NodeRow]:
    prices = np.round(np.exp(rng.normal(3.2, 0.8, count)), 2)
    picks = rng.integers(0, 8, (count, 3))
    for n in range(count):
        look, other, good = _LOOKS[picks[n, 0]], _LOOKS[picks[n, 1]], _GOODS[picks[n, 2]]
        english = f"{look[0].title()} {other[0]} {good[0]} {n}"
        properties: dict[str, PropertyValue] = {
            "title": english,
            "title_en": english,
            "title_zh": f"{look[1]}{other[1]}{good[1]} {n}",
            "price": float(prices[n]),
            "image": f"images/{n:06d}.jpg",
            "text_hash": f"{n * 2_654_435_761 % (1 << 64):032x}",
            # Four items a group; variants of the first of them.
            "group": f"group-{n // 4}",
        }
        yield NodeRow("Item", f"item-{n}", properties)


def _profiles(rng: np.random.Generator, count: int) -> Iterator[dict[str, PropertyValue]]:
    ages, clubs = rng.integers(16, 80, count), rng.integers(0, 3, count)
    for age, club in zip(ages.tolist(), clubs.tolist(), strict=True):
        yield {"age": age, "club": ("none", "silver", "gold")[club]}


def _entities(counts: dict[str, int]) -> Iterator[NodeRow]:
    for kind, count in counts.items():
        for n in range(count):
            name = f"{kind} {n}"
            properties: dict[str, PropertyValue] = {"name": name, "name_en": name}
            properties["name_zh"] = f"{_LOOKS[n % 8][1]}{n}"
            yield NodeRow(DEFAULT_SCHEMA.kind(kind).label, f"{kind}:{n}", properties)


def _statements(
    rng: np.random.Generator, items: int, entities: dict[str, int], count: int
) -> Iterator[RelationshipRow]:
    left = count
    for position, (kind, (_, share)) in enumerate(_KINDS.items()):
        wanted = left if position == len(_KINDS) - 1 else round(share * count)
        left -= wanted
        known = DEFAULT_SCHEMA.kind(kind)
        columns = [rng.integers(0, items, wanted * 2)]
        columns.append(_zipf(rng, entities[kind], wanted * 2, exponent=0.9))
        columns.append(rng.integers(0, len(_MODALITIES), wanted * 2))
        confidences = np.round(rng.uniform(0.3, 1.0, wanted), 3).tolist()
        for (item, entity, how), confidence in zip(
            _distinct(columns, wanted), confidences, strict=True
        ):
            quote = f"{kind} {entity}"
            evidence = {"field": "title.en", "quote": quote, "span": [4, 4 + len(quote)]}
            properties: dict[str, PropertyValue] = {
                "modality": _MODALITIES[how],
                "confidence": confidence,
                "extractor": "generated",
                "evidence": json.dumps(evidence | {"region": None}),
            }
            ends = ("Item", f"item-{item}", known.label, f"{kind}:{entity}")
            yield RelationshipRow(known.relationship, *ends, properties)


def _variants(items: int, count: int) -> Iterator[RelationshipRow]:
    for group in range(count):
        first, other = f"item-{group * 4 % items}", f"item-{group * 4 % items + 1}"
        yield RelationshipRow("VARIANT_OF", "Item", other, "Item", first, {"score": 1.0})


def _links(
    rng: np.random.Generator, type_: str, items: int, count: int
) -> Iterator[RelationshipRow]:
    source = rng.integers(0, items, count * 2)
    target = (source + 1 + _zipf(rng, items - 1, count * 2, exponent=0.8)) % items
    scores = np.round(rng.uniform(0, 1, count), 4).tolist()
    for (one, other), score in zip(_distinct([source, target], count), scores, strict=True):
        properties: dict[str, PropertyValue] = {"score": score}
        if type_ == "LINKED_TO":
            properties = {"kind": ("related", "upsell", "crosssell")[one % 3], "position": one % 9}
        yield RelationshipRow(type_, "Item", f"item-{one}", "Item", f"item-{other}", properties)


def _reviews(
    rng: np.random.Generator, users: int, items: int, count: int
) -> Iterator[RelationshipRow]:
    user, item = _zipf(rng, users, count, exponent=0.5), _zipf(rng, items, count, exponent=0.8)
    at, stars = rng.integers(0, DAYS * 86_400, count), rng.integers(1, 6, count)
    rows = zip(user.tolist(), item.tolist(), at.tolist(), stars.tolist(), strict=True)
    for n, (who, what, second, rating) in enumerate(rows):
        properties: dict[str, PropertyValue] = {
            "review_id": f"review-{n}",
            "rating": float(rating),
            "title": f"{rating} stars",
            "text": f"A review of item {what}: worn for {second % 60} days and {rating} of 5.",
            "at_s": float(START_S + second),
        }
        yield RelationshipRow("REVIEWED", "User", f"user-{who}", "Item", f"item-{what}", properties)


def _interactions(
    rng: np.random.Generator, users: int, items: int, count: int
) -> Iterator[RelationshipRow]:
    more = count + count // 10 + 100
    columns = [_zipf(rng, users, more, exponent=0.5), _zipf(rng, items, more, exponent=0.8)]
    columns += [rng.integers(0, DAYS * 86_400, more), rng.choice(3, more, p=(0.7, 0.2, 0.1))]
    for user, item, second, event in _distinct(columns, count):
        properties: dict[str, PropertyValue] = {
            "event": _EVENTS[event],
            "at_s": float(START_S + second),
            "weight": _WEIGHTS[event],
            "split": "train" if second < 80 * 86_400 else "test",
        }
        yield RelationshipRow(
            "INTERACTED", "User", f"user-{user}", "Item", f"item-{item}", properties
        )


def _zipf(rng: np.random.Generator, count: int, size: int, *, exponent: float) -> _Index:
    """``size`` indices below ``count``, index n as likely as (n + 1) ** -exponent."""
    weights = np.cumsum(np.arange(1, count + 1, dtype=np.float64) ** -exponent)
    return np.searchsorted(weights, rng.uniform(0, weights[-1], size), side="right")


def _distinct(columns: list[_Index], count: int) -> list[list[int]]:
    """The first ``count`` different rows of ``columns``; ValueError where there are fewer."""
    table = np.stack(columns, axis=1)
    _, first = np.unique(table, axis=0, return_index=True)
    if len(first) < count:
        raise ValueError(f"{count} relationships asked for, only {len(first)} differ")
    rows: list[list[int]] = table[np.sort(first)[:count]].tolist()
    return rows
