"""Labelled examples: a table with a text, perhaps a category, and what is to be found in it.

One row an example (CSV, TSV, JSONL, Parquet). The labels are either one column that maps
attribute -> value, list of values or object whose keys are values (in CSV as JSON text), or one
column an attribute. ``n/a`` and empty mean that the text does not say it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.errors import DataError
from kg.readers.rows import TableRow
from kg.readers.tables import read_table
from kg.rejects import Rejects

ABSENT = frozenset({"", "n/a"})


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column is what. ``attributes`` given: a column each, instead of ``labels``."""

    text: str = "text"
    labels: str = "attributes"
    category: str | None = None
    attributes: tuple[str, ...] = ()
    separator: str = "|"  # between several values in one cell of ``attributes``


@dataclass(frozen=True, slots=True)
class Labelled:
    """One example; ``values``: attribute -> its values as written, in the file's order."""

    text: str
    category: str
    values: Mapping[str, tuple[str, ...]]
    row: int = 0


def read_labelled(path: Path, columns: Columns, *, rejects: Rejects) -> list[Labelled]:
    """Examples of ``path`` in file order; bad rows go to ``rejects``.

    DataError: the file cannot be read, a column is not there, or no example is left.
    """
    wanted = [columns.text, *([columns.category] if columns.category else [])]
    wanted += columns.attributes or [columns.labels]
    found = []
    for row in read_table(path, columns=wanted, rejects=rejects):
        try:
            text = row.required(columns.text)
            category = row.text(columns.category)
            found.append(Labelled(text, category, _values(row, columns), row.number))
        except DataError as error:
            rejects.add(error)
    if not found:
        first = next(iter(rejects.first.values()), None)
        hint = f" (first reject: {first})" if first else ""
        raise DataError(
            path.name, column="file", value="no example", expected=f"labelled examples{hint}"
        )
    return found


def fingerprint(examples: Sequence[Labelled]) -> str:
    """sha256 over texts, categories and values, in order: which file a model has learned from."""
    digest = hashlib.sha256()
    for example in examples:
        content = [example.text, example.category, sorted(example.values.items())]
        digest.update(json.dumps(content, ensure_ascii=False).encode("utf-8", "replace"))
    return digest.hexdigest()


def _values(row: TableRow, columns: Columns) -> dict[str, tuple[str, ...]]:
    if columns.attributes:
        cells = {name: row.texts(name, columns.separator) for name in columns.attributes}
        return _present(cells)
    labels = row.values.get(columns.labels)
    if isinstance(labels, str):
        try:
            labels = json.loads(labels)
        except ValueError as error:
            expected = "a JSON object, attribute -> value"
            raise row.error(columns.labels, row.values[columns.labels], expected) from error
    if labels is None:
        return {}
    if not isinstance(labels, dict):
        raise row.error(columns.labels, labels, "an object, attribute -> value or values")
    return _present({str(name): _listed(row, columns, cell) for name, cell in labels.items()})


def _listed(row: TableRow, columns: Columns, cell: Any) -> tuple[str, ...]:
    if isinstance(cell, dict):
        # {value: weight}: a weight of zero or null says that it is none of the values.
        cell = [value for value, weight in cell.items() if weight]
    parts = cell if isinstance(cell, list) else [cell]
    if any(isinstance(part, dict | list) for part in parts):
        raise row.error(columns.labels, cell, "a value, a list of values or value -> weight")
    return tuple(TableRow(row.source, row.number, {"value": one}).text("value") for one in parts)


def _present(cells: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    kept = {
        name: tuple(dict.fromkeys(value for value in values if value.lower() not in ABSENT))
        for name, values in cells.items()
    }
    return {name: values for name, values in kept.items() if values}
