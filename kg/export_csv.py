"""CSV files that ``neo4j-admin database import full`` takes, written row by row.

A file's columns and types are known only when its last row is, so each header is a file of its
own beside the rows, as the importer allows. A column of an import has one type: a row whose value
has another than its file's goes to the next file of the same labels.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from kg.errors import DataError
from kg.export_rows import ExportedNode, ExportedRelationship

#: Between labels and between the parts of a list; no part may hold it.
ARRAY_DELIMITER = ";"
_TYPES: Mapping[type, str] = {bool: "boolean", int: "long", float: "double", str: "string"}
#: Rows may hold line breaks; text is taken as it is.
_OPTIONS = ("--multiline-fields=true", f"--array-delimiter={ARRAY_DELIMITER}")


class CsvExport:
    """Files in ``folder``, which must be absent or empty; use it as a context.

    DataError where it is not empty, and for what a column cannot hold: a list of lists, or of
    text with ``;`` in it.
    """

    def __init__(self, folder: Path, /) -> None:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise DataError(
                "export", column="folder", value=str(folder), expected="an absent or empty folder"
            )
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._tables: dict[tuple[str, ...], list[_Table]] = {}

    def __enter__(self) -> CsvExport:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for table in self._all():
            table.close()

    def nodes(self, rows: Iterable[ExportedNode]) -> int:
        """Write ``rows``; how many."""
        count = 0
        for row in rows:
            count += 1
            leading = [f"id:ID({row.label})", ":LABEL"]
            labels = ARRAY_DELIMITER.join(row.labels)
            place = f"{row.label} {row.id}"
            self._write(("nodes", *row.labels), leading, [row.id, labels], row.properties, place)
        return count

    def relationships(self, rows: Iterable[ExportedRelationship]) -> int:
        """Write ``rows``; how many."""
        count = 0
        for row in rows:
            count += 1
            leading = [f":START_ID({row.start[0]})", f":END_ID({row.end[0]})", ":TYPE"]
            name = ("relationships", row.start[0], row.type, row.end[0])
            place = f"{row.type} {row.start[1]} -> {row.end[1]}"
            given = [row.start[1], row.end[1], row.type]
            self._write(name, leading, given, row.properties, place)
        return count

    def finish(self) -> tuple[str, ...]:
        """Write the headers; the arguments for ``neo4j-admin database import full``.

        The same line goes into ``import.txt``. Paths are relative to the folder.
        """
        arguments = list(_OPTIONS)
        for table in self._all():
            table.close()
            header = table.path.with_name(f"{table.path.stem}-header.csv")
            header.write_text(table.header(), encoding="utf-8")
            kind = table.path.stem.partition("-")[0]
            arguments.append(f"--{kind}={header.name},{table.path.name}")
        command = ["neo4j-admin", "database", "import", "full", "neo4j", *arguments]
        line = f"{shlex.join(command)}\n"
        (self.folder / "import.txt").write_text(line, encoding="utf-8")
        return tuple(arguments)

    def _write(
        self,
        name: tuple[str, ...],
        leading: list[str],
        given: list[str],
        properties: Mapping[str, Any],
        place: str,
    ) -> None:
        types = {key: _type(value, f"{place}: {key}") for key, value in properties.items()}
        tables = self._tables.setdefault(name, [])
        table = next((each for each in tables if each.takes(types)), None)
        if table is None:
            number = f"-{len(tables) + 1}" if tables else ""
            path = self.folder / f"{'-'.join(name)}{number}.csv"
            table = _Table(path, leading, path.open("x", encoding="utf-8", newline=""))
            tables.append(table)
        table.write(given, properties, types)

    def _all(self) -> list[_Table]:
        return [table for tables in self._tables.values() for table in tables]


@dataclass(slots=True)
class _Table:
    """A file whose columns grow to the right: earlier rows are shorter, which means no value."""

    path: Path
    leading: list[str]
    file: TextIO
    columns: dict[str, str] = field(default_factory=dict)

    def takes(self, types: Mapping[str, str]) -> bool:
        return all(self.columns.get(key, type_) == type_ for key, type_ in types.items())

    def write(
        self, given: list[str], properties: Mapping[str, Any], types: Mapping[str, str]
    ) -> None:
        self.columns |= types
        cells = [_quoted(value) for value in given]
        cells += [_cell(properties.get(key)) for key in self.columns]
        self.file.write(",".join(cells) + "\n")

    def header(self) -> str:
        names = [*self.leading, *(f"{key}:{type_}" for key, type_ in self.columns.items())]
        return ",".join(_quoted(name) for name in names) + "\n"

    def close(self) -> None:
        self.file.close()


def _type(value: Any, place: str) -> str:
    """The importer's name of a value's type."""
    if not isinstance(value, list):
        if type(value) not in _TYPES:
            raise DataError(place, value=value, expected="text, a number, true or false, or a list")
        return _TYPES[type(value)]
    if not value:
        return "string[]"
    kinds = {type(part) for part in value}
    # Engines keep lists of one type, of which a float may come as an integer.
    mixed = len(kinds) > 1 and kinds != {int, float}
    kind = float if len(kinds) > 1 else kinds.pop()
    if mixed or kind not in _TYPES:
        raise DataError(place, value=value, expected="a list of values of one type")
    if kind is str and any(ARRAY_DELIMITER in part for part in value):
        raise DataError(place, value=value, expected=f"a list without {ARRAY_DELIMITER!r} in it")
    return f"{_TYPES[kind]}[]"


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return _quoted(
            ARRAY_DELIMITER.join(part if isinstance(part, str) else _number(part) for part in value)
        )
    return _quoted(value) if isinstance(value, str) else _number(value)


def _number(value: bool | float) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    # Java's spelling.
    return {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}.get(repr(value), repr(value))


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
