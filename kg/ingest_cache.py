"""What extractors found, by content, on disk: unchanged items are not read again."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import TracebackType
from typing import Any

from kg.errors import StoreError
from kg.items import Attribute, CatalogItem, Evidence

_VERSION = 1
_SCHEMA = """CREATE TABLE IF NOT EXISTS extracted (
    extractor TEXT NOT NULL, item TEXT NOT NULL, attributes BLOB NOT NULL,
    PRIMARY KEY (extractor, item)) WITHOUT ROWID"""
#: What extraction stands on beside its own code: another version may read otherwise.
_PACKAGES = ("jieba", "spacy", "pint", "opencc-python-reimplemented", "pillow", "scikit-image")


class ExtractionCache:
    """(extractor, item's content) -> attributes, in one SQLite file.

    ``depends``: extractor name -> what its findings depend on beside its name, its code and
    the item, such as languages and brands; something else there, and all is read anew. A write
    is one transaction. StoreError where the file is damaged or the disk is full; it may be
    deleted at any time.
    """

    def __init__(self, path: Path, *, depends: Mapping[str, str] | None = None) -> None:
        self.path = path
        self._depends = dict(depends or {})
        with self._said():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=60.0, isolation_level=None)
            try:
                self._prepare()
            except BaseException:
                self._db.close()
                raise

    def get(self, extractor: str, keys: Sequence[str]) -> dict[str, list[Attribute]]:
        """Those of ``keys`` (see ``item_key``) that are known, with what was found."""
        with self._said():
            rows = self._db.execute(
                "SELECT item, attributes FROM extracted WHERE extractor = ?"
                " AND item IN (SELECT value FROM json_each(?))",
                (self._name(extractor), json.dumps(list(keys))),
            ).fetchall()
        return {key: [_attribute(one) for one in json.loads(kept)] for key, kept in rows}

    def count(self, extractor: str, keys: Sequence[str]) -> int:
        """How many of the distinct ``keys`` are known."""
        with self._said():
            row = self._db.execute(
                "SELECT count(*) FROM extracted WHERE extractor = ?"
                " AND item IN (SELECT value FROM json_each(?))",
                (self._name(extractor), json.dumps(list(keys))),
            ).fetchone()
        return int(row[0])

    def put(self, extractor: str, found: Mapping[str, Sequence[Attribute]]) -> None:
        """Keep what ``extractor`` found, by key."""
        name = self._name(extractor)
        with self._said():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._db.executemany(
                    "INSERT OR REPLACE INTO extracted VALUES (?, ?, ?)",
                    [
                        (name, key, json.dumps([_plain(one) for one in attributes]))
                        for key, attributes in found.items()
                    ],
                )
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def forget_others(self, extractor: str) -> None:
        """Drop what other versions of ``extractor`` found."""
        with self._said():
            self._db.execute(
                "DELETE FROM extracted WHERE extractor >= ? AND extractor < ? AND extractor <> ?",
                (f"{extractor}@", f"{extractor}A", self._name(extractor)),
            )

    def close(self) -> None:
        """Release the file; closing twice is harmless."""
        self._db.close()

    def __enter__(self) -> ExtractionCache:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _name(self, extractor: str) -> str:
        depends = f"{code_fingerprint()}\n{self._depends.get(extractor, '')}"
        return f"{extractor}@{hashlib.sha256(depends.encode()).hexdigest()[:16]}"

    def _prepare(self) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")  # a power cut costs a second reading
        (known,) = self._db.execute("PRAGMA user_version").fetchone()
        if known not in (0, _VERSION):
            raise StoreError(
                f"{self.path}: extraction cache of version {known} is not of version {_VERSION};"
                " delete the file and items are read again"
            )
        self._db.execute(_SCHEMA)
        self._db.execute(f"PRAGMA user_version = {_VERSION}")

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, json.JSONDecodeError) as error:
            raise StoreError(
                f"{self.path}: {error}; expected an extraction cache that can be read and written"
                " (items can be read again, so a damaged file may be deleted)"
            ) from error


def item_key(item: CatalogItem, image_hash: str | None) -> str:
    """SHA-256 (hex) of what extractors may read of ``item``."""
    digest = hashlib.sha256((image_hash or "-").encode())
    for text in item.texts:
        for part in (text.language, text.title, text.description):
            content = part.encode("utf-8", "surrogatepass")
            digest.update(b"%d\n%s" % (len(content), content))
    for kind, values in sorted(item.columns.items()):
        digest.update(repr((kind, values)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


@cache
def code_fingerprint() -> str:
    """SHA-256 (hex) of the code and the data of extraction: a changed lexicon reads anew."""
    digest = hashlib.sha256()
    packages = [files("kg.extraction"), files("kg.readers").joinpath("markup.py")]
    for path in (*packages, files("kg").joinpath("pictures.py")):
        _digest(path, digest)
    for package in _PACKAGES:
        try:
            digest.update(f"{package} {version(package)}\n".encode())
        except PackageNotFoundError:
            continue
    return digest.hexdigest()


def _digest(path: Traversable, digest: hashlib._Hash) -> None:
    if path.is_dir():
        for inner in sorted(path.iterdir(), key=lambda one: one.name):
            if inner.name != "__pycache__":
                _digest(inner, digest)
    elif path.name.endswith((".py", ".toml", ".txt", ".json")):
        digest.update(path.name.encode() + path.read_bytes())


def _plain(one: Attribute) -> list[object]:
    seen = one.evidence
    evidence = [seen.modality, seen.extractor, seen.field, seen.quote, seen.span, seen.region]
    return [one.name, one.value, one.confidence, evidence, dict(one.names)]


def _attribute(plain: list[Any]) -> Attribute:
    name, value, confidence, (modality, extractor, field, quote, span, region), names = plain
    evidence = Evidence(
        modality,
        extractor,
        field=field,
        quote=quote,
        span=None if span is None else tuple(span),
        region=None if region is None else tuple(region),
    )
    return Attribute(name, value, confidence, evidence, names)
