"""The graph store of a running service: one connection, held open, and given back after a fall.

Recommendations are answered from memory and never come here. While the store is away, whoever
asks it something is told so at once, and it is tried again in the background until it answers.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from api.threads import in_thread
from kg.errors import ShopgraphError, StoreError, StoreTimeout, StoreUnavailable

if TYPE_CHECKING:
    from api.settings import Settings
    from kg.stores.bolt import BoltStore

log = logging.getLogger("shopgraph.api")

_T = TypeVar("_T")

#: How often a store that is away is tried again, and one that is slow is asked for a sign of life.
RETRY_S = 1.0
#: A store from which so long nothing comes, not even the answer to RETURN 1, is away.
SIGN_S = 5.0
#: How long a request waits for a store that is being opened for the first time.
OPENING_S = 3.0
#: What the engine may need beyond the time a query may take, to say that it took too long.
GRACE_S = 2.0


class GraphStoreHolder:
    """Holds the store open; `call` runs something on it. Belongs to one event loop."""

    def __init__(
        self,
        open_store: Callable[[], BoltStore],
        *,
        url: str,
        threads: int,
        on_open: Callable[[BoltStore], None],
    ) -> None:
        self.url = url
        self._open_store = open_store
        self._on_open = on_open
        self._slots = asyncio.Semaphore(threads)
        self._store: BoltStore | None = None
        self._failure: StoreError | None = None
        self._away = asyncio.Event()  # set: callers need not wait any longer
        self._tried = asyncio.Event()  # set: the first attempt to open it has ended
        self._running: dict[int, float] = {}  # call -> when it began
        self._calls = 0
        self._doubted = False
        self._last_sign = 0.0
        self._opening: asyncio.Future[BoltStore] | None = None
        self._ending = False
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to open the store; waits for nothing."""
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Let go of the store, and stop its engine where this process started it."""
        self._ending = True
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        store, self._store = self._store, None
        if store is None and self._opening is not None and self._opening.done():
            # Opened, but not taken over before the task was cancelled.
            store = None if self._opening.exception() else self._opening.result()
        self._failure = StoreUnavailable(f"store {self.url}: the service is ending")
        if store is not None:
            await asyncio.wait([in_thread(store.close)], timeout=30)

    @property
    def words(self) -> str:
        """`open`, or what is the matter."""
        if self._away.is_set():
            return f"away: {self._failure}"
        return "being opened" if self._store is None else "open"

    @property
    def store(self) -> BoltStore | None:
        """The store, if it is open; None while it is not. For use outside the event loop."""
        return self._store

    async def first_look(self, timeout_s: float) -> None:
        """Wait until the first attempt to open the store has ended, but not longer."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._tried.wait(), timeout_s)

    async def call(self, work: Callable[[BoltStore], _T], *, timeout_s: float) -> _T:
        """``work(store)`` in a thread of its own.

        StoreUnavailable while the store is away, or where all threads were busy for
        ``timeout_s``; StoreTimeout where ``work`` takes longer than that.
        """
        if self._store is None and self._failure is None:
            await self.first_look(min(OPENING_S, timeout_s))
        self._current()
        try:
            await asyncio.wait_for(self._slots.acquire(), timeout_s)
        except TimeoutError:
            raise StoreUnavailable(
                f"store {self.url}: too many queries at once, none ended within {timeout_s:g} s"
            ) from None
        try:
            store = self._current()
        except StoreUnavailable:
            self._slots.release()
            raise
        self._calls += 1
        call = self._calls
        self._running[call] = time.monotonic()
        future = in_thread(lambda: work(store))
        future.add_done_callback(lambda _: self._ended(call))
        future.add_done_callback(_forget)
        try:
            result = await self._first(future, timeout_s)
        except StoreTimeout:
            self._doubted = True  # a hard question, or a store that answers none
            raise
        except StoreUnavailable as error:
            self._lost(error)
            raise
        except StoreError as error:
            if store is self._store:
                raise
            raise self._unavailable() from error  # closed under the call
        self._last_sign = time.monotonic()
        return result

    async def _first(self, future: asyncio.Future[_T], timeout_s: float) -> _T:
        """The result, unless the store is found to be away or time runs out before."""
        away = asyncio.create_task(self._away.wait())
        waited: tuple[asyncio.Future[Any], ...] = (future, away)
        try:
            await asyncio.wait(
                waited, timeout=timeout_s + GRACE_S, return_when=asyncio.FIRST_COMPLETED
            )
            if future.done():
                return future.result()
            # Its thread goes on and keeps its slot until the engine lets go of it.
            if away.done():
                raise self._unavailable()
            raise StoreTimeout(f"store {self.url}: no answer within {timeout_s:g} s")
        finally:
            away.cancel()

    async def _keep(self) -> None:
        """Open the store, look after it while calls are slow, bring it back when it is away."""
        while True:
            if self._store is None:
                await self._open()
            elif self._away.is_set() or self._doubted or self._is_slow():
                self._doubted = False
                await self._ping(self._store)
            await asyncio.sleep(RETRY_S)

    async def _open(self) -> None:
        try:
            self._opening = in_thread(self._open_unless_ending)
            store = await asyncio.shield(self._opening)
            await in_thread(lambda: self._on_open(store))
        except ShopgraphError as error:
            self._lost(error)
        except Exception as error:
            # A fault of this program: said in full, and no reason to stop looking.
            log.exception("store %s: cannot be opened", self.url)
            self._lost(StoreError(f"store {self.url}: an unexpected {type(error).__name__}"))
        else:
            self._store, self._failure, self._last_sign = store, None, time.monotonic()
            self._opening = None
            self._away.clear()
            log.info("store %s: open", self.url)
        finally:
            self._tried.set()

    def _open_unless_ending(self) -> BoltStore:
        store = self._open_store()
        if self._ending:  # nobody takes it any more
            store.close()
            raise StoreUnavailable(f"store {self.url}: the service is ending")
        return store

    async def _ping(self, store: BoltStore) -> None:
        """Ask for a sign of life, briefly: a refused connection is not tried for long."""
        asked = in_thread(lambda: store.read("RETURN 1 AS one", {}, timeout_s=RETRY_S))
        asked.add_done_callback(_forget)
        try:
            await asyncio.wait_for(asyncio.shield(asked), SIGN_S)
        except (TimeoutError, StoreTimeout):
            if time.monotonic() - self._last_sign > SIGN_S:
                self._lost(StoreUnavailable(f"store {self.url}: no sign of life"))
        except ShopgraphError as error:
            self._lost(error)
            if self.url.startswith("embedded:"):
                # An engine that fell twice is given up by its store; a new one starts afresh.
                self._store = None
                in_thread(store.close).add_done_callback(_forget)
        else:
            if self._away.is_set():
                log.warning("store %s: answers again", self.url)
            self._last_sign, self._failure = time.monotonic(), None
            self._away.clear()

    def _is_slow(self) -> bool:
        oldest = min(self._running.values(), default=None)
        return oldest is not None and time.monotonic() - oldest > RETRY_S

    def _ended(self, call: int) -> None:
        del self._running[call]
        self._slots.release()

    def _lost(self, error: ShopgraphError) -> None:
        if not self._away.is_set():
            log.warning("store %s: away: %s", self.url, error)
        self._failure = error if isinstance(error, StoreError) else StoreError(str(error))
        self._away.set()

    def _current(self) -> BoltStore:
        if self._store is None or self._away.is_set():
            raise self._unavailable()
        return self._store

    def _unavailable(self) -> StoreUnavailable:
        if self._failure is None:
            return StoreUnavailable(f"store {self.url}: still being opened; ask again in a moment")
        return StoreUnavailable(str(self._failure))


def _forget(future: asyncio.Future[Any]) -> None:
    """A result that nobody waits for any more; asyncio complains of errors nobody has seen."""
    if not future.cancelled():
        future.exception()


def open_existing(settings: Settings) -> BoltStore:
    """The configured store; StoreUnavailable where the embedded one was never made."""
    from api.shop import open_graph
    from kg.stores.urls import embedded_folder

    url = settings.kg.store.url
    if url.startswith("embedded:") and not embedded_folder(url).is_dir():
        # Opening it would make an empty one.
        raise StoreUnavailable(f"no graph at {url}: ingest a catalogue first")
    return open_graph(settings)
