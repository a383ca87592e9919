"""Rows that cannot go in: each in ``rejects.jsonl`` with its reason, all of them counted."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import TextIO

from kg.errors import DataError, StoreError


class Rejects:
    """Collects DataErrors of one run; the file is written anew and a line an error.

    A line is ``{"file", "row", "column", "value", "expected"}``; ``row`` is the line in a text
    file or the record's number in Parquet, both from 1. ``path`` None counts without a file.
    StoreError where the file cannot be written.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.counts: Counter[str] = Counter()
        self.first: dict[str, DataError] = {}
        self._file: TextIO | None = None
        if path is not None:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._file = path.open("w", encoding="utf-8", errors="backslashreplace")
            except OSError as error:
                raise self._unwritable(error) from error

    def add(self, error: DataError) -> None:
        """Count ``error`` under its reason, ``file: column: expected``, and write its line."""
        # A picture is its own file: its name would make every reason unique.
        place = "" if error.row is None else f"{error.source}: "
        reason = f"{place}{error.column or 'row'}: {error.expected}"
        self.counts[reason] += 1
        self.first.setdefault(reason, error)
        if self._file is None:
            return
        value = error.value
        line = {
            "file": error.source,
            "row": error.row,
            "column": error.column,
            "value": value if isinstance(value, str | int | bool) or value is None else str(value),
            "expected": error.expected,
        }
        try:
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        except OSError as write_error:
            raise self._unwritable(write_error) from write_error

    @property
    def total(self) -> int:
        """How many rejects there were."""
        return sum(self.counts.values())

    def close(self) -> None:
        """Write what is buffered and release the file."""
        if self._file is None:
            return
        file, self._file = self._file, None
        try:
            file.close()
        except OSError as error:
            raise self._unwritable(error) from error

    def __enter__(self) -> Rejects:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _unwritable(self, error: OSError) -> StoreError:
        return StoreError(f"{self.path}: {error.strerror}; expected a rejects file to write")
