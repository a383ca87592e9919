"""An artifact's tables read by index: cards, names, owned items, who has what."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from gnn.artifact import Artifact, ItemCard, ItemFact
from gnn.reasons import event_class, strongest
from gnn.scoring import IntVector
from kg.errors import NotFound
from kg.schema import DEFAULT_SCHEMA, GraphSchema


@dataclass(frozen=True, slots=True)
class Event:
    """What happened between a user and an item, the strongest event of several."""

    name: str
    at_s: float


class Catalogue:
    """Read-only views of an artifact's tables, made once when a server starts."""

    def __init__(self, artifact: Artifact, /) -> None:
        self.artifact = artifact
        self.item_index = {row.id: index for index, row in enumerate(artifact.items)}
        self.owned = owned_matrix(artifact)
        #: (n_items,) people who have the item.
        self.people: IntVector = np.bincount(
            self.owned.indices, minlength=len(artifact.items)
        ).astype(np.int32)
        #: (n_entities,) does more than half of the catalogue have it? Then it tells nothing.
        self.commonplace = _holders(artifact) * 2 > len(artifact.items)
        kinds = sorted({row.kind for row in artifact.entities})
        self.schema: GraphSchema = DEFAULT_SCHEMA.extended(tuple(kinds))
        #: Variant group -> the item with the smallest id, to which VARIANT_OF points.
        self.group_head: dict[str, int] = {}
        for index, row in enumerate(artifact.items):
            if row.group is not None:
                self.group_head.setdefault(row.group, index)
        self.main_event, self._buyers = _buyers(artifact)
        self._texts = [
            _search_text(row.id, *row.titles.values(), row.title) for row in artifact.items
        ]

    def index_of(self, item_id: str, /) -> int:
        """Index of an item; NotFound."""
        try:
            return self.item_index[item_id]
        except KeyError:
            raise NotFound(
                f"item {item_id!r} is not among the {len(self.item_index)} items of "
                f"artifact {self.artifact.version}"
            ) from None

    def user_index(self, user_id: str, /) -> int:
        """Index of a user; -1 for one the artifact does not know."""
        at = bisect_right(self.artifact.users, user_id) - 1
        return at if at >= 0 and self.artifact.users[at] == user_id else -1

    def owned_by(self, user: int, /) -> IntVector:
        """Items of a user in index order, (n,) int32; empty for -1."""
        if user < 0:
            return np.empty(0, dtype=np.int32)
        start, end = self.owned.indptr[user : user + 2]
        return np.asarray(self.owned.indices[start:end], dtype=np.int32)

    def event(self, user: int, item: int, /) -> Event:
        """The event that says most about this user and item; ``chose`` where there is none."""
        histories = self.artifact.histories
        if user < 0:
            return Event("chose", 0.0)
        start, end = (int(at) for at in histories.start[user : user + 2])
        rows = start + np.flatnonzero(histories.item[start:end] == item)
        if not len(rows):
            return Event("chose", 0.0)
        row = rows[strongest([histories.events[histories.event[at]] for at in rows])]
        return Event(histories.events[histories.event[row]], float(histories.at_s[row]))

    def people_with_both(self, one: int, other: int, /, *, besides: int = -1) -> int:
        """How many people, not counting ``besides``, did the main event on both items."""
        both = np.intersect1d(self._people_of(one), self._people_of(other), assume_unique=True)
        return len(both) - int(besides in both)

    def _people_of(self, item: int) -> IntVector:
        start, end = self._buyers.indptr[item : item + 2]
        return np.asarray(self._buyers.indices[start:end], dtype=np.int32)

    def entity_name(self, entity: int, language: str, /) -> str:
        """Display name in ``language`` or the catalogue's main language."""
        row = self.artifact.entities[entity]
        return row.names.get(language) or row.name

    def title(self, item: int, language: str, /) -> str:
        """Title in ``language`` or the catalogue's main language."""
        row = self.artifact.items[item]
        return row.titles.get(language) or row.title

    def confidence(self, item: int, entity: int, /) -> float:
        """Combined confidence that the item has the entity; 0 where nothing says so."""
        facts = self.artifact.facts
        start, end = (int(at) for at in facts.start[item : item + 2])
        rows = start + np.flatnonzero(facts.entity[start:end] == entity)
        return self._believed(rows.tolist())

    def card(self, item: int, /) -> ItemCard:
        """What an answer shows of an item."""
        row, table = self.artifact.items[item], self.artifact.facts
        start, end = (int(at) for at in table.start[item : item + 2])
        stated: dict[int, list[int]] = {}
        for at in range(start, end):
            stated.setdefault(int(table.entity[at]), []).append(at)
        facts = tuple(
            ItemFact(
                self.artifact.entities[entity],
                self._believed(rows),
                tuple(dict.fromkeys(table.modalities[table.modality[at]] for at in rows)),
            )
            for entity, rows in stated.items()
        )
        return ItemCard(row.id, row.title, row.titles, row.price, row.image, row.group, facts)

    def _believed(self, rows: Sequence[int]) -> float:
        """Noisy-or over modalities of the surest statement of each, as in build_dataset."""
        table = self.artifact.facts
        surest: dict[int, float] = {}
        for at in rows:
            modality = int(table.modality[at])
            surest[modality] = max(surest.get(modality, 0.0), float(table.confidence[at]))
        return 1 - prod(1 - confidence for confidence in surest.values())

    def search(self, text: str, k: int, /) -> list[int]:
        """Items whose titles or id have every token of ``text``, the best known first.

        A Latin token matches the start of a word, a Chinese one any place.
        """
        tokens = _search_text(text).split()
        if not tokens:
            return []
        needles = [token if _CJK.search(token) else f" {token}" for token in tokens]
        found = [
            index
            for index, known in enumerate(self._texts)
            if all(needle in known for needle in needles)
        ]
        whole = f" {' '.join(tokens)} "
        found.sort(key=lambda at: (whole not in self._texts[at], -int(self.people[at]), at))
        return found[:k]


_CJK = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_WORD = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|\w+")


def _search_text(*texts: str) -> str:
    """Case-folded words between single spaces, Chinese runs apart from Latin words."""
    folded = (unicodedata.normalize("NFKC", text).casefold() for text in texts)
    return f" {'  '.join(' '.join(_split(text)) for text in folded)} "


def _split(text: str) -> list[str]:
    parts: list[str] = []
    for word in _WORD.findall(text):
        parts += [part for part in re.split(r"([\u3400-\u9fff\uf900-\ufaff]+)", word) if part]
    return parts


def _holders(artifact: Artifact) -> NDArray[np.int64]:
    """(n_entities,) items that have the entity, by whatever modality."""
    facts = artifact.facts
    items = np.repeat(np.arange(len(artifact.items), dtype=np.int64), np.diff(facts.start))
    pairs = np.unique(items * max(len(artifact.entities), 1) + facts.entity)
    return np.bincount(pairs % max(len(artifact.entities), 1), minlength=len(artifact.entities))


def owned_matrix(artifact: Artifact, /) -> sp.csr_matrix:
    """(n_users, n_items) ones: who has which item, float32 CSR with sorted indices."""
    histories = artifact.histories
    users = np.repeat(np.arange(len(artifact.users), dtype=np.int32), np.diff(histories.start))
    return _ones(users, histories.item, len(artifact.users), len(artifact.items))


def _ones(
    rows: NDArray[np.int32], columns: NDArray[np.int32], n_rows: int, n_columns: int
) -> sp.csr_matrix:
    data = np.ones(len(rows), dtype=np.float32)
    matrix = sp.csr_matrix(
        sp.coo_matrix((data, (rows, columns)), shape=(n_rows, n_columns)), dtype=np.float32
    )
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix


def _buyers(artifact: Artifact) -> tuple[str, sp.csr_matrix]:
    """The event that says most among all, and (n_items, n_users) who did it with what."""
    histories = artifact.histories
    shape = (len(artifact.items), len(artifact.users))
    events = histories.events
    main = events[strongest(events)] if events else "chose"
    same = np.array([event_class(one) == event_class(main) for one in events], dtype=bool)
    users = np.repeat(np.arange(shape[1], dtype=np.int32), np.diff(histories.start))
    counted = same[np.asarray(histories.event)]
    return main, _ones(np.asarray(histories.item)[counted], users[counted], *shape)
