"""Rows of CSV, TSV, JSONL and Parquet files; a bad row is rejected, a bad file is an error."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from kg.errors import DataError
from kg.readers.rows import TableRow
from kg.rejects import Rejects

SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
_DELIMITERS = (",", ";", "\t", "|")


def read_table(
    path: Path,
    *,
    columns: Sequence[str],
    rejects: Rejects,
    delimiter: str | None = None,
    source: str | None = None,
) -> Iterator[TableRow]:
    """Rows of ``path`` in file order, named ``source`` (the file's name) in errors.

    ``columns`` are those that are going to be asked for: DataError names the header found and
    the columns expected when one is absent. Text is UTF-8, with or without a byte order mark.
    DataError also: no such file, an unknown suffix, a damaged Parquet file.
    """
    source = source or path.name
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        known = ", ".join(SUFFIXES)
        raise DataError(source, column="file", value=path.name, expected=f"a table ({known})")
    if not path.is_file():
        raise DataError(source, column="file", value=str(path), expected="an existing file")
    try:
        if suffix == ".parquet":
            yield from _parquet_rows(path, source, columns)
            return
        # surrogateescape: one badly encoded cell costs its row, not the whole file.
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            if suffix in (".jsonl", ".ndjson"):
                yield from _json_rows(file, source, columns, rejects)
            else:
                separator = delimiter or ("\t" if suffix == ".tsv" else ",")
                yield from csv_rows(
                    file, source, columns=columns, rejects=rejects, delimiter=separator
                )
    except OSError as error:
        expected = f"a file that can be read ({error.strerror})"
        raise DataError(source, column="file", value=str(path), expected=expected) from error


def csv_rows(
    file: TextIO,
    source: str,
    *,
    columns: Sequence[str],
    rejects: Rejects,
    delimiter: str,
    quoting: bool = True,
) -> Iterator[TableRow]:
    """Rows of an open CSV file; ``quoting`` False reads quotes as ordinary characters."""
    # strict: a quote never closed is an error, not one field as long as the rest of the file.
    reader = csv.reader(
        file,
        delimiter=delimiter,
        strict=True,
        quoting=csv.QUOTE_MINIMAL if quoting else csv.QUOTE_NONE,
    )
    header: list[str] | None = None
    start = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            if header is None:
                raise DataError(
                    source, row=start, column="header", value=str(error), expected="a CSV header"
                ) from error
            rejects.add(DataError(source, row=start, value=str(error), expected="a CSV row"))
            start = reader.line_num + 1
            continue
        if header is None:
            header = [cell.strip() for cell in cells]
            _check_header(source, header, columns, delimiter)
        elif cells and len(cells) != len(header):
            expected = f"{len(header)} cells, as the header has"
            rejects.add(
                DataError(source, row=start, value=f"{len(cells)} cells", expected=expected)
            )
        elif cells:
            values = {name: cell or None for name, cell in zip(header, cells, strict=True)}
            yield TableRow(source, start, values)
        start = reader.line_num + 1
    if header is None:
        raise DataError(source, column="file", value="nothing", expected="a table with a header")


def _check_header(source: str, header: list[str], columns: Sequence[str], delimiter: str) -> None:
    missing = [column for column in columns if column not in header]
    if not missing and len(set(header)) == len(header):
        return
    shown = delimiter.join(header)
    if shown.startswith(("\xff\xfe", "\udcff\udcfe", "\udcfe\udcff")):
        raise DataError(source, row=1, column="header", value=ascii(shown), expected="UTF-8 text")
    if not missing:
        twice = sorted({name for name in header if header.count(name) > 1})
        raise DataError(
            source,
            row=1,
            column="header",
            value=shown,
            expected=f"a header without repeated columns (twice: {', '.join(twice)})",
        )
    expected = f"a header with columns {', '.join(columns)} separated by {delimiter!r}"
    for other in _DELIMITERS:
        if other != delimiter and set(columns) <= {name.strip(' "') for name in shown.split(other)}:
            expected += f" (it is separated by {other!r}: set delimiter = {other!r})"
            break
    else:
        expected += f" (missing: {', '.join(missing)})"
    raise DataError(source, row=1, column="header", value=shown, expected=expected)


def _json_rows(
    file: TextIO, source: str, columns: Sequence[str], rejects: Rejects
) -> Iterator[TableRow]:
    seen: set[str] = set()
    count = 0
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        count += 1
        try:
            values = json.loads(line)
        except (ValueError, RecursionError):
            values = None
        if isinstance(values, dict):
            seen.update(values)
            yield TableRow(source, number, values)
        else:
            shown = ascii(line.strip())[1:-1]
            rejects.add(DataError(source, row=number, value=shown, expected="a JSON object"))
    missing = [column for column in columns if column not in seen]
    if count and missing:
        # A key may be absent from a row, but one that no row has is a wrong mapping.
        raise DataError(
            source,
            column="keys",
            value=", ".join(sorted(seen)),
            expected=f"rows with {', '.join(columns)} (in no row: {', '.join(missing)})",
        )


def _parquet_rows(path: Path, source: str, columns: Sequence[str]) -> Iterator[TableRow]:
    try:
        with pq.ParquetFile(path) as table:
            header = list(table.schema_arrow.names)
            missing = [column for column in columns if column not in header]
            if missing:
                raise DataError(
                    source,
                    column="columns",
                    value=", ".join(header),
                    expected=f"a table with {', '.join(columns)} (missing: {', '.join(missing)})",
                )
            number = 0
            for batch in table.iter_batches(columns=list(dict.fromkeys(columns))):
                for values in batch.to_pylist():
                    number += 1
                    yield TableRow(source, number, values)
    except pa.ArrowException as error:
        raise DataError(
            source, column="file", value=f"{path.name} ({error})", expected="a whole Parquet file"
        ) from error
