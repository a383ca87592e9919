"""Catalogue readers: ``read_catalog`` turns a shop's files into a ``Catalog``."""

from kg.readers.catalog import Catalog
from kg.readers.layouts import read_catalog

__all__ = ["Catalog", "read_catalog"]
