"""Layout ``luma``: Magento's sample-data fixtures (``*/fixtures/*.csv`` and ``media/``).

Any table with ``sku`` and ``name`` holds products: simple ones with a column an attribute,
or Magento's export with ``additional_attributes`` and ``configurable_variations``, whose
variants share a group and have, as in the shop, the parent's attributes where they state
none. ``sku, image`` tables give photos, ``Links/`` tables related, upsell and crosssell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kg.errors import DataError
from kg.items import CatalogItem, Link, LinkKind, LocalText, Review, Value
from kg.readers.catalog import Catalog, CatalogBuilder
from kg.readers.luma_attributes import AttributeCodes, attribute_codes
from kg.readers.markup import plain_text
from kg.readers.picture_paths import named_pictures
from kg.readers.rows import TableRow
from kg.readers.tables import read_table
from kg.rejects import Rejects
from kg.settings import CatalogSettings

_LINKS: tuple[LinkKind, ...] = ("related", "upsell", "crosssell")
_REVIEW_COLUMNS = ("sku", "rating_value", "title", "review", "reviewer")


@dataclass(frozen=True, slots=True)
class _Parent:
    """A configurable product: what its variants inherit."""

    sku: str
    columns: Mapping[str, tuple[str, ...]]


def read_luma(settings: CatalogSettings, *, rejects: Rejects) -> Catalog:
    """Products, variants, photos, merchant's links, and reviews by the reviewer's name."""
    folder = settings.path
    builder = CatalogBuilder("Luma", rejects)
    codes = attribute_codes(_tables(folder, "attributes*.csv"), rejects=rejects)
    rows = [
        row
        for path in _tables(folder, "*.csv", "SimpleProduct/*.csv")
        for row in _rows(folder, path, ("sku", "name"), rejects)
    ]
    parents = _parents(rows, codes)
    photos = _photos(folder, rejects)
    for row in rows:
        builder.count("items")
        try:
            item = _product(row, codes, parents)
            builder.add_item(item, row, column="sku")
        except DataError as error:
            rejects.add(error)
            continue
        names = [row.text("base_image"), *row.texts("additional_images", ",")]
        places = [(row, name) for name in names if name] + photos.get(item.id, [])
        pictures = [
            picture
            for place, name in places
            for picture in named_pictures(
                [name.lstrip("/")], folder / "media", place, column="image", rejects=rejects
            )
        ]
        builder.set_images(item.id, tuple(dict.fromkeys(pictures)))
    for kind in _LINKS:
        _read_links(folder, kind, builder, rejects)
    for path in _tables(folder, "products_reviews.csv"):
        for row in _rows(folder, path, _REVIEW_COLUMNS, rejects, required=True):
            _read_review(row, builder, rejects)
    return builder.build()


def _tables(folder: Path, *patterns: str) -> list[Path]:
    found = {path for pattern in patterns for path in folder.glob(f"*/fixtures/{pattern}")}
    if not found:
        expected = f"a folder with */fixtures/{patterns[0]}"
        raise DataError(str(folder), column="path", value=folder.name, expected=expected)
    return sorted(found)


def _rows(
    folder: Path, path: Path, columns: tuple[str, ...], rejects: Rejects, *, required: bool = False
) -> Iterator[TableRow]:
    """Rows of a table that has ``columns``; none where another kind of table lies there."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        header = {name.strip(' "') for name in file.readline().rstrip("\r\n").split(",")}
    if not required and not header.issuperset(columns):
        return iter(())
    source = path.relative_to(folder).as_posix()
    return read_table(path, columns=columns, rejects=rejects, source=source)


def _parents(rows: list[TableRow], codes: AttributeCodes) -> dict[str, _Parent]:
    """Variant's sku -> its configurable product."""
    parents = {}
    for row in rows:
        variants = row.text("configurable_variations")
        associated = row.texts("associated_sku", ",")
        skus = [*re.findall(r"(?:^|\|)sku=([^,|]+)", variants), *associated]
        if skus:
            parent = _Parent(row.text("sku"), _columns(row, codes))
            parents.update(dict.fromkeys([parent.sku, *skus], parent))
    return parents


def _columns(row: TableRow, codes: AttributeCodes) -> dict[str, tuple[str, ...]]:
    columns = codes.entities(row)
    places = row.texts("categories", ",")
    names = [part for place in places for part in place.split("/")[1:]]
    names += row.texts("category", "\n")
    # Magento's root category holds everything and says nothing; split("/")[1:] drops it.
    categories = tuple(dict.fromkeys(plain_text(name) for name in names if name.strip()))
    return {**columns, "category": categories} if categories else columns


def _product(row: TableRow, codes: AttributeCodes, parents: Mapping[str, _Parent]) -> CatalogItem:
    sku = row.required("sku")
    parent = parents.get(sku)
    description = "\n".join(
        text for name in ("description", "short_description") if (text := row.text(name))
    )
    columns = _columns(row, codes)
    if parent is not None:
        columns = {**parent.columns, **columns}
    properties: dict[str, Value] = {
        name: value
        for name in ("product_type", "visibility", "attribute_set")
        if (value := row.text(name))
    }
    return CatalogItem(
        id=sku,
        texts=(LocalText("en", plain_text(row.required("name")), plain_text(description)),),
        price=row.number_or_none("price", at_least=0.0),
        columns=columns,
        group=parent.sku if parent is not None else None,
        properties={**properties, **codes.flags(row)},
    )


def _photos(folder: Path, rejects: Rejects) -> dict[str, list[tuple[TableRow, str]]]:
    photos: dict[str, list[tuple[TableRow, str]]] = {}
    for path in _tables(folder, "images_*.csv", "SimpleProduct/images_*.csv"):
        for row in _rows(folder, path, ("sku", "image"), rejects):
            photos.setdefault(row.text("sku"), []).append((row, row.text("image")))
    return photos


def _read_links(folder: Path, kind: LinkKind, builder: CatalogBuilder, rejects: Rejects) -> None:
    stated: dict[str, dict[str, None]] = {}
    for path in _tables(folder, f"Links/{kind}.csv", f"Link/{kind}.csv", f"{kind}.csv"):
        for row in _rows(folder, path, ("sku", "linked_sku"), rejects):
            builder.count("links")
            sku = row.text("sku")
            if not builder.knows(sku):
                rejects.add(row.error("sku", sku, "the id of an item in the catalogue"))
                continue
            targets = stated.setdefault(sku, {})
            for target in row.texts("linked_sku", "\n"):
                if builder.knows(target) and target != sku:
                    targets[target] = None
                else:
                    expected = "the id of another item in the catalogue"
                    rejects.add(row.error("linked_sku", target, expected))
    for sku, targets in stated.items():
        builder.add_links(
            sku, tuple(Link(kind, target, position) for position, target in enumerate(targets))
        )


def _read_review(row: TableRow, builder: CatalogBuilder, rejects: Rejects) -> None:
    builder.count("reviews")
    try:
        review = Review(
            id=f"luma-{row.number}",
            user_id=row.required("reviewer"),
            item_id=row.required("sku"),
            text=plain_text(row.text("review")),
            title=plain_text(row.text("title")),
            rating=row.number_or_none("rating_value", at_least=1.0, at_most=5.0),
        )
        builder.add_review(review, row, column="sku")
    except DataError as error:
        rejects.add(error)
