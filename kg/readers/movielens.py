"""Layout ``movielens``: RecBole atomic files (``*.inter``, ``*.item``, ``*.user``) and posters.

Tab-separated, a column is called ``name:type``, quotes are ordinary characters. Posters are
``posters/<item_id>.jpg``. There is no split.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kg.errors import DataError
from kg.items import CatalogItem, Interaction, LocalText, User, Value
from kg.readers.catalog import Catalog, CatalogBuilder
from kg.readers.hm import age_band
from kg.readers.picture_paths import folder_pictures
from kg.readers.rows import TableRow
from kg.readers.tables import csv_rows
from kg.rejects import Rejects
from kg.settings import CatalogSettings

_ITEM = ("item_id:token", "movie_title:token_seq", "release_year:token", "class:token_seq")
_EVENT = ("user_id:token", "item_id:token", "rating:float", "timestamp:float")
_USER = ("user_id:token", "age:token", "gender:token", "occupation:token")
#: How the file writes "not known" (its own spelling beside the right one).
_UNKNOWN = frozenset({"unknown", "unkonwn"})


def read_movielens(settings: CatalogSettings, *, rejects: Rejects) -> Catalog:
    """Films with genres and decade, viewers, and ratings as events weighted by the rating."""
    builder = CatalogBuilder("MovieLens", rejects)
    folder = settings.path / "posters"
    posters = folder_pictures(folder) if folder.is_dir() else {}
    for row in _atomic_rows(settings.path, ".item", _ITEM, rejects):
        builder.count("items")
        try:
            item = _film(row, rejects)
            builder.add_item(item, row, column="item_id:token")
        except DataError as error:
            rejects.add(error)
            continue
        builder.set_images(item.id, posters.get(item.id, ()))
    for row in _atomic_rows(settings.path, ".user", _USER, rejects):
        builder.count("users")
        try:
            profile: dict[str, Value] = {
                name: value
                for name in ("gender", "occupation")
                if (value := row.text(f"{name}:token"))
            }
            if age := age_band(row, "age:token"):
                profile["age_band"] = age
            user = User(row.required("user_id:token"), profile)
            builder.add_user(user, row, column="user_id:token")
        except DataError as error:
            rejects.add(error)
    for row in _atomic_rows(settings.path, ".inter", _EVENT, rejects):
        builder.count("interactions")
        try:
            rating = row.number_or_none("rating:float", above=0.0)
            event = Interaction(
                user_id=row.required("user_id:token"),
                item_id=row.required("item_id:token"),
                event="rating",
                weight=1.0 if rating is None else rating,
                at_s=row.time_s("timestamp:float"),
            )
            builder.add_interaction(event, row, column="item_id:token")
        except DataError as error:
            rejects.add(error)
    return builder.build()


def _film(row: TableRow, rejects: Rejects) -> CatalogItem:
    _, title, year, genres = (row.text(column) for column in _ITEM)
    columns: dict[str, tuple[str, ...]] = {}
    known = tuple(dict.fromkeys(genre for genre in genres.split() if genre not in _UNKNOWN))
    if known:
        columns["genre"] = known
    properties: dict[str, Value] = {}
    if year and year not in _UNKNOWN:
        try:
            number = row.number_or_none("release_year:token", at_least=1800, at_most=2200)
        except DataError as error:
            rejects.add(error)  # only the year: a film is worth having without it
        else:
            assert number is not None
            columns["decade"] = (f"{int(number) // 10 * 10}s",)
            properties["year"] = int(number)
    shown = "" if title in _UNKNOWN else title
    return CatalogItem(
        id=row.required("item_id:token"),
        texts=(LocalText("en", shown),) if shown else (),
        columns=columns,
        properties=properties,
    )


def _atomic_rows(
    folder: Path, suffix: str, columns: tuple[str, ...], rejects: Rejects
) -> Iterator[TableRow]:
    files = sorted(folder.glob(f"*{suffix}")) if folder.is_dir() else []
    if len(files) != 1:
        found = ", ".join(path.name for path in files) or "none"
        raise DataError(str(folder), column="files", value=found, expected=f"one *{suffix} file")
    with files[0].open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
        yield from csv_rows(
            file, files[0].name, columns=columns, rejects=rejects, delimiter="\t", quoting=False
        )
