"""Layout ``files``: tables of any shop, columns mapped in the settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

from kg.errors import ConfigError, DataError
from kg.items import CatalogItem, Interaction, Link, LocalText, Review, Split, User
from kg.readers.catalog import Catalog, CatalogBuilder
from kg.readers.markup import plain_text
from kg.readers.picture_paths import folder_pictures, named_pictures
from kg.readers.rows import TableRow
from kg.readers.tables import read_table
from kg.rejects import Rejects
from kg.settings import (
    CatalogSettings,
    InteractionsSettings,
    ItemsSettings,
    ReviewsSettings,
    TableSettings,
    UsersSettings,
)
from kg.snapshot import SPLITS


def read_files(settings: CatalogSettings, *, rejects: Rejects) -> Catalog:
    """The catalogue that ``settings`` maps; ConfigError without an items file."""
    if settings.items.file is None:
        raise ConfigError("kg.catalog.items.file: not set; layout 'files' reads the items from it")
    builder = CatalogBuilder(str(settings.path), rejects)
    _read_items(settings, builder, rejects)
    _read_users(settings, builder, rejects)
    _read_interactions(settings, builder, rejects)
    _read_reviews(settings, builder, rejects)
    return builder.build()


def _rows(
    settings: CatalogSettings, table: TableSettings, columns: list[str | None], rejects: Rejects
) -> Iterator[TableRow]:
    if table.file is None:
        return iter(())
    return read_table(
        settings.path / table.file,
        columns=[column for column in columns if column is not None],
        rejects=rejects,
        delimiter=table.delimiter,
        source=str(table.file),
    )


def _read_items(settings: CatalogSettings, builder: CatalogBuilder, rejects: Rejects) -> None:
    table = settings.items
    titles, descriptions = (
        _by_language(table.title, settings),
        _by_language(table.description, settings),
    )
    images = (table.images,) if isinstance(table.images, str) else table.images
    columns: list[str | None] = [table.id, *titles.values(), *descriptions.values(), table.price]
    columns += [table.group, *images, *table.entities.values(), *table.properties]
    columns += table.links.values()
    by_id: Mapping[str, tuple[Path, ...]] = {}
    if table.image_folder is not None:
        folder = settings.path / table.image_folder
        if not folder.is_dir():
            raise ConfigError(f"kg.catalog.items.image_folder: {folder} is not a folder")
        by_id = folder_pictures(folder)
    for row in _rows(settings, table, columns, rejects):
        builder.count("items")
        try:
            item = _item(row, table, titles, descriptions)
            builder.add_item(item, row, column=table.id)
        except DataError as error:
            rejects.add(error)
            continue
        pictures = list(by_id.get(item.id, ()))
        for column in images:
            names = row.texts(column, table.separator)
            pictures += named_pictures(names, settings.path, row, column=column, rejects=rejects)
        builder.set_images(item.id, tuple(dict.fromkeys(pictures)))


def _item(
    row: TableRow, table: ItemsSettings, titles: Mapping[str, str], descriptions: Mapping[str, str]
) -> CatalogItem:
    texts = []
    for language in dict.fromkeys((*titles, *descriptions)):
        title, description = row.text(titles.get(language)), row.text(descriptions.get(language))
        if title or description:
            texts.append(LocalText(language, plain_text(title), plain_text(description)))
    columns = {
        kind: values
        for kind, column in table.entities.items()
        if (values := row.texts(column, table.separator))
    }
    return CatalogItem(
        id=row.required(table.id),
        texts=tuple(texts),
        price=row.number_or_none(table.price, at_least=0.0),
        columns=columns,
        group=row.text(table.group) or None,
        links=tuple(
            Link(kind, target, position)
            for kind, column in table.links.items()
            for position, target in enumerate(row.texts(column, table.separator))
        ),
        properties={name: row.property_value(name) for name in table.properties},
    )


def _by_language(
    columns: str | dict[str, str] | None, settings: CatalogSettings
) -> Mapping[str, str]:
    """Language -> column, in the order of ``settings.languages``."""
    if columns is None:
        return {}
    if isinstance(columns, str):
        return {settings.languages[0]: columns}
    order = [*settings.languages, *columns]
    return {language: columns[language] for language in dict.fromkeys(order) if language in columns}


def _read_users(settings: CatalogSettings, builder: CatalogBuilder, rejects: Rejects) -> None:
    table: UsersSettings = settings.users
    for row in _rows(settings, table, [table.id, *table.profile], rejects):
        builder.count("users")
        try:
            profile = {name: row.property_value(name) for name in table.profile}
            known = {name: value for name, value in profile.items() if value is not None}
            builder.add_user(User(row.required(table.id), known), row, column=table.id)
        except DataError as error:
            rejects.add(error)


def _read_interactions(
    settings: CatalogSettings, builder: CatalogBuilder, rejects: Rejects
) -> None:
    table: InteractionsSettings = settings.interactions
    columns = [table.user, table.item, table.event, table.at, table.weight, table.split]
    for row in _rows(settings, table, columns, rejects):
        builder.count("interactions")
        try:
            weight = row.number_or_none(table.weight, above=0.0)
            event = Interaction(
                user_id=row.required(table.user),
                item_id=row.required(table.item),
                event=row.required(table.event) if table.event else "purchase",
                weight=1.0 if weight is None else weight,
                at_s=row.time_s(table.at),
                split=split_of(row, table.split),
            )
            builder.add_interaction(event, row, column=table.item)
        except DataError as error:
            rejects.add(error)


def split_of(row: TableRow, column: str | None) -> Split | None:
    """The split a row was given to, None where empty; DataError for another word."""
    name = row.text(column).lower()
    if not name:
        return None
    if name not in SPLITS:
        raise row.error(column, name, f"one of: {', '.join(SPLITS)}")
    return cast(Split, name)


def _read_reviews(settings: CatalogSettings, builder: CatalogBuilder, rejects: Rejects) -> None:
    table: ReviewsSettings = settings.reviews
    columns = [table.id, table.user, table.item, table.text, table.title, table.rating, table.at]
    for row in _rows(settings, table, columns, rejects):
        builder.count("reviews")
        try:
            review = Review(
                id=row.required(table.id) if table.id else f"{table.file}:{row.number}",
                user_id=row.required(table.user),
                item_id=row.required(table.item),
                text=plain_text(row.text(table.text)),
                title=plain_text(row.text(table.title)),
                rating=row.number_or_none(table.rating, at_least=1.0, at_most=5.0),
                at_s=row.time_s(table.at),
            )
            builder.add_review(review, row, column=table.item)
        except DataError as error:
            rejects.add(error)
