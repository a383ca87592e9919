"""One driver, its sessions and retries: how every statement reaches an engine."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import neo4j
from neo4j.exceptions import AuthError, DriverError, Neo4jError, ServiceUnavailable

from kg.errors import StoreError
from kg.graph import Row
from kg.queries import Access
from kg.stores.engine import Address, Engine
from kg.stores.failures import explained

_PAUSE_S = 0.2
_T = TypeVar("_T")


class Connection:
    """Statements in managed transactions. Safe to share between threads; writes take turns."""

    def __init__(self, url: str, engine: Engine, /, *, timeout_s: float) -> None:
        self.url = url
        self.engine = engine
        self.timeout_s = timeout_s
        # Two writers at once conflict and are slower than one.
        self._writing = threading.Lock()
        self._connecting = threading.Lock()
        self._closed = False
        self._driver: neo4j.Driver | None = None
        self._bookmarks: neo4j.BookmarkManager | None = None
        self._address: Address | None = None

    def call(
        self, access: Access, text: str, params: Mapping[str, Any], *, place: str = ""
    ) -> list[Row]:
        """Rows of one statement in a transaction of its own; ``place`` is for the error."""

        def work(transaction: neo4j.ManagedTransaction) -> list[Row]:
            result = transaction.run(text, dict(params))
            return [record.data() for record in result]

        return self._execute(access, work, place=place)

    def statement(self, text: str) -> list[Row]:
        """A write without parameters: DDL."""
        return self.call("write", text, {})

    def merge(self, text: str, params: Mapping[str, Any]) -> tuple[int, neo4j.SummaryCounters]:
        """(rows that found their nodes, counters) of a statement that returns ``matched``."""

        def work(transaction: neo4j.ManagedTransaction) -> tuple[int, neo4j.SummaryCounters]:
            result = transaction.run(text, dict(params))
            record = result.single(strict=True)
            return int(record["matched"]), result.consume().counters

        return self._execute("write", work)

    def close(self) -> None:
        """Close the connections; stops the engine when this process started it."""
        with self._connecting:
            self._closed = True
            if self._driver is not None:
                self._driver.close()
                self._driver = None
        self.engine.close()

    def _execute(
        self, access: Access, work: Callable[[neo4j.ManagedTransaction], _T], *, place: str = ""
    ) -> _T:
        """Run ``work`` in a managed transaction; an engine that died is brought back first."""
        bounded = neo4j.unit_of_work(timeout=self.timeout_s)(work)
        deadline = time.monotonic() + self.timeout_s
        where = f"store {self.url}" + (f": {place}" if place else "")
        while True:
            try:
                driver, database = self._connect()
                with driver.session(database=database, bookmark_manager=self._bookmarks) as session:
                    if access == "read":
                        return session.execute_read(bounded)
                    with self._writing:
                        return session.execute_write(bounded)
            except (Neo4jError, DriverError) as error:
                # To repeat is safe: every statement of ours merges, sets, deletes or reads. So
                # too where the driver is not sure whether a commit came through, or where an
                # engine that was ending refused the login and another one answers now.
                again = (
                    error.is_retryable()
                    or isinstance(error, ServiceUnavailable)
                    or (isinstance(error, AuthError) and driver is not self._connect()[0])
                ) and time.monotonic() < deadline
                if not again or not self.engine.recover():
                    raise self._explained(error, where) from error
                time.sleep(_PAUSE_S)

    def _explained(self, error: Neo4jError | DriverError, place: str) -> StoreError:
        more = self.engine.circumstances()
        return explained(error, place, timeout_s=self.timeout_s, circumstances=more)

    def _connect(self) -> tuple[neo4j.Driver, str | None]:
        with self._connecting:
            if self._closed:
                # Not a crash: the engine must not be started again.
                raise StoreError(f"store {self.url}: closed")
            address = self.engine.address()
            if self._driver is not None and address != self._address:
                self._driver.close()
                self._driver = None
            if self._driver is None:
                auth = None if address.password is None else (address.user, address.password)
                self._driver = neo4j.GraphDatabase.driver(
                    address.uri,
                    auth=auth,
                    connection_timeout=5.0,
                    connection_acquisition_timeout=self.timeout_s,
                    max_transaction_retry_time=self.engine.retry_s,
                    # A young graph lacks types and properties that queries name.
                    notifications_disabled_classifications=["UNRECOGNIZED"],
                    user_agent="shopgraph",
                )
                # Reads see this store's own writes, on a cluster too.
                self._bookmarks = neo4j.GraphDatabase.bookmark_manager()
                self._address = address
            return self._driver, address.database
