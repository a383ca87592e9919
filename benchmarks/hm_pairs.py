"""H&M's pictures with their titles and descriptions, for the benchmarks of encoders."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Pair:
    """A picture and what the catalogue says of it; ``product`` is shared by its variants."""

    picture: Path
    title: str
    text: str  # title and description
    product: int


def hm_folder() -> Path:
    """Where the data set is expected (SHOPGRAPH_SHARED, or beside the repository)."""
    return Path(os.environ.get("SHOPGRAPH_SHARED", ROOT.parent / "shared")) / "data" / "hm"


def hm_pairs(folder: Path) -> list[Pair]:
    """The items of the 5-core split, by id."""
    import pyarrow.csv
    import pyarrow.parquet as pq

    events = pyarrow.csv.read_csv(folder / "inter_5core.csv")
    column = next(name for name in events.column_names if name in ("article_id", "item_id"))
    wanted = {int(value) for value in events[column].to_pylist()}
    columns = ["article_id", "product_code", "prod_name", "detail_desc"]
    rows = pq.read_table(folder / "articles.parquet", columns=columns).to_pylist()
    pairs = []
    for row in sorted(rows, key=lambda row: int(row["article_id"])):
        picture = folder / "images" / f"{int(row['article_id']):010d}.jpg"
        if int(row["article_id"]) in wanted and picture.is_file():
            text = f"{row['prod_name']}. {row['detail_desc'] or ''}".strip()
            pairs.append(Pair(picture, row["prod_name"], text, int(row["product_code"])))
    return pairs
