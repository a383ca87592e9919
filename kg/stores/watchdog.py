"""A bound on every call to an engine, also where the engine says nothing at all.

The driver waits for an answer without end: a server that has accepted a query and stopped
(suspended, swapped out, cut off without a word) would hold its caller for ever.
"""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import neo4j

_LOG = logging.getLogger("shopgraph.store")
_IDLE_S = 5.0


class Watch:
    """One call's alarms: ``(seconds, action)``; ``fired`` once the first has gone off."""

    def __init__(self, alarms: tuple[tuple[float, Callable[[], None]], ...], /) -> None:
        now = time.monotonic()
        self.due = [(now + seconds, action) for seconds, action in alarms]
        self.fired = False
        self._over = False
        self._lock = threading.Lock()

    def fire(self, action: Callable[[], None]) -> None:
        """Do ``action`` unless the call is over: then its connection serves another."""
        with self._lock:
            if self._over:
                return
            self.fired = True
            try:
                action()
            except Exception:
                # A later alarm is harsher; the caller hears of the time that has run out.
                _LOG.warning("a query that took too long was not stopped", exc_info=True)

    def end(self) -> None:
        """No alarm goes off after this returns."""
        with self._lock:
            self._over = True


class Watchdog:
    """One thread that sounds the alarms of all calls; it ends when there are none for a while."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._watches: set[Watch] = set()
        self._thread: threading.Thread | None = None
        self._next = 0.0

    @contextmanager
    def watch(self, *alarms: tuple[float, Callable[[], None]]) -> Iterator[Watch]:
        """Alarms, in order of time, that go off unless the block has ended."""
        watch = Watch(alarms)
        with self._changed:
            self._watches.add(watch)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="shopgraph-watchdog", daemon=True
                )
                self._thread.start()
            elif watch.due[0][0] < self._next:
                self._changed.notify()
        try:
            yield watch
        finally:
            with self._changed:
                self._watches.discard(watch)
            watch.end()

    def _run(self) -> None:
        while True:
            with self._changed:
                now = time.monotonic()
                for watch in self._watches:
                    while watch.due and watch.due[0][0] <= now:
                        _, action = watch.due.pop(0)
                        # On a thread of its own: what stops a query may itself have to wait.
                        threading.Thread(target=watch.fire, args=(action,), daemon=True).start()
                pending = [watch.due[0][0] for watch in self._watches if watch.due]
                self._next = min(pending, default=now + _IDLE_S)
                rang = self._changed.wait(max(0.0, self._next - now))
                if not rang and not self._watches:
                    self._thread = None
                    return


def local_port(session: neo4j.Session) -> int | None:
    """The port on this side of the session's connection; None while it has none."""
    connection = session._connection
    return None if connection is None else int(connection.local_port)


def cut(session: neo4j.Session) -> None:
    """Shut the socket of the session's connection: who waits on it gets an error.

    The driver has no public way to do this from another thread; a test holds it to this one.
    """
    connection = session._connection
    if connection is not None:
        with contextlib.suppress(OSError):
            connection.socket._socket.shutdown(socket.SHUT_RDWR)
