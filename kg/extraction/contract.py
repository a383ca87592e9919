"""What every extractor owes: attributes with evidence, never an invented one."""

from __future__ import annotations

from typing import Protocol

from kg.items import Attribute, CatalogItem


class Extractor(Protocol):
    """Reads one item; ``name`` carries a version and appears in every evidence."""

    name: str

    def extract(self, item: CatalogItem, /) -> list[Attribute]:
        """Attributes in a stable order. DataError names a picture that cannot be read."""
        ...
