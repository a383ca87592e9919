"""Magento's product attributes: which codes exist and what they become in the graph."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kg.items import Value
from kg.readers.markup import plain_text
from kg.readers.rows import TableRow
from kg.readers.tables import read_table
from kg.rejects import Rejects

#: Magento's code -> entity kind, where the schema has a word of its own for it.
_KINDS = {"color": "colour", "gender": "audience", "activity": "use"}
_KIND_OF_PREFIX = {"style_": "style", "features_": "function", "strap_": "strap"}
_COLUMNS = ("frontend_input", "attribute_code")


@dataclass(frozen=True, slots=True)
class AttributeCodes:
    """``selects``: attribute code -> entity kind; ``booleans``: codes kept as properties."""

    selects: Mapping[str, str]
    booleans: frozenset[str]

    def entities(self, row: TableRow) -> dict[str, tuple[str, ...]]:
        """Entity kind -> values that the row states, in columns or ``additional_attributes``."""
        found: dict[str, dict[str, None]] = {}
        for code, values in self._stated(row):
            kind = self.selects.get(code)
            if kind is not None:
                names = (plain_text(value) for value in values)
                found.setdefault(kind, {}).update(
                    dict.fromkeys(name for name in names if name and name != "N/A")
                )
        return {kind: tuple(names) for kind, names in found.items() if names}

    def flags(self, row: TableRow) -> dict[str, Value]:
        """Yes/no attributes as booleans."""
        return {
            code: values[0].lower() in {"yes", "1", "true"}
            for code, values in self._stated(row)
            if code in self.booleans
        }

    def _stated(self, row: TableRow) -> list[tuple[str, tuple[str, ...]]]:
        stated = []
        for code in (*self.selects, *sorted(self.booleans)):
            if values := row.texts(code, "\n"):
                stated.append((code, values))
        # "a=x,b=y|z": a comma inside a value is told from a separator by the "code=" after it.
        for part in re.split(r",(?=\w+=)", row.text("additional_attributes")):
            code, _, value = part.partition("=")
            if value:
                stated.append((code, tuple(value.split("|"))))
        return stated


def attribute_codes(tables: Iterable[Path], *, rejects: Rejects) -> AttributeCodes:
    """Codes that the fixtures' ``attributes.csv`` files declare."""
    selects: dict[str, str] = {}
    booleans: set[str] = set()
    for path in tables:
        for row in read_table(path, columns=_COLUMNS, rejects=rejects):
            code = row.required("attribute_code")
            if row.text("frontend_input") == "boolean":
                booleans.add(code)
            else:
                selects[code] = _kind(code)
    return AttributeCodes(selects, frozenset(booleans))


def _kind(code: str) -> str:
    for prefix, kind in _KIND_OF_PREFIX.items():
        if code.startswith(prefix):
            return kind
    return _KINDS.get(code, code)
