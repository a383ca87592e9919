"""The tables of a snapshot: rows of nodes, and relationships as sorted columns of numbers.

A table's order is decided by everything it holds, so that the same relationships in any order
give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Int32: TypeAlias = NDArray[np.int32]
Int8: TypeAlias = NDArray[np.int8]
Float32: TypeAlias = NDArray[np.float32]
Float64: TypeAlias = NDArray[np.float64]

#: Code of an interaction's split; -1 where none was given.
SPLITS = ("train", "valid", "test")


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item of a snapshot: what features and answers need, no embeddings."""

    id: str
    title: str
    titles: Mapping[str, str]  # language -> title
    price: float | None = None
    image: str | None = None  # path of the main picture
    text_hash: str | None = None  # key of its vector in the vector store
    image_hash: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class EntityRow:
    """One entity: ``kind`` is the kind's name (``colour``), ``names`` by language."""

    id: str
    kind: str
    name: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Interactions:
    """n events sorted by (user, item, at_s, event, weight, split); indices into the snapshot."""

    user: Int32
    item: Int32
    weight: Float32
    at_s: Float64
    event: Int32  # index into ``events``
    split: Int8  # index into SPLITS or -1
    events: tuple[str, ...]  # sorted, each used

    def __len__(self) -> int:
        return len(self.user)


@dataclass(frozen=True, slots=True, eq=False)
class ItemEntities:
    """Item -> entity statements sorted by (item, entity, modality, confidence).

    Several may agree: one a modality.
    """

    item: Int32
    entity: Int32
    confidence: Float32
    modality: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.item)


@dataclass(frozen=True, slots=True, eq=False)
class ItemItems:
    """Item -> item relationships sorted by (type, source, target, score).

    As a sequence: (type, source item index, target item index, score).
    """

    type: Int32  # index into ``types``
    source: Int32
    target: Int32
    score: Float64
    types: tuple[str, ...]  # sorted, each used

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, row: int) -> tuple[str, int, int, float]:
        name = self.types[self.type[row]]
        return name, int(self.source[row]), int(self.target[row]), float(self.score[row])

    def __iter__(self) -> Iterator[tuple[str, int, int, float]]:
        return (self[row] for row in range(len(self)))


def interactions_table(
    user: Int32,
    item: Int32,
    *,
    weight: NDArray[Any],
    at_s: NDArray[Any],
    event: Int32,
    events: Sequence[str],
    split: Int8,
) -> Interactions:
    """Columns in any order to the table; ``event`` are codes into ``events``, in any order."""
    event, events = _used(event, events)
    # -0.0 equals 0.0, so its bytes must too.
    weight = weight.astype(np.float32, copy=False) + np.float32(0)
    at_s = at_s.astype(np.float64, copy=False) + 0.0
    order = np.lexsort((split, weight, event, at_s, item, user))
    return Interactions(
        user[order], item[order], weight[order], at_s[order], event[order], split[order], events
    )


def item_entities_table(
    item: Int32,
    entity: Int32,
    *,
    confidence: NDArray[Any],
    modality: Int32,
    modalities: Sequence[str],
) -> ItemEntities:
    """Columns in any order to the table; ``modality`` are codes into ``modalities``."""
    modality, names = _used(modality, modalities)
    confidence = confidence.astype(np.float32, copy=False) + np.float32(0)
    order = np.lexsort((confidence, modality, entity, item))
    spelled = tuple(map(names.__getitem__, modality[order].tolist()))
    return ItemEntities(item[order], entity[order], confidence[order], spelled)


def item_items_table(
    type_: Int32,
    source: Int32,
    target: Int32,
    *,
    score: NDArray[Any],
    types: Sequence[str],
) -> ItemItems:
    """Columns in any order to the table; ``type_`` are codes into ``types``."""
    type_, types = _used(type_, types)
    score = score.astype(np.float64, copy=False) + 0.0
    order = np.lexsort((score, target, source, type_))
    return ItemItems(type_[order], source[order], target[order], score[order], types)


def _used(codes: Int32, names: Sequence[str]) -> tuple[Int32, tuple[str, ...]]:
    """Codes into the sorted names that occur."""
    used = sorted(np.unique(codes).tolist(), key=lambda code: names[code])
    new = np.zeros(len(names), dtype=np.int32)
    new[used] = np.arange(len(used), dtype=np.int32)
    return new[codes], tuple(names[code] for code in used)
