"""A graph as sorted arrays: what learning reads, independent of the store it came from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kg.errors import DataError

Int32: TypeAlias = NDArray[np.int32]
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
    """n events sorted by (user, item, at_s, event); indices into the snapshot."""

    user: Int32
    item: Int32
    weight: Float32
    at_s: Float64
    event: Int32  # index into ``events``
    split: NDArray[np.int8]  # index into SPLITS or -1
    events: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.user)


@dataclass(frozen=True, slots=True, eq=False)
class ItemEntities:
    """Item -> entity statements sorted by (item, entity, modality): several may agree."""

    item: Int32
    entity: Int32
    confidence: Float32
    modality: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.item)


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Sorted by id, so that the same graph gives the same arrays and fingerprint."""

    items: tuple[ItemRow, ...]
    users: tuple[str, ...]
    profiles: tuple[Mapping[str, Any], ...]  # one per user
    entities: tuple[EntityRow, ...]
    interactions: Interactions
    item_entities: ItemEntities
    #: (type, source item index, target item index, score), sorted
    item_items: tuple[tuple[str, int, int, float], ...]
    fingerprint: str

    def item_index(self) -> dict[str, int]:
        """Item id -> index."""
        return {row.id: index for index, row in enumerate(self.items)}

    def user_index(self) -> dict[str, int]:
        """User id -> index."""
        return {user: index for index, user in enumerate(self.users)}


def build_snapshot(
    *,
    items: Iterable[ItemRow],
    users: Iterable[tuple[str, Mapping[str, Any]]],
    entities: Iterable[EntityRow] = (),
    interactions: Iterable[tuple[str, str, str, float, float, str | None]] = (),
    item_entities: Iterable[tuple[str, str, float, str]] = (),
    item_items: Iterable[tuple[str, str, str, float]] = (),
) -> Snapshot:
    """Sort, index and fingerprint rows given by external ids, in any order.

    ``interactions``: (user, item, event, weight, at_s, split); ``item_entities``:
    (item, entity, confidence, modality); ``item_items``: (type, source, target, score).
    DataError where a row names an id that is not among the nodes.
    """
    item_rows = tuple(sorted(items, key=lambda row: row.id))
    # Engines give properties in any order; the fingerprint must not see it.
    user_rows = sorted(
        ((user, dict(sorted(profile.items()))) for user, profile in users), key=lambda row: row[0]
    )
    entity_rows = tuple(sorted(entities, key=lambda row: row.id))
    item_of = {row.id: index for index, row in enumerate(item_rows)}
    user_of = {row[0]: index for index, row in enumerate(user_rows)}
    entity_of = {row.id: index for index, row in enumerate(entity_rows)}

    interactions = list(interactions)
    events = sorted({row[2] for row in interactions})
    event_of = {event: index for index, event in enumerate(events)}
    split_of: dict[str | None, int] = {name: code for code, name in enumerate(SPLITS)}
    event_table = sorted(
        (
            _index(user_of, user, "user"),
            _index(item_of, item, "item"),
            at_s,
            event_of[event],
            weight,
            split_of.get(split, -1),
        )
        for user, item, event, weight, at_s, split in interactions
    )
    statements = sorted(
        (_index(item_of, item, "item"), _index(entity_of, entity, "entity"), modality, confidence)
        for item, entity, confidence, modality in item_entities
    )
    links = tuple(
        sorted(
            (kind, _index(item_of, source, "item"), _index(item_of, target, "item"), score)
            for kind, source, target, score in item_items
        )
    )
    digest = hashlib.sha256()
    for part in (item_rows, user_rows, entity_rows, events, event_table, statements, links):
        for row in part:
            digest.update(repr(row).encode())
        digest.update(b"\x00")
    return Snapshot(
        items=item_rows,
        users=tuple(row[0] for row in user_rows),
        profiles=tuple(row[1] for row in user_rows),
        entities=entity_rows,
        interactions=Interactions(
            user=_column(event_table, 0, np.int32),
            item=_column(event_table, 1, np.int32),
            at_s=_column(event_table, 2, np.float64),
            event=_column(event_table, 3, np.int32),
            weight=_column(event_table, 4, np.float32),
            split=_column(event_table, 5, np.int8),
            events=tuple(events),
        ),
        item_entities=ItemEntities(
            item=_column(statements, 0, np.int32),
            entity=_column(statements, 1, np.int32),
            confidence=_column(statements, 3, np.float32),
            modality=tuple(row[2] for row in statements),
        ),
        item_items=links,
        fingerprint=digest.hexdigest(),
    )


def _index(index: Mapping[str, int], key: str, kind: str) -> int:
    try:
        return index[key]
    except KeyError:
        raise DataError(
            "snapshot", column=kind, value=key, expected="a node of the graph"
        ) from None


def _column(rows: Sequence[tuple[Any, ...]], position: int, dtype: Any) -> NDArray[Any]:
    return np.array([row[position] for row in rows], dtype=dtype)
