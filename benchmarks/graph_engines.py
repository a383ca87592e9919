"""Both engines on an empty graph of their own, and the processor time that each has used."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from kg.stores import open_store
from kg.stores.bolt import BoltStore

ROOT = Path(__file__).resolve().parent.parent
_PASSWORD = "benchmark"


class Served:
    """A store and the process that serves it."""

    def __init__(self, store: BoltStore, pid: int, /) -> None:
        self.store = store
        self._tasks = Path(f"/proc/{pid}/task")

    def cpu_s(self) -> float:
        """Processor seconds of all threads of the server that live now (Linux)."""
        total = 0
        for task in self._tasks.iterdir():
            try:
                total += int((task / "schedstat").read_text().split()[0])
            except (FileNotFoundError, ProcessLookupError):
                continue  # the thread has ended meanwhile
        return total / 1e9


@contextmanager
def both_engines(folder: Path, *, timeout_s: float = 60.0) -> Iterator[dict[str, Served]]:
    """``neo4j`` (where ``../shared/neo4j`` is) and ``embedded``, with default memory settings."""
    with ExitStack() as stack:
        served = {}
        scripts = Path(os.environ.get("SHOPGRAPH_SHARED", ROOT.parent / "shared")) / "neo4j"
        if (scripts / "start").is_file():
            home = folder / "neo4j"
            bolt, http = _free_ports()
            subprocess.run(
                [scripts / "start", home, str(bolt), str(http), _PASSWORD],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            stack.callback(subprocess.run, [scripts / "stop", home, "--kill"], check=True)
            url = f"neo4j://127.0.0.1:{bolt}"
            store = stack.enter_context(open_store(url, password=_PASSWORD, timeout_s=timeout_s))
            served["neo4j"] = Served(store, int((home / "pid").read_text()))
        url = f"embedded:{folder / 'embedded'}"
        store = stack.enter_context(open_store(url, timeout_s=timeout_s))
        served["embedded"] = Served(store, _serving(psutil.Process().children(recursive=True)))
        yield served


def _serving(children: list[psutil.Process]) -> int:
    """The embedded engine's process: of this one's, the one that listens."""
    for child in children:
        if any(part.endswith("arcade_child.py") for part in child.cmdline()):
            return child.pid
    raise RuntimeError("no process of the embedded engine")


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]
