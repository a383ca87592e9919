"""Layout ``hm``: the tables of Kaggle's "H&M Personalized Fashion Recommendations" (2022).

``articles.parquet`` (restricted to the articles in the interactions file), an interactions
file with a split (``inter_5core.csv``, or as ``catalog.interactions_file`` says),
``customers_known.csv`` where it exists, and photos ``images/<article_id>.jpg``.
"""

from __future__ import annotations

from pathlib import Path
from statistics import median

from kg.errors import DataError
from kg.items import CatalogItem, Interaction, LocalText, User, Value
from kg.readers.catalog import Catalog, CatalogBuilder
from kg.readers.files import split_of
from kg.readers.markup import plain_text
from kg.readers.picture_paths import named_pictures
from kg.readers.rows import TableRow
from kg.readers.tables import read_table
from kg.rejects import Rejects
from kg.settings import CatalogSettings

#: Entity kind -> column of articles.parquet.
ENTITY_COLUMNS = {
    "category": "product_type_name",
    "product_group": "product_group_name",
    "pattern": "graphical_appearance_name",
    "colour": "colour_group_name",
    "colour_value": "perceived_colour_value_name",
    "colour_family": "perceived_colour_master_name",
    "department": "department_name",
    "index": "index_name",
    "index_group": "index_group_name",
    "section": "section_name",
    "garment_group": "garment_group_name",
}
_TEXT_COLUMNS = ("article_id", "product_code", "prod_name", "detail_desc")
_EVENT_COLUMNS = ("customer_id", "article_id", "t_dat", "price", "split")
_PROFILE_COLUMNS = ("customer_id", "club_member_status", "fashion_news_frequency", "age")


def read_hm(settings: CatalogSettings, *, rejects: Rejects) -> Catalog:
    """Items, profiles and purchases; an item's price is the median of its purchases."""
    builder = CatalogBuilder("H&M", rejects)
    events_file = settings.path / (settings.interactions_file or Path("inter_5core.csv"))
    rows = list(read_table(events_file, columns=_EVENT_COLUMNS, rejects=rejects))
    prices: dict[str, list[float]] = {}
    for row in rows:
        paid = prices.setdefault(row.text("article_id"), [])
        try:
            price = row.number_or_none("price", at_least=0.0)
        except DataError:
            continue  # rejected below, with its row
        if price is not None:
            paid.append(price)
    articles = settings.path / "articles.parquet"
    columns = [*_TEXT_COLUMNS, *ENTITY_COLUMNS.values()]
    for row in read_table(articles, columns=columns, rejects=rejects):
        if row.text("article_id") not in prices:
            continue
        builder.count("items")
        try:
            item = _article(row, prices)
            builder.add_item(item, row, column="article_id")
        except DataError as error:
            rejects.add(error)
            continue
        photo = [f"images/{item.id}.jpg"]
        builder.set_images(
            item.id, named_pictures(photo, settings.path, row, column="photo", rejects=rejects)
        )
    buyers = {row.text("customer_id") for row in rows}
    _read_customers(settings.path / "customers_known.csv", buyers, builder, rejects)
    for row in rows:
        builder.count("interactions")
        try:
            row.number_or_none("price", at_least=0.0)
            event = Interaction(
                user_id=row.required("customer_id"),
                item_id=row.required("article_id"),
                at_s=row.time_s("t_dat"),
                split=split_of(row, "split"),
            )
            builder.add_interaction(event, row, column="article_id")
        except DataError as error:
            rejects.add(error)
    return builder.build()


def _article(row: TableRow, prices: dict[str, list[float]]) -> CatalogItem:
    article = row.required("article_id")
    title, description = plain_text(row.text("prod_name")), plain_text(row.text("detail_desc"))
    paid = prices[article]
    return CatalogItem(
        id=article,
        texts=(LocalText("en", title, description),),
        price=median(paid) if paid else None,
        columns={
            kind: (value,) for kind, column in ENTITY_COLUMNS.items() if (value := row.text(column))
        },
        group=row.text("product_code") or None,
    )


def _read_customers(
    path: Path, buyers: set[str], builder: CatalogBuilder, rejects: Rejects
) -> None:
    if not path.exists():
        return
    for row in read_table(path, columns=_PROFILE_COLUMNS, rejects=rejects):
        customer = row.text("customer_id")
        if customer not in buyers:
            continue
        builder.count("users")
        try:
            profile: dict[str, Value] = {
                name: value
                for name in ("club_member_status", "fashion_news_frequency")
                if (value := row.text(name))
            }
            if age := age_band(row, "age"):
                profile["age_band"] = age
            builder.add_user(User(customer, profile), row, column="customer_id")
        except DataError as error:
            rejects.add(error)


def age_band(row: TableRow, column: str) -> str | None:
    """``"40-49"``: ten years are as useful to learn from as one, and tell less of a person."""
    age = row.number_or_none(column, at_least=0.0, at_most=150.0)
    if age is None:
        return None
    low = int(age) // 10 * 10
    return f"{low}-{low + 9}"
