"""Pages of a graph: of the nodes asked for, or of the relationships that leave them.

One page is one statement, and its answer is one record of whole columns. The driver makes a
column of 10,000 values about thirty times faster than 10,000 records, and nothing is held twice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from kg.errors import DataError
from kg.stores.connection import Connection

if TYPE_CHECKING:
    import neo4j

NODES = 1000  # of the first page
ROWS = 25_000  # that later pages aim at
_MOST_NODES = 4000
_IDS = 10_000  # ids a record
#: A page is read while another is turned into columns: the engine and this process both work.
_READERS = 2


def values(connection: Connection, text: str, params: Mapping[str, Any]) -> list[list[Any]]:
    """Rows of a reading statement as lists, their values as the driver made them."""

    def work(transaction: neo4j.Transaction) -> list[list[Any]]:
        return [record.values() for record in transaction.run(text, dict(params))]

    return connection.execute("read", work, place="snapshot")


def ids_of(connection: Connection, label: str, where: str = "", **params: object) -> list[str]:
    """Ids of all nodes of a label that have one. DataError for one that is not text."""
    text = (
        f"MATCH (n:{label}) {where} WITH collect(n.id) AS ids "
        f"UNWIND range(0, size(ids) - 1, {_IDS}) AS at RETURN ids[at..at + {_IDS}]"
    )
    ids = [id_ for (part,) in values(connection, text, params) for id_ in part]
    for id_ in ids:
        if not isinstance(id_, str):
            raise DataError("snapshot", column=f"{label}.id", value=id_, expected="text")
    return ids


def pages(
    connection: Connection, ids: Sequence[str], match: str, columns: Mapping[str, str]
) -> Iterator[tuple[Sequence[str], dict[str, list[Any]]]]:
    """(ids of the page, column -> values), page by page in the order of ``ids``.

    ``match`` finds the rows of node ``$ids[at]``; ``columns`` are name -> expression over them,
    and column ``at`` (position in the page's ids) comes by itself. DataError where an
    expression is null in some row: the columns would no longer be of one length.
    """
    expressions = ", ".join(f"collect({text})" for text in columns.values())
    text = f"UNWIND range(0, size($ids) - 1) AS at {match} RETURN collect(at), {expressions}"
    names = ("at", *columns)
    pending: deque[tuple[Sequence[str], Future[list[list[Any]]]]] = deque()
    start, size = 0, NODES
    with ThreadPoolExecutor(_READERS, thread_name_prefix="snapshot") as pool:
        while start < len(ids) or pending:
            while start < len(ids) and len(pending) <= _READERS:
                page = ids[start : start + size]
                pending.append((page, pool.submit(values, connection, text, {"ids": page})))
                start += size
            page, answer = pending.popleft()
            (row,) = answer.result()
            found = dict(zip(names, row, strict=True))
            for name, column in found.items():
                if len(column) != len(found["at"]):
                    raise DataError(
                        f"snapshot of {page[0]} to {page[-1]}",
                        column=name,
                        value=None,
                        expected=f"a value in each of {len(found['at'])} rows",
                    )
            yield page, found
            size = min(max(ROWS * len(page) // max(len(found["at"]), 1), 1), _MOST_NODES)
