"""VECTORS: what encoders made, by content hash, on disk. Content is encoded once."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray
from tenacity import retry, retry_if_exception_message, stop_after_delay, wait_random

from kg.encoders.contract import FloatMatrix
from kg.errors import DataError, StoreError
from kg.pictures import picture_bytes_hash

_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS encoder (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, dim INTEGER);
CREATE TABLE IF NOT EXISTS vector (
    encoder INTEGER NOT NULL REFERENCES encoder(id), hash TEXT NOT NULL, value BLOB NOT NULL,
    UNIQUE (encoder, hash)
);
"""


def content_hash(content: str | Path) -> str:
    """SHA-256 (hex) of a text's UTF-8 bytes, or of the bytes of the file a Path names.

    DataError where the file cannot be read.
    """
    if isinstance(content, Path):
        return picture_bytes_hash(content)
    # surrogatepass: a lone surrogate from a badly decoded CSV still has a key.
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


class VectorStore:
    """(encoder name, content hash) -> float32 vector, in one SQLite file in WAL mode.

    Several processes and threads may read and write at once; a write is one transaction, so a
    killed process leaves whole batches or nothing. StoreError where the file is damaged, is
    no vector store, or the disk is full.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        with self._said():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(
                path, timeout=60.0, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare()
            except BaseException:
                self._db.close()
                raise

    def get(
        self, encoder: str, hashes: Sequence[str | None]
    ) -> tuple[FloatMatrix, NDArray[np.bool_]]:
        """((n, dim) float32, (n,) present) in the order of ``hashes``.

        Not present: a None hash, an unknown one, or the zero vector (an encoder found nothing
        in the content); such rows are zero. dim is 0 while the store has nothing of ``encoder``.
        """
        present = np.zeros(len(hashes), dtype=np.bool_)
        with self._said(), self._lock:
            key = self._key(encoder)
            if key is None:
                return np.zeros((len(hashes), 0), dtype=np.float32), present
            found = dict(
                self._db.execute(
                    "SELECT hash, value FROM vector WHERE encoder = ?"
                    " AND hash IN (SELECT value FROM json_each(?))",
                    (key[0], _json(hashes)),
                )
            )
        matrix = np.zeros((len(hashes), key[1]), dtype=np.float32)
        for row, content in enumerate(hashes):
            value = None if content is None else found.get(content)
            if value is not None:
                matrix[row] = np.frombuffer(value, dtype="<f4")
                present[row] = True
        present &= matrix.any(axis=1)
        return matrix, present

    def known(self, encoder: str, hashes: Sequence[str | None]) -> set[str]:
        """Those of ``hashes`` that have a vector already (the zero vector included)."""
        with self._said(), self._lock:
            rows = self._db.execute(
                "SELECT hash FROM vector JOIN encoder ON encoder.id = vector.encoder"
                " WHERE name = ? AND hash IN (SELECT value FROM json_each(?))",
                (encoder, _json(hashes)),
            )
            return {row[0] for row in rows}

    def put(self, encoder: str, hashes: Sequence[str], matrix: FloatMatrix) -> None:
        """Keep row i of ``matrix`` (n, dim) under ``hashes[i]``; a later put overwrites.

        DataError: shapes differ, a value is not finite, or dim is not that of the rows the
        store already has of ``encoder``.
        """
        rows = np.ascontiguousarray(matrix, dtype="<f4")
        if rows.ndim != 2 or len(rows) != len(hashes):
            raise self._wrong("shape", rows.shape, f"({len(hashes)}, dim)")
        if not np.isfinite(rows).all():
            bad = hashes[int(np.flatnonzero(~np.isfinite(rows).all(axis=1))[0])]
            raise self._wrong("vector", bad, "finite numbers")
        with self._said(), self._lock, self._transaction():
            self._db.execute(
                "INSERT INTO encoder (name, dim) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (encoder, rows.shape[1]),
            )
            key = self._key(encoder)
            assert key is not None
            if key[1] != rows.shape[1]:
                raise self._wrong(f"dim of {encoder}", rows.shape[1], str(key[1]))
            self._db.executemany(
                "INSERT INTO vector (encoder, hash, value) VALUES (?, ?, ?)"
                " ON CONFLICT (encoder, hash) DO UPDATE SET value = excluded.value",
                (
                    (key[0], content, row.tobytes())
                    for content, row in zip(hashes, rows, strict=True)
                ),
            )

    def count(self, encoder: str) -> int:
        """How many contents have a vector of ``encoder``."""
        with self._said(), self._lock:
            row = self._db.execute(
                "SELECT count(*) FROM vector JOIN encoder ON encoder.id = vector.encoder"
                " WHERE name = ?",
                (encoder,),
            ).fetchone()
        return int(row[0])

    def fingerprint(self, encoder: str, hashes: Sequence[str | None]) -> str:
        """SHA-256 (hex) of the encoder's name and, in order, each hash and whether it is known.

        Keys stand for vectors: an encoder's name changes whenever its vectors would. So the
        fingerprint is the same on a machine whose arithmetic differs in the last bit.
        """
        known = self.known(encoder, hashes)
        digest = hashlib.sha256(encoder.encode())
        for content in hashes:
            digest.update(f"\n{content if content in known else '-'}".encode())
        return digest.hexdigest()

    def close(self) -> None:
        """Release the file; closing twice is harmless."""
        self._db.close()

    def __enter__(self) -> VectorStore:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _prepare(self) -> None:
        (version,) = self._db.execute("PRAGMA user_version").fetchone()
        if version not in (0, _VERSION):
            raise StoreError(
                f"{self.path}: vector store of version {version} is not of version {_VERSION};"
                " delete the file and its contents are encoded again"
            )
        _use_wal(self._db)
        # NORMAL: safe against a killed process; a power cut may lose the last batches, which
        # are then encoded again.
        self._db.execute("PRAGMA synchronous = NORMAL")
        if version == 0:
            with self._transaction():
                for statement in _SCHEMA.split(";"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {_VERSION}")

    def _key(self, encoder: str) -> tuple[int, int] | None:
        row = self._db.execute("SELECT id, dim FROM encoder WHERE name = ?", (encoder,)).fetchone()
        return None if row is None else (int(row[0]), int(row[1]))

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            # SQLite has rolled back already after some errors, a full disk among them.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    @contextmanager
    def _said(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise StoreError(
                f"{self.path}: {error}; expected a vector store that can be read and written"
                " (its contents can be encoded again, so a damaged file may be deleted)"
            ) from error

    def _wrong(self, column: str, value: object, expected: str) -> DataError:
        return DataError(str(self.path), column=column, value=value, expected=expected)


@retry(
    retry=retry_if_exception_message(match="database is locked"),
    wait=wait_random(0.005, 0.05),
    stop=stop_after_delay(60.0),
    reraise=True,
)
def _use_wal(connection: sqlite3.Connection) -> None:
    """SQLite does not wait for its busy timeout when two connections turn a new file to WAL."""
    connection.execute("PRAGMA journal_mode = WAL")


def _json(hashes: Sequence[str | None]) -> str:
    return json.dumps([content for content in hashes if content is not None])
