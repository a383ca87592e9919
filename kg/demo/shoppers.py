"""The demo's shoppers: hidden tastes, and the dated events and reviews that follow from them.

A shopper's utility of a product is a sum of tastes (part of the shop, kind, colours,
materials, brands, style, pattern, price band) plus the product's own appeal, which has a long
tail, plus Gumbel noise: the choice model of McFadden (1974). Nobody sees the tastes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kg.demo.products import Product, Tables

START = datetime(2026, 3, 1, tzinfo=UTC)
DAYS = 90
WEIGHTS = {"view": 0.3, "cart": 0.6, "purchase": 1.0}
_FIRST = tuple(
    "Ada Bo Carla Dev Elif Finn Gita Hugo Ines Jun Kai Lena Mei Noor Otis Pia Qing Rosa".split()  # noqa: SIM905
)
_LAST = tuple("ABCDFGHKLMNPRSTWZ")
_AGES = ("18-24", "25-34", "35-44", "45-54", "55+")


@dataclass(frozen=True, slots=True)
class Shopper:
    """A row of users.csv."""

    id: str
    name: str
    age_band: str
    language: str


@dataclass(frozen=True, slots=True)
class Event:
    """A row of interactions.csv."""

    at: datetime
    user: str
    item: str
    event: str


def invite(rng: Generator, *, users: int) -> list[Shopper]:
    """``users`` shoppers without tastes yet."""
    return [
        Shopper(
            id=f"U{number + 1:04d}",
            name=f"{rng.choice(_FIRST)} {rng.choice(_LAST)}.",
            age_band=_AGES[int(rng.choice(5, p=[0.2, 0.3, 0.22, 0.16, 0.12]))],
            language="zh" if rng.random() < 0.4 else "en",
        )
        for number in range(users)
    ]


def utilities(
    products: Sequence[Product], vocabulary: Tables, rng: Generator, *, users: int
) -> NDArray[np.float64]:
    """(users, products) utility without noise."""
    kinds = vocabulary["kinds"]
    rooms = sorted({row["room"] for row in kinds.values()})
    total = np.zeros((users, len(products)))
    room = rng.dirichlet([0.45] * len(rooms), size=users)
    kind = rng.gamma(0.9, size=(users, len(kinds)))
    kind_of = np.array([list(kinds).index(product.kind) for product in products])
    room_of = np.array([rooms.index(kinds[product.kind]["room"]) for product in products])
    total += 1.1 * np.log(room[:, room_of] + 0.02) + 0.7 * np.log(kind[:, kind_of] + 0.05)
    traits: list[tuple[float, int, str, list[tuple[str, ...]]]] = [
        (2.2, 3, "colours", [product.colours for product in products]),
        (1.2, 4, "materials", [(product.material,) for product in products]),
        (1.6, 2, "brands", [(product.brand,) for product in products]),
        (0.9, 2, "styles", [(product.style,) for product in products]),
        (0.8, 2, "patterns", [(product.pattern,) for product in products]),
        (1.0, 3, "uses", [product.uses for product in products]),
        (
            2.0,
            2,
            "audiences",
            [(product.audience,) if product.audience else () for product in products],
        ),
    ]
    for strength, favourites, table, values in traits:
        names = list(vocabulary[table])
        liked = np.zeros((users, len(names)))
        for row in liked:
            row[rng.permutation(len(names))[:favourites]] = 1.0
        has = np.zeros((len(products), len(names)))
        for index, found in enumerate(values):
            for rank, value in enumerate(found):
                has[index, names.index(value)] = 1.0 if table == "uses" or rank == 0 else 0.4
        total += strength * liked @ has.T
    tier = np.array([vocabulary["brands"][product.brand]["tier"] for product in products])
    purse = rng.normal(0.1, 0.35, size=(users, 1))
    total -= 1.2 * (np.log(tier)[None, :] - purse) ** 2
    appeal = np.log(1.0 / (1 + rng.permutation(len(products))))
    return total + 0.45 * appeal[None, :]


def shop(
    shoppers: Sequence[Shopper],
    products: Sequence[Product],
    utility: NDArray[np.float64],
    rng: Generator,
) -> list[Event]:
    """Events sorted by (at, user, item): the best-liked of what a shopper met, over 90 days."""
    events: list[Event] = []
    for shopper, liking in zip(shoppers, utility, strict=True):
        count = int(np.clip(rng.lognormal(2.65, 0.5), 5, len(products) // 3))
        felt = liking + 0.9 * rng.gumbel(size=len(products))
        chosen = np.argsort(-felt, kind="stable")[:count]
        visits = np.sort(rng.uniform(0, DAYS, size=max(2, count // 3)))
        bought = 1 / (1 + np.exp(-(felt[chosen] - np.median(felt[chosen]))))
        for item, chance in zip(chosen, bought, strict=True):
            day = float(visits[int(rng.integers(len(visits)))])
            at = START + timedelta(seconds=int(day * 86400 + rng.integers(3600)))
            product = products[int(item)].id
            events.append(Event(at, shopper.id, product, "view"))
            if rng.random() < 0.25 + 0.5 * chance:
                at += timedelta(seconds=int(rng.integers(40, 600)))
                events.append(Event(at, shopper.id, product, "cart"))
                if rng.random() < 0.80:
                    at += timedelta(seconds=int(rng.integers(60, 1800)))
                    events.append(Event(at, shopper.id, product, "purchase"))
    return sorted(events, key=lambda event: (event.at, event.user, event.item))


def review(
    events: Sequence[Event],
    people: tuple[Sequence[Shopper], NDArray[np.float64]],
    products: Sequence[Product],
    tables: tuple[Tables, Tables],
    rng: Generator,
) -> list[dict[str, Any]]:
    """Rows of reviews.jsonl: a quarter of the purchases, rated by how well they fit.

    ``people`` are the shoppers and their utilities; ``tables`` vocabulary and sentences.
    """
    shoppers, utility = people
    user_of = {shopper.id: index for index, shopper in enumerate(shoppers)}
    item_of = {product.id: index for index, product in enumerate(products)}
    rows: list[dict[str, Any]] = []
    for event in events:
        if event.event != "purchase" or rng.random() > 0.25:
            continue
        user, item = user_of[event.user], item_of[event.item]
        fit = float((utility[user] <= utility[user, item]).mean())
        rating = int(np.clip(round(5.6 * fit - 0.9 + rng.normal(0, 0.8)), 1, 5))
        language = shoppers[user].language
        sentences: Mapping[str, Any] = tables[1][language]
        lines = sentences["good" if rating > 3 else "fair" if rating == 3 else "poor"]
        noun = tables[0]["kinds"][products[item].kind][language][0]
        rows.append(
            {
                "id": f"R{len(rows) + 1:05d}",
                "user": event.user,
                "item": event.item,
                "rating": rating,
                "title": sentences["headlines"][rating - 1],
                "text": str(lines[int(rng.integers(len(lines)))]).format(kind=noun),
                "at": _stamp(event.at + timedelta(days=3, seconds=int(rng.integers(86400 * 9)))),
            }
        )
    return rows


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def event_row(event: Event) -> list[str]:
    """user, item, event, at, weight as written to interactions.csv."""
    return [event.user, event.item, event.event, _stamp(event.at), str(WEIGHTS[event.event])]
