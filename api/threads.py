"""Blocking calls beside the event loop: a bounded number, in threads that end with the process."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")


def in_thread(work: Callable[[], _T], /) -> asyncio.Future[_T]:
    """Future of ``work()``, run in a daemon thread.

    A thread pool would hold up the end of the process until its last query has come back.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[_T] = loop.create_future()

    def settle(result: _T | None, error: BaseException | None) -> None:
        if future.done():  # given up by who waited
            return
        if error is None:
            future.set_result(result)  # type: ignore[arg-type]
        else:
            future.set_exception(error)

    def run() -> None:
        result, failure = None, None
        try:
            result = work()
        except BaseException as error:
            failure = error
        # A loop that was closed meanwhile has nobody left to be told.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=run, name="shopgraph-graph", daemon=True).start()
    return future
