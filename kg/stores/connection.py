"""How every statement reaches an engine: sessions, transactions, retries, limits of time."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

import neo4j
import tenacity
from neo4j.exceptions import AuthError, DriverError, Neo4jError, ServiceUnavailable, SessionExpired

from kg.errors import StoreError
from kg.graph import Answer, Row
from kg.queries import Access
from kg.stores.drivers import SharedDriver, give_back, take_driver
from kg.stores.engine import Address, Engine
from kg.stores.failures import explained, out_of_time, took_too_long
from kg.stores.values import plain
from kg.stores.watchdog import cut, local_port

#: After this much more than its time a call is cut off from an engine that does not stop it.
GRACE_S = 3.0
#: When, after its time, the engine is told to stop a call: a busy one may not have begun it yet.
_STOPS_S = (0.0, 0.5, 1.0, 2.0)
_FETCH = 1000
#: Two at once merged one node, or made one index if there was none: again, and it is there.
_TAKEN = frozenset(
    f"Neo.ClientError.Schema.{what}"
    for what in (
        *("ConstraintValidationFailed", "EquivalentSchemaRuleAlreadyExists"),
        *("ConstraintAlreadyExists", "IndexAlreadyExists"),
    )
)
_TIMES_TAKEN = 3
_PAUSES = tenacity.wait_random_exponential(multiplier=0.1, max=2.0)
_T = TypeVar("_T")
Work = Callable[[neo4j.Transaction], _T]


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of an answer: ``max_rows`` of them after ``offset``; None: all."""

    offset: int = 0
    max_rows: int | None = None


@contextlib.contextmanager
def _turn(shared: SharedDriver, access: Access, where: str, limit_s: float) -> Iterator[None]:
    """Writes one by one; reads as many at once as the engine begins at once."""
    if access == "write":
        with shared.writing:
            yield
    elif shared.reading is None:
        yield
    elif shared.reading.acquire(timeout=limit_s):
        try:
            yield
        finally:
            shared.reading.release()
    else:
        raise took_too_long(where, limit_s)


class Connection:
    """Statements in transactions of their own. Safe to share between threads.

    ``timeout_s`` bounds each, on an engine that does not answer too; writes take turns.
    """

    def __init__(self, url: str, engine: Engine, /, *, timeout_s: float) -> None:
        self.url = url
        self.engine = engine
        self.timeout_s = timeout_s
        self._connecting = threading.Lock()
        self._closed = False
        self._address: Address | None = None
        self._drivers: dict[str, SharedDriver] = {}

    def call(
        self, access: Access, text: str, params: Mapping[str, Any], *, place: str = ""
    ) -> list[Row]:
        """Rows of one statement as the driver gives them; ``place`` is for the error."""

        def work(transaction: neo4j.Transaction) -> list[Row]:
            result = transaction.run(text, dict(params))
            return [record.data() for record in result]

        return self.execute(access, work, place=place)

    def answer(
        self,
        access: Access,
        text: str,
        params: Mapping[str, Any],
        *,
        page: Page,
        timeout_s: float | None = None,
        place: str = "",
    ) -> Answer:
        """A page of one statement's rows, as plain data."""
        end = None if page.max_rows is None else page.offset + page.max_rows

        def work(transaction: neo4j.Transaction) -> Answer:
            result = transaction.run(text, dict(params))
            columns = tuple(result.keys())
            rows = [
                dict(zip(columns, map(plain, record.values()), strict=True))
                for record in islice(result, page.offset, end)
            ]
            return Answer(columns, rows, end is not None and result.peek() is not None)

        fetch = _FETCH if end is None else min(_FETCH, end + 1)
        return self.execute(access, work, place=place, timeout_s=timeout_s, fetch=fetch)

    def greeted(self, text: str) -> tuple[list[Row], str]:
        """Rows of a read without parameters, and how the server names itself."""

        def work(transaction: neo4j.Transaction) -> tuple[list[Row], str]:
            result = transaction.run(text)
            rows = [record.data() for record in result]
            return rows, result.consume().server.agent

        return self.execute("read", work)

    def statement(self, text: str) -> list[Row]:
        """A write without parameters: DDL."""
        return self.call("write", text, {})

    def merge(self, text: str, params: Mapping[str, Any]) -> tuple[int, neo4j.SummaryCounters]:
        """(rows that found their nodes, counters) of a statement that returns ``matched``."""

        def work(transaction: neo4j.Transaction) -> tuple[int, neo4j.SummaryCounters]:
            result = transaction.run(text, dict(params))
            record = result.single(strict=True)
            return int(record["matched"]), result.consume().counters

        return self.execute("write", work)

    def execute(
        self,
        access: Access,
        work: Work[_T],
        *,
        place: str = "",
        timeout_s: float | None = None,
        fetch: int = _FETCH,
    ) -> _T:
        """Do ``work`` in a transaction and commit it; again after a failure that may pass.

        ``work`` may therefore run several times: it merges, sets, deletes or reads. A lost
        connection is tried again for the engine's ``retry_s``, a conflict for ``timeout_s``.
        """
        limit_s = self.timeout_s if timeout_s is None else timeout_s
        where = f"store {self.url}" + (f": {place}" if place else "")
        started = time.monotonic()
        taken = 0

        def passes(error: BaseException) -> bool:
            nonlocal taken
            if not isinstance(error, Neo4jError | DriverError):
                return False
            if access == "write" and isinstance(error, Neo4jError) and error.code in _TAKEN:
                taken += 1
                return taken <= _TIMES_TAKEN
            lost = isinstance(error, ServiceUnavailable | SessionExpired)
            patience = min(limit_s, self.engine.retry_s) if lost else limit_s
            if time.monotonic() - started >= patience:
                return False
            if isinstance(error, AuthError):
                # An engine that was ending refused the login, and another one answers now.
                before = self._address
                self._driver(access)
                return self._address != before
            return (lost or error.is_retryable()) and self.engine.recover()

        attempts = tenacity.Retrying(
            retry=tenacity.retry_if_exception(passes), wait=_PAUSES, reraise=True
        )
        try:
            for attempt in attempts:
                with attempt:
                    value = self._once(access, work, where, limit_s, fetch)
        except (Neo4jError, DriverError) as error:
            more = self.engine.circumstances()
            raise explained(error, where, timeout_s=limit_s, circumstances=more) from error
        return value

    def close(self) -> None:
        """Let go of the driver; stops the engine when this process started it."""
        with self._connecting:
            self._closed = True
            self._let_go()
        self.engine.close()

    def _once(self, access: Access, work: Work[_T], where: str, limit_s: float, fetch: int) -> _T:
        shared, database = self._driver(access)
        with _turn(shared, access, where, limit_s):
            session = shared.driver.session(
                database=database,
                default_access_mode=neo4j.READ_ACCESS if access == "read" else neo4j.WRITE_ACCESS,
                bookmark_manager=shared.bookmarks,
                fetch_size=fetch,
                # A short limit is the query's: to open a connection to a busy engine takes longer.
                connection_acquisition_timeout=limit_s + _STOPS_S[-1],
            )

            def stop() -> None:
                if (port := local_port(session)) is not None:
                    self.engine.stop_query(port)

            def leave() -> None:
                try:
                    stop()
                finally:
                    cut(session)

            alarms = [(limit_s + later_s, stop) for later_s in _STOPS_S]
            with shared.watchdog.watch(*alarms, (limit_s + GRACE_S, leave)) as watch:
                begun = False
                try:
                    with session, session.begin_transaction(timeout=limit_s) as transaction:
                        begun = True
                        value = work(transaction)
                        transaction.commit()
                        return value
                except (Neo4jError, DriverError) as error:
                    if watch.fired and begun:
                        raise out_of_time(error, where, limit_s) from error
                    raise

    def _driver(self, access: Access) -> tuple[SharedDriver, str | None]:
        with self._connecting:
            if self._closed:
                # Not a crash: the engine must not be started again.
                raise StoreError(f"store {self.url}: closed")
            address = self.engine.address()
            if address != self._address:
                self._let_go()
                self._address = address
            user = address.user
            if access == "read" and address.reader is not None:
                user = address.reader
            if user not in self._drivers:
                self._drivers[user] = take_driver(address, user)
            return self._drivers[user], address.database

    def _let_go(self) -> None:
        for shared in self._drivers.values():
            give_back(shared)
        self._drivers.clear()
