"""Which batches a store has acknowledged, so that an interrupted ingest goes on from there."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from kg.errors import StoreError
from kg.graph import GraphBatch


def batch_hash(batch: GraphBatch) -> str:
    """SHA-256 (hex) of a batch's rows in order; properties by name."""
    digest = hashlib.sha256()
    for node in batch.nodes:
        digest.update(repr((node.label, node.id, sorted(node.properties.items()))).encode())
    for rows in (batch.relationships, batch.withdrawn):
        for row in rows:
            ends = (row.type, row.start_label, row.start_id, row.end_label, row.end_id)
            digest.update(repr((*ends, sorted(row.properties.items()))).encode())
        digest.update(b"\x00")
    return digest.hexdigest()


class Journal:
    """One run's acknowledged batches, a line each, on disk before ``acknowledge`` returns.

    The first line names the graph and the whole plan: a journal of another graph or another
    catalogue is begun anew, since skipping its batches could leave older values in the graph.
    A line cut off by a kill does not count. StoreError where the file cannot be written.
    """

    def __init__(self, path: Path, *, graph: str, batches: Sequence[str]) -> None:
        self.path = path
        plan = hashlib.sha256("\n".join(batches).encode()).hexdigest()
        self._header = f"{graph} {plan}\n".encode()
        self._file: BinaryIO | None = None
        self.acknowledged: frozenset[str] = frozenset()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a+b")
            self._file.seek(0)
            content = self._file.read()
            if content.startswith(self._header):
                whole = content[: content.rfind(b"\n") + 1]
                lines = whole[len(self._header) :].decode("ascii").split()
                self.acknowledged = frozenset(lines)
                self._file.truncate(len(whole))
            else:
                self._file.truncate(0)
                self._write(self._header)
        except OSError as error:
            self.close()
            raise self._unwritable(error) from error

    def acknowledge(self, batch: str) -> None:
        """Note that the store has ``batch`` durably."""
        try:
            self._write(f"{batch}\n".encode("ascii"))
        except OSError as error:
            raise self._unwritable(error) from error

    def finish(self) -> None:
        """The plan is complete: nothing is left to resume."""
        self.close()
        self.path.unlink(missing_ok=True)

    def close(self) -> None:
        """Release the file and keep what is in it."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _write(self, line: bytes) -> None:
        assert self._file is not None
        # Unbuffered: a full disk must not leave a half line that a later close tries again.
        descriptor = self._file.fileno()
        if os.write(descriptor, line) != len(line):
            raise OSError(28, os.strerror(28))
        os.fsync(descriptor)

    def _unwritable(self, error: OSError) -> StoreError:
        return StoreError(
            f"{self.path}: {error.strerror}; expected a journal to write. What the store has"
            " acknowledged is kept; run the ingest again when there is room"
        )
