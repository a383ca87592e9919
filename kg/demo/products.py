"""The demo's products with their true attributes, drawn from a seeded generator."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, TypeAlias

import numpy as np
from numpy.random import Generator

Tables: TypeAlias = Mapping[str, Mapping[str, Any]]

#: Second colours of patterns; one that differs from the main colour in lightness is taken.
_SECOND = {"white": 95, "beige": 80, "black": 15, "navy": 20}
_DARK = {"black", "navy", "burgundy", "brown", "olive", "purple", "blue", "red", "green", "grey"}


@dataclass(frozen=True, slots=True)
class Product:
    """One product; every field but id, group, name and price is an attribute to be found."""

    id: str
    group: str
    name: int  # index into the list of names of either language
    kind: str
    colours: tuple[str, ...]  # main colour first
    pattern: str
    material: str
    audience: str | None
    style: str
    uses: tuple[str, ...]
    functions: tuple[str, ...]
    negated: tuple[str, ...]  # functions that its texts deny
    brand: str
    price: float

    def truth(self) -> dict[str, list[str]]:
        """Entity kind -> true values."""
        found = {
            "category": [self.kind],
            "colour": list(self.colours),
            "pattern": [self.pattern],
            "material": [self.material],
            "style": [self.style],
            "use": list(self.uses),
            "function": list(self.functions),
            "brand": [self.brand],
        }
        return found | ({"audience": [self.audience]} if self.audience else {})


def load_table(name: str) -> Tables:
    """A TOML file of this package."""
    return tomllib.loads(files("kg.demo").joinpath(name).read_text(encoding="utf-8"))


def design_products(vocabulary: Tables, rng: Generator, *, items: int) -> list[Product]:
    """``items`` products; designs come in one to four colours that share a group."""
    kinds = vocabulary["kinds"]
    names = list(kinds)
    shares = np.array([kinds[kind]["share"] for kind in names], dtype=float)
    products: list[Product] = []
    design = 0
    while len(products) < items:
        # Every kind appears before chance decides, however small the shop is.
        kind = names[design] if design < len(names) else _pick(names, rng, shares / shares.sum())
        first = _design(vocabulary, kind, rng, design=design)
        variants = min(
            int(rng.choice([1, 2, 3, 4], p=[0.35, 0.3, 0.2, 0.15])), items - len(products)
        )
        mains = rng.permutation(list(vocabulary["colours"]))[:variants]
        for main in mains:
            products.append(_coloured(first, str(main), rng, number=len(products) + 1))
        design += 1
    return products


def _pick(values: Sequence[str], rng: Generator, p: Any = None) -> str:
    return str(values[int(rng.choice(len(values), p=p))])


def _some(values: Sequence[str], rng: Generator, most: int) -> tuple[str, ...]:
    count = min(int(rng.integers(1, most + 1)), len(values))
    return tuple(str(value) for value in rng.permutation(values)[:count])


def _design(vocabulary: Tables, kind: str, rng: Generator, *, design: int) -> Product:
    table = vocabulary["kinds"][kind]
    brands = vocabulary["brands"]
    weight = np.array([6.0 if row["room"] == table["room"] else 1.0 for row in brands.values()])
    brand = _pick(list(brands), rng, weight / weight.sum())
    functions = _some(table["functions"], rng, 2)
    rest = [function for function in table["functions"] if function not in functions]
    price = table["price"] * brands[brand]["tier"] * np.exp(rng.normal(0, 0.22))
    return Product(
        id="",
        group=f"G{design + 1:04d}",
        name=int(rng.integers(1000)),
        kind=kind,
        colours=(),
        pattern=_pick(table["patterns"], rng),
        material=_pick(table["materials"], rng),
        audience=_pick(table["audiences"], rng) if table["audiences"] else None,
        style=_pick(table["styles"], rng),
        uses=_some(table["uses"], rng, 2),
        functions=functions,
        negated=(_pick(rest, rng),) if rest and rng.random() < 0.25 else (),
        brand=brand,
        price=float(np.floor(price) + rng.choice([0.0, 0.5, 0.9, 0.95, 0.99])),
    )


def _coloured(design: Product, main: str, rng: Generator, *, number: int) -> Product:
    colours: tuple[str, ...] = (main,)
    if design.pattern != "plain":
        light = [name for name, lightness in _SECOND.items() if (lightness > 50) == (main in _DARK)]
        colours += (_pick([name for name in light if name != main], rng),)
    fields = {name: getattr(design, name) for name in Product.__slots__}
    return Product(**fields | {"id": f"D{number:04d}", "colours": colours})
