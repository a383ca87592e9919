"""What items' columns state, as targets to learn from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from kg.extraction.lexicon import canonical
from kg.items import CatalogItem
from kg.schema import entity_id

#: Products that must have a value before it can be learned; a rarer one is never stated.
LEAST_PRODUCTS = 4
#: Labelled products below which a kind is left alone.
LEAST_LABELLED = 20
#: A kind is single-valued while at most this share of its items states several values.
_SEVERAL = 0.02


@dataclass(frozen=True, slots=True, eq=False)
class KnownLabels:
    """The values of one kind: ``targets[i, j]`` where item i states ``values[j]``.

    A labelled item with nothing but rare values has an empty row: it teaches what is none of
    ``values``, and counts as wrong whatever is said of it.
    """

    kind: str
    values: tuple[str, ...]  # as the graph spells them, sorted
    labelled: NDArray[np.bool_]  # (n,)
    targets: NDArray[np.bool_]  # (n, len(values))
    single: bool


def known_labels(
    items: Sequence[CatalogItem],
    *,
    kinds: Sequence[str] | None = None,
    present: NDArray[np.bool_] | None = None,
) -> list[KnownLabels]:
    """Learnable kinds by name: two values and LEAST_LABELLED products or more.

    ``kinds``: only these; None tries every kind that a column states. An item that is not
    ``present`` (it has nothing to learn from) counts as not labelled. Spellings that are one
    entity of the graph (Red, RED, 红色) are one value.
    """
    wanted = (
        kinds if kinds is not None else sorted({kind for item in items for kind in item.columns})
    )
    groups = products(items)
    there_is = np.ones(len(items), dtype=bool) if present is None else present
    found = []
    for kind in sorted(set(wanted)):
        stated = [
            {entity(kind, value) for value in item.columns.get(kind, ())} if there else set()
            for item, there in zip(items, there_is, strict=True)
        ]
        of_value: dict[str, set[int]] = defaultdict(set)
        for group, values in zip(groups.tolist(), stated, strict=True):
            for value in values:
                of_value[value].add(group)
        kept = sorted(value for value, those in of_value.items() if len(those) >= LEAST_PRODUCTS)
        labelled = np.array([bool(values) for values in stated])
        if len(kept) < 2 or len(np.unique(groups[labelled])) < LEAST_LABELLED:
            continue
        targets = np.array([[value in values for value in kept] for values in stated])
        several = np.mean([len(values) > 1 for values in stated if values])
        spelt = spellings(kind, items)
        names = tuple(spelt[value] for value in kept)
        found.append(KnownLabels(kind, names, labelled, targets, bool(several <= _SEVERAL)))
    return found


def products(items: Sequence[CatalogItem]) -> NDArray[np.int64]:
    """(n,) codes, equal for the variants of one product: they must not be on both sides."""
    names = [item.id if item.group is None else f"group {item.group}" for item in items]
    return np.asarray(np.unique(names, return_inverse=True)[1], dtype=np.int64).ravel()


@cache
def _canonical_value(kind: str, value: str) -> str | None:
    known = canonical(kind, value)
    return None if known is None else known.value


def entity(kind: str, value: str) -> str:
    """The id of the graph's entity that a column's ``value`` becomes."""
    return entity_id(kind, _canonical_value(kind, value) or value)


def spellings(kind: str, items: Sequence[CatalogItem]) -> dict[str, str]:
    """Entity -> the lexicon's spelling, or the catalogue's most frequent one."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for item in items:
        for value in item.columns.get(kind, ()):
            counts[entity(kind, value)][_canonical_value(kind, value) or value.strip()] += 1
    return {
        name: min(of_entity, key=lambda spelling: (-of_entity[spelling], spelling))
        for name, of_entity in counts.items()
    }
