"""Every error Shopgraph raises on purpose; the tree is the documentation.

ShopgraphError
├─ ConfigError            unknown key or name: lists the known ones
├─ DataError              source, row, column, value, expectation
│  └─ SchemaError         label or type outside the schema
├─ StoreError
│  ├─ StoreUnavailable    retryable; HTTP 503
│  │  └─ StoreTimeout     the query took longer than it may; HTTP 504
│  └─ QueryError          query name, missing or unknown parameters
├─ NotFound               HTTP 404
└─ ArtifactError          absent, damaged, or from another graph; HTTP 503
"""

from __future__ import annotations


class ShopgraphError(Exception):
    """Root of the tree: the message says place, value and expectation."""


class ConfigError(ShopgraphError):
    """A setting or a name that does not exist; the message lists those that do."""


class DataError(ShopgraphError):
    """A value in the user's data that cannot be used.

    Reads as ``catalog.csv:17: price 'abc' is not a number >= 0``.
    """

    def __init__(
        self,
        source: str,
        *,
        row: int | None = None,
        column: str | None = None,
        value: object = None,
        expected: str,
    ) -> None:
        self.source, self.row, self.column, self.value, self.expected = (
            source,
            row,
            column,
            value,
            expected,
        )
        place = source if row is None else f"{source}:{row}"
        shown = repr(value)
        if len(shown) > 80:
            shown = shown[:77] + "..."
        subject = shown if column is None else f"{column} {shown}"
        super().__init__(f"{place}: {subject} is not {expected}")


class SchemaError(DataError):
    """A label, relationship type or entity kind outside the schema."""


class StoreError(ShopgraphError):
    """The graph store refused or failed."""


class StoreUnavailable(StoreError):
    """The store does not answer now; the same call may succeed later."""


class StoreTimeout(StoreUnavailable):
    """One query took longer than it may; the store itself answers."""


class QueryError(StoreError):
    """A library query called with missing, unknown or mistyped parameters."""


class NotFound(ShopgraphError):
    """An id that is not in the graph."""


class ArtifactError(ShopgraphError):
    """A model artifact that is absent, damaged, or trained on another graph."""
