"""A drawn shop whose vectors show the category and the colour of each item."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kg.encoders import FloatMatrix
from kg.encoders.contract import unit_rows
from kg.items import CatalogItem, LocalText

WIDTHS = (12, 6)


def item(name: str, *, group: str | None = None, text: str = "", **columns: str) -> CatalogItem:
    stated = {kind: tuple(value.split("|")) for kind, value in columns.items() if value}
    return CatalogItem(name, (LocalText("en", text),), columns=stated, group=group)


def seen(codes: Sequence[tuple[int, int]], *, seed: int, noise: float = 0.25) -> FloatMatrix:
    """Vectors of two parts: the first shows the category (0-3), the second the colour (0-2)."""
    random = np.random.default_rng(seed + 1000)  # not the stream that drew the codes
    category, colour = np.array(codes).T
    first = np.eye(WIDTHS[0])[category] + noise * random.standard_normal((len(codes), WIDTHS[0]))
    second = np.eye(WIDTHS[1])[colour] + noise * random.standard_normal((len(codes), WIDTHS[1]))
    return np.hstack([unit_rows(first), unit_rows(second)]) / np.float32(np.sqrt(2))


CATEGORIES, COLOURS = ("dress", "alpha", "beta", "gamma"), ("red", "blue", "green")


def shop(count: int, *, seed: int) -> tuple[list[CatalogItem], FloatMatrix, list[tuple[int, int]]]:
    random = np.random.default_rng(seed)
    codes = [(int(a), int(b)) for a, b in random.integers(0, [4, 3], (count, 2))]
    items = [
        item(
            f"i{at}",
            category=CATEGORIES[a],
            colour=COLOURS[b],
            luck=str(random.integers(0, 3)),
            brand="only",
        )
        for at, (a, b) in enumerate(codes)
    ]
    return items, seen(codes, seed=seed), codes
