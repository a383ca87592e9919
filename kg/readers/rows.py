"""One row of a table, with its place: typed values, or a DataError that names them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from kg.errors import DataError
from kg.items import Value

#: Epoch numbers beyond this are milliseconds: as seconds they would lie after the year 5138.
_MILLISECONDS_FROM = 1e11


@dataclass(frozen=True, slots=True)
class TableRow:
    """``values`` as read: text from CSV, typed from JSONL and Parquet, None where empty.

    ``number`` is the line where the row starts (text files) or the record's number, from 1.
    """

    source: str
    number: int
    values: Mapping[str, Any]

    def error(self, column: str | None, value: object, expected: str) -> DataError:
        """A DataError at this row."""
        return DataError(
            self.source, row=self.number, column=column, value=value, expected=expected
        )

    def text(self, column: str | None) -> str:
        """The value as text without surrounding blanks; empty where absent or null."""
        value = None if column is None else self.values.get(column)
        if value is None:
            return ""
        if isinstance(value, float):
            if math.isnan(value):  # how pandas writes "nothing"
                return ""
            if value.is_integer():  # an id column with gaps becomes float on its way
                value = int(value)
        if isinstance(value, list | dict):
            raise self.error(column, value, "one value")
        text = str(value).strip()
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise self.error(column, ascii(text), "UTF-8 text") from error
        return text

    def required(self, column: str) -> str:
        """As ``text``; DataError where empty."""
        text = self.text(column)
        if not text:
            raise self.error(column, self.values.get(column), "given (it must not be empty)")
        return text

    def property_value(self, column: str) -> Value:
        """The value as a property: numbers and booleans stay, the rest is text, None if empty."""
        value = self.values.get(column)
        if isinstance(value, bool | int):
            return value
        if isinstance(value, float) and not math.isnan(value):
            return value
        return self.text(column) or None

    def texts(self, column: str, separator: str) -> tuple[str, ...]:
        """Several values: a list, or one text split at ``separator``; no empty, no repeated."""
        value = self.values.get(column)
        if isinstance(value, list):
            parts = [
                TableRow(self.source, self.number, {column: part}).text(column) for part in value
            ]
        else:
            parts = [part.strip() for part in self.text(column).split(separator)]
        return tuple(dict.fromkeys(part for part in parts if part))

    def number_or_none(
        self,
        column: str | None,
        *,
        at_least: float = -math.inf,
        at_most: float = math.inf,
        above: float = -math.inf,
    ) -> float | None:
        """A finite number in the range, None where empty; DataError says the range."""
        value = None if column is None else self.values.get(column)
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        expected = "a number"
        if at_most < math.inf:
            expected = f"a number from {at_least:g} to {at_most:g}"
        elif above > -math.inf:
            expected = f"a number > {above:g}"
        elif at_least > -math.inf:
            expected = f"a number >= {at_least:g}"
        try:
            if isinstance(value, bool) or "_" in str(value):  # float() would take both
                raise ValueError
            number = float(value)
        except (TypeError, ValueError) as error:
            raise self.error(column, value, expected) from error
        if not (math.isfinite(number) and at_least <= number <= at_most and number > above):
            raise self.error(column, value, expected)
        return number

    def time_s(self, column: str | None) -> float:
        """UTC epoch seconds of an ISO 8601 time or epoch seconds or milliseconds.

        0 where ``column`` is None; DataError where the value is empty or neither.
        """
        if column is None:
            return 0.0
        value = self.values.get(column)
        try:
            if isinstance(value, date):
                moment = value if isinstance(value, datetime) else datetime(*value.timetuple()[:3])
                return _epoch_s(moment)
            text = self.text(column)
            if re.fullmatch(r"-?\d+(\.\d+)?([eE]\+?\d+)?", text) and not _is_basic_date(text):
                number = float(text)
                seconds = number / 1000.0 if abs(number) >= _MILLISECONDS_FROM else number
                datetime.fromtimestamp(seconds, UTC)  # range check
                return seconds
            return _epoch_s(datetime.fromisoformat(text))
        except (ValueError, OverflowError, OSError) as error:
            expected = "a time (ISO 8601, epoch seconds or epoch milliseconds)"
            raise self.error(column, value, expected) from error


def _is_basic_date(text: str) -> bool:
    """``20200921`` is a day in 2020, hardly 234 days after the epoch."""
    return re.fullmatch(r"(19|20)\d{6}", text) is not None


def _epoch_s(moment: datetime) -> float:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
