"""Which reader reads which layout."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path

from kg.errors import DataError
from kg.readers.catalog import Catalog
from kg.readers.files import read_files
from kg.readers.hm import read_hm
from kg.readers.luma import read_luma
from kg.readers.movielens import read_movielens
from kg.rejects import Rejects
from kg.settings import CatalogSettings


def read_catalog(settings: CatalogSettings, *, rejects: Rejects) -> Catalog:
    """Everything the shop's files say; rows that cannot go in are in ``rejects``.

    DataError: the folder or a file is absent or unreadable, a header is not the one the
    mapping expects, or no item could go in.
    """
    if not settings.path.is_dir():
        raise DataError(
            "kg.catalog", column="path", value=str(settings.path), expected="an existing folder"
        )
    return _LAYOUTS[settings.layout](settings, rejects=rejects)


def _read_demo(settings: CatalogSettings, *, rejects: Rejects) -> Catalog:
    """The demo shop's own files: layout ``files`` with the mapping the demo is written with."""
    text = resources.files("kg.demo").joinpath("shopgraph.toml").read_text(encoding="utf-8")
    mapping = CatalogSettings.model_validate(tomllib.loads(text)["kg"]["catalog"])
    return read_files(mapping.model_copy(update={"path": Path(settings.path)}), rejects=rejects)


_LAYOUTS: Mapping[str, Callable[..., Catalog]] = {
    "files": read_files,
    "demo": _read_demo,
    "hm": read_hm,
    "movielens": read_movielens,
    "luma": read_luma,
}
