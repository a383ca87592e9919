"""Extractors at work: in this process, or beside it in others where there is enough to do."""

from __future__ import annotations

import multiprocessing
import pickle
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import Any, TypeAlias

from kg.errors import DataError, ShopgraphError
from kg.extraction.contract import Extractor
from kg.items import Attribute, CatalogItem

#: What an extractor found in an item, or why it could not be read.
Found: TypeAlias = list[Attribute] | DataError
#: Fewer items than this are read before a process would have started.
LEAST_ITEMS = 400
_PART = 16  # items in a task
_LARGEST = 1 << 20  # bytes: a larger extractor (a learned model) would be copied to each process

_extractors: dict[int, Extractor] = {}  # of a worker process, set once when it starts


class Workers:
    """Runs extractors over lists of items; what is found does not depend on ``processes``.

    Processes are started (not forked: this one may have threads) with the first list while at
    least LEAST_ITEMS are ``expected``. Extractors that do not pickle, or to much, stay here.
    """

    def __init__(
        self, extractors: Sequence[Extractor], *, processes: int = 1, expected: int = 0
    ) -> None:
        self._extractors = extractors
        self._pool: ProcessPoolExecutor | None = None
        self._away: dict[int, bytes] = {}
        if processes > 1 and expected >= LEAST_ITEMS:
            sent = {number: _pickled(one) for number, one in enumerate(extractors)}
            self._away = {number: one for number, one in sent.items() if one is not None}
        if self._away:
            self._pool = ProcessPoolExecutor(
                processes,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_begin,
                initargs=(self._away,),
            )

    def run(self, wanted: Sequence[Sequence[CatalogItem]]) -> list[list[Found]]:
        """``wanted[e]`` read by extractor e, each in order.

        ShopgraphError where a worker process ended early (too little memory).
        """
        waiting: dict[int, list[Future[list[Found]]]] = {}
        for number, items in enumerate(wanted):
            if self._pool is not None and number in self._away:
                parts = [items[start : start + _PART] for start in range(0, len(items), _PART)]
                waiting[number] = [self._pool.submit(_work, number, part) for part in parts]
        # What stays here is done while the others work.
        here = {
            number: read_items(extractor, wanted[number])
            for number, extractor in enumerate(self._extractors)
            if number not in waiting
        }
        try:
            return [
                here[number]
                if number in here
                else [one for part in waiting[number] for one in part.result()]
                for number in range(len(wanted))
            ]
        except BrokenProcessPool as error:
            raise ShopgraphError(
                "extraction: a worker process ended before its work was done; expected enough"
                " memory for each: set kg.extraction.processes to 1 and ingest again (what was"
                " extracted is kept)"
            ) from error

    def close(self) -> None:
        """End the processes."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def read_items(extractor: Extractor, items: Sequence[CatalogItem]) -> list[Found]:
    """What ``extractor`` finds in each; the DataError in the place of one it cannot read."""
    many: Callable[[Sequence[CatalogItem]], list[list[Attribute]]] | None = getattr(
        extractor, "extract_many", None
    )
    if many is not None and items:
        try:
            return list(many(items))
        except DataError:
            pass  # one of them: each for itself, so that it is found and named below
    found: list[Found] = []
    for item in items:
        try:
            found.append(extractor.extract(item))
        except DataError as error:
            found.append(error)
    return found


def _pickled(extractor: Extractor) -> bytes | None:
    try:
        content = pickle.dumps(extractor)
    except (pickle.PicklingError, TypeError, AttributeError):
        return None
    return content if len(content) <= _LARGEST else None


def _begin(extractors: dict[int, bytes]) -> None:
    _extractors.update({number: pickle.loads(one) for number, one in extractors.items()})


def _work(number: int, items: Sequence[CatalogItem]) -> list[Found]:
    return [_sendable(one) for one in read_items(_extractors[number], items)]


def _sendable(found: Found) -> Found:
    """A DataError pickles only with a way to be made again from its parts."""
    return _Unreadable(found) if isinstance(found, DataError) else found


class _Unreadable(DataError):
    """The same DataError, able to travel between processes."""

    def __init__(self, error: DataError) -> None:
        parts = {"source": error.source, "row": error.row, "column": error.column}
        self._parts: dict[str, Any] = {**parts, "value": error.value, "expected": error.expected}
        super().__init__(**self._parts)

    def __reduce__(self) -> tuple[Callable[[dict[str, Any]], DataError], tuple[dict[str, Any]]]:
        return _made_again, (self._parts,)


def _made_again(parts: dict[str, Any]) -> DataError:
    return DataError(**parts)
