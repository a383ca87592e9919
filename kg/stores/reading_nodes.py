"""The nodes of a snapshot: those read anew, those kept, and where each of before is now."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from kg.snapshot import EntityRow, Int32, ItemRow, Profile, Snapshot
from kg.stores.connection import Connection
from kg.stores.reading_pages import ids_of, pages

_LANGUAGES = ("en", "zh")
_NOT_PROFILE = ("id", "embedding", "embedding_version", "revision")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Nodes(Generic[_T]):
    """All nodes of a label, sorted by id, beside those of an earlier snapshot."""

    rows: list[_T]
    index: Mapping[str, int]  # id -> position in ``rows``
    read: Sequence[str]  # ids of those read anew: so must be the relationships that leave them
    moved: Int32  # (n before,) index before -> index now, -1 where gone
    kept: Int32  # the same, and -1 where read anew
    changed: bool  # anything read anew or gone


def read_items(connection: Connection, since: Snapshot) -> Nodes[ItemRow]:
    """Items with the properties that ItemRow holds."""
    before = {row.id: row for row in since.items}
    return _nodes(
        connection, "Item", expression=_ITEM, make=_item, before=before, revision=since.revision
    )


def read_users(connection: Connection, since: Snapshot) -> Nodes[tuple[str, Profile]]:
    """Users with all properties but the reserved ones: their profiles."""
    pairs = zip(since.users, since.profiles, strict=True)
    before = {user: (user, profile) for user, profile in pairs}
    return _nodes(
        connection, "User", expression=_USER, make=_user, before=before, revision=since.revision
    )


def read_entities(connection: Connection, since: Snapshot) -> Nodes[EntityRow]:
    """Entities of every kind."""
    before = {row.id: row for row in since.entities}
    return _nodes(
        connection,
        "Entity",
        expression=_ENTITY,
        make=_entity,
        before=before,
        revision=since.revision,
    )


_ITEM = (
    "[n.id, n.title, n.title_en, n.title_zh, n.price, n.image, n.text_hash, n.image_hash, n.group]"
)
_USER = f"[n.id, [key IN keys(n) WHERE NOT key IN {list(_NOT_PROFILE)} | [key, n[key]]]]"
_ENTITY = "[n.id, n.name, n.name_en, n.name_zh, n.kind]"


def _nodes(
    connection: Connection,
    label: str,
    *,
    expression: str,
    make: Callable[[list[Any]], _T],
    before: Mapping[str, _T],
    revision: int,
) -> Nodes[_T]:
    there = ids_of(connection, label)
    if before:
        changed = set(ids_of(connection, label, "WHERE n.revision > $since", since=revision))
        # A node that was not there before is new even where nobody stamped it.
        changed.update(id_ for id_ in there if id_ not in before)
    else:
        changed = set(there)
    asked = sorted(changed)
    fresh: dict[str, _T] = {}
    match = f"MATCH (n:{label} {{id: $ids[at]}})"
    for _, found in pages(connection, asked, match, {"node": expression}):
        fresh.update((values[0], make(values)) for values in found["node"])
    ids = sorted(fresh.keys() | {id_ for id_ in there if id_ in before and id_ not in changed})
    index = {id_: at for at, id_ in enumerate(ids)}
    moved = np.fromiter((index.get(id_, -1) for id_ in before), np.int32, len(before))
    kept = np.fromiter(
        (-1 if id_ in fresh else index.get(id_, -1) for id_ in before), np.int32, len(before)
    )
    return Nodes(
        rows=[fresh[id_] if id_ in fresh else before[id_] for id_ in ids],
        index=index,
        read=[id_ for id_ in asked if id_ in fresh],
        moved=moved,
        kept=kept,
        changed=bool(fresh) or bool((moved < 0).any()),
    )


def _item(values: list[Any]) -> ItemRow:
    id_, title, title_en, title_zh, price, image, text_hash, image_hash, group = values
    return ItemRow(
        id=id_,
        title=title if title is not None else id_,
        titles=_by_language(title_en, title_zh),
        price=price,
        image=image,
        text_hash=text_hash,
        image_hash=image_hash,
        group=group,
    )


def _user(values: list[Any]) -> tuple[str, Profile]:
    id_, profile = values
    return id_, dict(sorted(profile))


def _entity(values: list[Any]) -> EntityRow:
    id_, name, name_en, name_zh, kind = values
    return EntityRow(id_, kind, name if name is not None else id_, _by_language(name_en, name_zh))


def _by_language(*names: str | None) -> dict[str, str]:
    pairs = zip(_LANGUAGES, names, strict=True)
    return {language: name for language, name in pairs if name is not None}
