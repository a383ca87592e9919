"""Servers and ingests of a test's own, in processes that it may kill.

The session's Neo4j is never touched: others would lose it. As a program this file is the
ingest: ``python fault_servers.py URL FOLDER BRANCH``, the password in the environment.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from ingest_fixtures import WordExtractor, ingest_shop, shop
from store_processes import engine_or_none
from store_world import PASSWORD, _scripts

from kg import ingest as ingestion
from kg.ingest import catalog_snapshot
from kg.readers import Catalog
from kg.schema import DEFAULT_SCHEMA
from kg.snapshot import Snapshot
from kg.stores import open_store
from kg.stores.bolt import BoltStore

_WORD = "SHOPGRAPH_FAULT_PASSWORD"
_ROWS = 12  # a batch: the little shop has more than a hundred of them


@dataclass(slots=True)
class Server:
    """An engine that one test owns: it may be killed, and started again where it was."""

    url: str
    folder: Path
    password: str | None = None
    ports: tuple[int, int] | None = None
    conf: Path | None = None
    ingests: list[subprocess.Popen[str]] = field(default_factory=list)

    def open(self, *, timeout_s: float = 30.0) -> BoltStore:
        return open_store(self.url, password=self.password, timeout_s=timeout_s)

    @property
    def pid(self) -> int | None:
        """Of the process that serves now."""
        if self.ports is None:
            return engine_or_none(self.folder)
        file = self.folder / "pid"
        return int(file.read_text()) if file.exists() else None

    def start(self) -> None:
        """The embedded engine is started by who opens it."""
        if self.ports is None:
            return
        ports = [str(port) for port in self.ports]
        extra = {} if self.conf is None else {"NEO4J_EXTRA_CONF": str(self.conf)}
        subprocess.run(
            [_scripts() / "start", self.folder, *ports, PASSWORD],
            check=True,
            capture_output=True,
            env=os.environ | {"NEO4J_HEAP": "512m", "NEO4J_PAGECACHE": "64m"} | extra,
        )

    def kill(self) -> bool:
        """SIGKILL; False when nothing ran that could be killed."""
        pid = self.pid
        if pid is None:
            return False
        if self.ports is not None:
            subprocess.run([_scripts() / "stop", self.folder, "--kill"], check=True)
            return True
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True


@contextmanager
def own_server(engine: str, folder: Path, *, conf: str = "") -> Iterator[Server]:
    """A started, empty server in ``folder``; ``conf`` is added to a Neo4j's settings."""
    if engine == "embedded":
        server = Server(f"embedded:{folder / 'graph'}", folder / "graph")
        try:
            yield server
        finally:
            _end(server)
        return
    with socket.socket() as bolt, socket.socket() as http:
        bolt.bind(("127.0.0.1", 0))
        http.bind(("127.0.0.1", 0))
        ports = bolt.getsockname()[1], http.getsockname()[1]
    home = folder / "neo4j"
    home.mkdir(parents=True, exist_ok=True)
    server = Server(f"neo4j://127.0.0.1:{ports[0]}", home, PASSWORD, ports)
    if conf:
        server.conf = folder / "extra.conf"
        server.conf.write_text(conf)
    try:
        server.start()
        yield server
    finally:
        _end(server)
        server.kill()


def _end(server: Server) -> None:
    for process in server.ingests:
        if process.poll() is None:
            process.kill()
            process.communicate()


def emptied(server: Server) -> None:
    """As if nobody had ever migrated it."""
    with server.open() as store:
        call = store.connection.call
        call("write", "MATCH (n) DETACH DELETE n", {})
        if server.ports is None:
            return
        for row in call("read", "SHOW CONSTRAINTS YIELD name", {}):
            store.connection.statement(f"DROP CONSTRAINT `{row['name']}`")
        for row in call("read", "SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP'", {}):
            store.connection.statement(f"DROP INDEX `{row['name']}`")


def branch(folder: Path, name: str) -> Catalog:
    """The little shop, no pictures; of another ``name``, items of its own and the same people."""
    catalog = shop(folder, items=60, users=40, events=1200)
    return replace(
        catalog,
        items=tuple(
            replace(
                item,
                id=name + item.id,
                group=item.group and name + item.group,
                images=(),
                links=tuple(replace(link, item_id=name + link.item_id) for link in item.links),
            )
            for item in catalog.items
        ),
        interactions=tuple(replace(e, item_id=name + e.item_id) for e in catalog.interactions),
        reviews=tuple(replace(review, item_id=name + review.item_id) for review in catalog.reviews),
    )


def clean(*catalogs: Catalog) -> Snapshot:
    """What uninterrupted ingests of all give, without a store."""
    return catalog_snapshot(
        replace(
            catalogs[0],
            items=tuple(item for each in catalogs for item in each.items),
            interactions=tuple(event for each in catalogs for event in each.interactions),
            reviews=tuple(review for each in catalogs for review in each.reviews),
        ),
        extractors=[WordExtractor()],
    )


def acknowledged(folder: Path) -> frozenset[str]:
    """Batches in the journal of the ingest in ``folder``; a half line is none."""
    try:
        content = (folder / "ingest.journal").read_bytes()
    except FileNotFoundError:
        return frozenset()
    return frozenset(content[: content.rfind(b"\n") + 1].decode().split("\n")[1:-1])


class Ingest:
    """An ingest in a process; vectors and journal lie in ``folder``."""

    def __init__(self, server: Server, folder: Path, *, name: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, __file__, server.url, str(folder), name],
            stderr=subprocess.PIPE,
            env=os.environ | {_WORD: server.password or ""},
            text=True,
        )
        server.ingests.append(self.process)

    def wait_for(self, batches: int, *, within_s: float = 200.0) -> bool:
        """Until so many are acknowledged; False when it ended before."""
        deadline = time.monotonic() + within_s
        while len(acknowledged(self.folder)) < batches:
            if self.process.poll() is not None:
                return False
            if time.monotonic() > deadline:
                pytest.fail(f"no {batches} batches within {within_s} s")
            time.sleep(0.001)
        return True

    def end(self, *, within_s: float = 300.0) -> tuple[int, str]:
        """(exit status, the line that names its error) after it has ended by itself.

        A warning, as of an engine that went with the process that had started it, is no error.
        """
        _, said = self.process.communicate(timeout=within_s)
        if self.process.returncode == 0:
            return 0, ""
        lines = said.strip().splitlines()
        named = [line for line in lines if line.startswith("kg.errors.")]
        return self.process.returncode, (named or lines or [""])[-1]

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


if __name__ == "__main__":
    ingestion._BATCH = _ROWS
    url, place, of_name = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    catalogue = branch(place, of_name)
    with open_store(url, password=os.environ[_WORD] or None) as opened:
        opened.migrate(DEFAULT_SCHEMA)
        ingest_shop(place, catalogue, opened)
