"""A catalogue in memory, and the checks that every layout's rows pass on their way in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from kg.errors import DataError
from kg.items import CatalogItem, Interaction, Link, Review, User
from kg.readers.rows import TableRow
from kg.rejects import Rejects


@dataclass(frozen=True, slots=True)
class Catalog:
    """What a shop knows, in the order it was read; ids are unique and all ends exist.

    ``users`` holds everybody who appears anywhere, with an empty profile where nothing is
    known. ``kinds`` are the entity kinds of its columns. ``rows`` counts rows read by table.
    """

    source: str
    items: tuple[CatalogItem, ...]
    users: tuple[User, ...] = ()
    interactions: tuple[Interaction, ...] = ()
    reviews: tuple[Review, ...] = ()
    kinds: tuple[str, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class CatalogBuilder:
    """Takes rows in any order of tables but items before the rest; rejects what cannot go in."""

    source: str
    rejects: Rejects
    _items: dict[str, CatalogItem] = field(default_factory=dict)
    _places: dict[str, TableRow] = field(default_factory=dict)
    _users: dict[str, User] = field(default_factory=dict)
    _stated_users: dict[str, int] = field(default_factory=dict)
    _interactions: dict[tuple[str, str, str, float], Interaction] = field(default_factory=dict)
    _reviews: dict[str, Review] = field(default_factory=dict)
    _rows: dict[str, int] = field(default_factory=dict)

    def count(self, table: str) -> None:
        """One more row of ``table`` was read."""
        self._rows[table] = self._rows.get(table, 0) + 1

    def knows(self, item_id: str) -> bool:
        """Whether an item of this id went in."""
        return item_id in self._items

    def add_item(self, item: CatalogItem, row: TableRow, *, column: str) -> None:
        """DataError for an id that was given before; the first one stays."""
        if item.id in self._items:
            first = self._places[item.id]
            raise row.error(column, item.id, f"an id of its own (first in row {first.number})")
        self._items[item.id] = item
        self._places[item.id] = row

    def set_images(self, item_id: str, images: tuple[Path, ...]) -> None:
        """Give an item that is in its pictures, the main one first."""
        self._items[item_id] = replace(self._items[item_id], images=images)

    def add_links(self, item_id: str, links: tuple[Link, ...]) -> None:
        """Append merchant's links to an item that is in; targets are checked by ``build``."""
        item = self._items[item_id]
        self._items[item_id] = replace(item, links=(*item.links, *links))

    def add_user(self, user: User, row: TableRow, *, column: str) -> None:
        """DataError for an id that was given before; the first one stays."""
        if user.id in self._stated_users:
            first = self._stated_users[user.id]
            raise row.error(column, user.id, f"an id of its own (first in row {first})")
        self._stated_users[user.id] = row.number
        self._users[user.id] = user

    def add_interaction(self, event: Interaction, row: TableRow, *, column: str) -> None:
        """DataError for an unknown item. The same event again adds its weight.

        A shop whose clock shows only the day reports two purchases of one day as equal rows.
        """
        self._require_item(event.item_id, row, column)
        key = (event.user_id, event.item_id, event.event, event.at_s)
        before = self._interactions.get(key)
        if before is not None:
            if before.split != event.split:
                raise row.error(
                    "split", event.split, f"the split of the same event before it ({before.split})"
                )
            event = replace(event, weight=before.weight + event.weight)
        self._interactions[key] = event
        self._users.setdefault(event.user_id, User(event.user_id))

    def add_review(self, review: Review, row: TableRow, *, column: str) -> None:
        """DataError for an unknown item or an id given before."""
        self._require_item(review.item_id, row, column)
        if review.id in self._reviews:
            raise row.error("id", review.id, "an id of its own")
        self._reviews[review.id] = review
        self._users.setdefault(review.user_id, User(review.user_id))

    def build(self) -> Catalog:
        """Check the links and close; DataError where no item went in."""
        if not self._items:
            read = self._rows.get("items", 0)
            raise DataError(
                self.source,
                column="items",
                value=f"{read} rows, {self.rejects.total} rejected",
                expected="a catalogue with at least one item that can go in",
            )
        items = tuple(self._with_known_links(item) for item in self._items.values())
        return Catalog(
            source=self.source,
            items=items,
            users=tuple(self._users.values()),
            interactions=tuple(self._interactions.values()),
            reviews=tuple(self._reviews.values()),
            kinds=tuple(sorted({kind for item in items for kind in item.columns})),
            rows=dict(self._rows),
        )

    def _require_item(self, item_id: str, row: TableRow, column: str) -> None:
        if item_id not in self._items:
            raise row.error(column, item_id, "the id of an item in the catalogue")

    def _with_known_links(self, item: CatalogItem) -> CatalogItem:
        kept = []
        for link in item.links:
            if link.item_id in self._items and link.item_id != item.id:
                kept.append(link)
            else:
                row = self._places[item.id]
                expected = "the id of another item in the catalogue"
                self.rejects.add(row.error(link.kind, link.item_id, expected))
        return item if len(kept) == len(item.links) else replace(item, links=tuple(kept))
