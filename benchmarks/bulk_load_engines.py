"""Fresh engines for the bulk load, and what one process of theirs used."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import neo4j
import psutil

from kg.schema import DEFAULT_SCHEMA
from kg.stores import open_store
from kg.stores.bolt import BoltStore

ENGINES = ("neo4j", "embedded")
_PASSWORD = "bulk-load-benchmark"


@dataclass(frozen=True, slots=True)
class Fresh:
    """An empty, migrated store, a driver of its own beside it, and the server's process."""

    store: BoltStore
    driver: neo4j.Driver
    server: psutil.Process

    def server_cpu_s(self) -> float:
        """CPU-seconds of the server so far."""
        times = self.server.cpu_times()
        return times.user + times.system


@contextmanager
def fresh(engine: str) -> Iterator[Fresh | None]:
    """``engine`` on an empty folder that is removed afterwards; None where it is absent."""
    scripts = _shared() / "neo4j"
    if engine == "neo4j" and not (scripts / "start").is_file():
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="shopgraph-bulk-"))
    url, password = f"embedded:{folder}/graph", None
    try:
        if engine == "neo4j":
            bolt, http = _free_ports()
            url, password = f"neo4j://127.0.0.1:{bolt}", _PASSWORD
            subprocess.run(
                [scripts / "start", folder, bolt, http, _PASSWORD],
                check=True,
                stdout=subprocess.DEVNULL,
                env=os.environ | {"NEO4J_HEAP": "1g"},
            )
        with open_store(url, password=password) as store:
            store.migrate(DEFAULT_SCHEMA)
            address = store.connection.engine.address()
            login = (address.user, str(address.password))
            with neo4j.GraphDatabase.driver(address.uri, auth=login) as driver:
                yield Fresh(store, driver, psutil.Process(_pid(engine, folder)))
    finally:
        # Also a server that did not answer in time.
        if (folder / "pid").exists():
            subprocess.run([scripts / "stop", folder, "--kill"], check=True)
        shutil.rmtree(folder, ignore_errors=True)


class PeakResident:
    """Highest resident memory of this process and of ``server``, in bytes, ten times a second."""

    def __init__(self, server: psutil.Process) -> None:
        self.client = self.server = 0
        self._processes = (psutil.Process(), server)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> PeakResident:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._done.wait(0.1):
            client, server = (process.memory_info().rss for process in self._processes)
            self.client, self.server = max(self.client, client), max(self.server, server)


def _pid(engine: str, folder: Path) -> int:
    if engine == "neo4j":
        return int((folder / "pid").read_text())
    return int(json.loads((folder / "graph" / "server.json").read_text())["pid"])


def _shared() -> Path:
    return Path(os.environ.get("SHOPGRAPH_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def _free_ports() -> tuple[str, str]:
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return str(first.getsockname()[1]), str(second.getsockname()[1])
