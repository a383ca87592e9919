"""What a person says of an item, kept in a journal beside the graph and never overwritten.

The journal outlives the graph: every ingest, and one into a rebuilt graph, reads it. The last
word about (item, entity) counts: ``yes`` states it, ``no`` takes it from the item whoever says
it, a column too, and ``undo`` takes the person's word back.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import orjson

from kg.errors import DataError, StoreError
from kg.schema import entity_id

Says: TypeAlias = Literal["yes", "no", "undo"]


@dataclass(frozen=True, slots=True)
class Correction:
    """One word of a person; ``value`` is canonical, ``written`` what was typed.

    ``at_s``: UTC epoch seconds.
    """

    item_id: str
    kind: str
    value: str
    says: Says
    written: str = ""
    by: str = ""
    at_s: float = 0.0

    @property
    def entity(self) -> str:
        """Id of the entity that it speaks of."""
        return entity_id(self.kind, self.value)


class Corrections:
    """The journal: a JSON line a correction, on disk before ``add`` returns.

    Several processes may add at once. A line cut off by a kill does not count; any other that
    cannot be read is a DataError that names it, for a person's word must not be lost silently.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, correction: Correction) -> None:
        """Append. StoreError where the file cannot be written."""
        line = orjson.dumps(asdict(correction)) + b"\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a+b", buffering=0) as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                file.seek(0)
                content = file.read()
                file.truncate(content.rfind(b"\n") + 1)
                if file.write(line) != len(line):
                    raise OSError(28, os.strerror(28))
                os.fsync(file.fileno())
        except OSError as error:
            raise StoreError(
                f"{self.path}: {error.strerror}; expected a journal of corrections to write"
            ) from error

    def all(self) -> list[Correction]:
        """Every correction, in the order given."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StoreError(
                f"{self.path}: {error.strerror}; expected a journal of corrections to read"
            ) from error
        lines = content[: content.rfind(b"\n") + 1].splitlines()
        return [self._read(line, row) for row, line in enumerate(lines, start=1) if line.strip()]

    def current(self) -> dict[str, tuple[Correction, ...]]:
        """Item id -> what holds of it now (``yes`` and ``no``), in the order of entity ids."""
        last: dict[tuple[str, str], Correction] = {}
        for one in self.all():
            last[one.item_id, one.entity] = one
        found: dict[str, tuple[Correction, ...]] = {}
        for (item, _), one in sorted(last.items()):
            if one.says != "undo":
                found[item] = (*found.get(item, ()), one)
        return found

    def _read(self, line: bytes, row: int) -> Correction:
        try:
            found = Correction(**orjson.loads(line))
        except (orjson.JSONDecodeError, TypeError) as error:
            raise DataError(
                str(self.path), row=row, value=line.decode("utf-8", "replace"),
                expected="a correction as `shopgraph extract correct` writes it",
            ) from error  # fmt: skip
        if found.says not in get_args(Says):
            raise DataError(
                str(self.path), row=row, column="says", value=found.says,
                expected=f"one of: {', '.join(get_args(Says))}",
            )  # fmt: skip
        return found


def of_kind(corrections: Sequence[Correction], kind: str, says: Says) -> frozenset[str]:
    """Entity ids of ``kind`` about which ``corrections`` say ``says``."""
    return frozenset(one.entity for one in corrections if (one.kind, one.says) == (kind, says))


def evidence_of(correction: Correction) -> str:
    """The evidence of a person's statement, as JSON: who, when, and the words."""
    parts: Mapping[str, object] = {
        "quote": correction.written or correction.value,
        "by": correction.by or None,
        "at_s": correction.at_s or None,
    }
    return orjson.dumps({name: part for name, part in parts.items() if part is not None}).decode()
