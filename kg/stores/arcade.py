"""ArcadeDB as a child process: the embedded engine, its DDL, and what happens when it dies."""

from __future__ import annotations

import base64
import json
import logging
import os
import shutil
import threading
import time
import urllib.error
import urllib.request
from contextlib import AbstractContextManager
from itertools import chain
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock

from kg.errors import StoreError, StoreUnavailable
from kg.stores.engine import Address, IndexState, Statement
from kg.stores.launcher import Running, crashed, join_or_start, log_tail

_LOG = logging.getLogger("shopgraph.store")
_DATABASE = "neo4j"
_USER = "root"
_READER = "reader"
_STOP_S = 2.0
_PAUSE_S = 0.2
_MAX_RESTARTS = 1


class ArcadeEngine:
    """The engine on one folder, in a process that this one started or joined."""

    def __init__(self, folder: Path, *, timeout_s: float) -> None:
        self.folder = folder
        self.restarts = 0
        # Its own start is part of the wait: `recover` brings a crashed engine back.
        self.retry_s = timeout_s
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._generation = 0
        self._running: Running = self._launch()

    def address(self) -> Address:
        """Where Bolt answers now; a crashed engine is restarted, once."""
        with self._lock:
            if not self._running.alive():
                self._revive()
            return Address(
                f"bolt://127.0.0.1:{self._running.bolt_port}",
                _USER,
                self._running.password,
                _DATABASE,
                self._generation,
                reader=_READER,
                # What waits inside the engine cannot be stopped, and starts when nobody waits.
                reads=max(2, os.cpu_count() or 2),
            )

    def recover(self) -> bool:
        """True when the engine is there, or there again, after a lost connection."""
        self.address()
        return True

    def stop_query(self, local_port: int) -> None:
        """The engine ignores a transaction's timeout, so that it is told when time is up."""
        for query in self._post("server", {"command": "list queries"}, timeout_s=_STOP_S):
            if query["clientAddress"].endswith(f":{local_port}"):
                command = f"terminate query {query['id']}"
                self._post("server", {"command": command}, timeout_s=_STOP_S)

    def check_server(self, agent: str) -> None:
        """The engine comes with the program."""

    def migrating(self) -> AbstractContextManager[object]:
        """The engine fails who makes a type, property or index that another is making."""
        return FileLock(self.folder / "migrate.lock", mode=0o600)

    def index_statements(self, indexes: Literal["text", "range", "none"]) -> tuple[str, ...]:
        """SQL. Types of properties first: an index made over data would guess them from it."""
        if indexes == "text":
            return (
                *(
                    f"CREATE PROPERTY Item.{column} IF NOT EXISTS STRING"
                    for column in ("title", "title_en", "title_zh")
                ),
                *(
                    f"CREATE PROPERTY {label}.embedding IF NOT EXISTS ARRAY_OF_FLOATS"
                    for label in ("Item", "User", "Entity")
                ),
                "CREATE INDEX `item_text` IF NOT EXISTS ON Item (title, title_en, title_zh) "
                "FULL_TEXT",
            )
        if indexes == "range":
            return (
                "CREATE PROPERTY Item.price IF NOT EXISTS DOUBLE",
                "CREATE INDEX IF NOT EXISTS ON Item (price) NOTUNIQUE",
                "CREATE PROPERTY Entity.kind IF NOT EXISTS STRING",
                "CREATE INDEX IF NOT EXISTS ON Entity (kind) NOTUNIQUE",
            )
        return ()

    def define(self, text: str, statement: Statement) -> None:
        """SQL, because the engine takes this DDL only so."""
        self._sql(text)

    def index_states(self, statement: Statement) -> list[IndexState]:
        """What the schema lists; the files that one is kept in are left out."""
        rows = self._sql("SELECT FROM schema:indexes")
        return sorted(
            (
                IndexState(
                    row["name"],
                    str(row["indexType"]).lower(),
                    f"{row['typeName']}({', '.join(chain.from_iterable(row['properties']))})",
                    "online" if row.get("valid", True) else "damaged",
                )
                for row in rows
                if "fileId" not in row
            ),
            key=lambda index: index.name,
        )

    def create_vector_index(self, statement: Statement, /, *, dim: int) -> None:
        """``dim`` is checked to be an int: DDL takes no parameters."""
        text = (
            "CREATE INDEX `item_embedding` IF NOT EXISTS ON Item (embedding) LSM_VECTOR "
            f'METADATA {{"dimensions": {int(dim)}, "similarity": "COSINE"}}'
        )
        try:
            self._sql(text)
        except StoreError as error:
            # The schema does not tell the length of an index that is there; the refusal does.
            if "a different configuration: dimensions=" not in str(error):
                raise
            self.drop_vector_index(statement)
            self._sql(text)

    def drop_vector_index(self, statement: Statement) -> None:
        """Remove ``item_embedding``."""
        self._sql("DROP INDEX `item_embedding` IF EXISTS")

    def circumstances(self) -> str:
        """Free space: a commit that finds the disk full fails without naming it."""
        free = shutil.disk_usage(self.folder).free
        return f" ({free / 1e6:.0f} MB are free on the disk of {self.folder})"

    def close(self) -> None:
        """Stop the process if this one started it; those who joined start their own."""
        with self._lock:
            self._running.stop()

    def _launch(self) -> Running:
        return join_or_start(self.folder, timeout_s=self._timeout_s)

    def _revive(self) -> None:
        """Start or join again after the process has gone; ``_lock`` is held."""
        gone = self._running
        by_crash = gone.process is not None or crashed(self.folder)
        if by_crash and self.restarts >= _MAX_RESTARTS:
            raise StoreUnavailable(
                f"store {self.folder}: its process {gone.pid} has ended again after a restart; "
                f"it is not restarted twice. Its last words:\n{log_tail(self.folder)}"
            )
        said = log_tail(self.folder)
        gone.stop()
        self._running = self._launch()
        self._generation += 1
        if by_crash:
            self.restarts += 1
            _LOG.warning(
                "store %s: process %d crashed; restarted as process %d. Its last words:\n%s",
                self.folder,
                gone.pid,
                self._running.pid,
                said,
            )
        else:
            _LOG.warning(
                "store %s: process %d ended with the process that had started it; now process %d",
                self.folder,
                gone.pid,
                self._running.pid,
            )

    def _sql(self, command: str) -> Any:
        """Its rows; again when the engine goes meanwhile: every command here may run twice."""
        body = {"language": "sql", "command": command}
        deadline = time.monotonic() + self._timeout_s
        while True:
            self.address()
            try:
                return self._post(
                    f"command/{_DATABASE}", body, timeout_s=max(60.0, self._timeout_s)
                )
            except StoreUnavailable:
                if time.monotonic() > deadline:
                    raise
                time.sleep(_PAUSE_S)

    def _post(self, path: str, body: dict[str, str], *, timeout_s: float) -> Any:
        command = body["command"]
        credentials = base64.b64encode(f"{_USER}:{self._running.password}".encode()).decode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._running.http_port}/api/v1/{path}",
            data=json.dumps(body).encode(),
            headers={"Authorization": f"Basic {credentials}", "Content-Type": "application/json"},
        )
        # No proxy, whatever the environment says: this is the loopback.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=timeout_s) as answer:
                return json.load(answer)["result"]
        except urllib.error.HTTPError as error:
            with error:
                detail = error.read().decode(errors="replace")[:500]
            raise StoreError(f"store {self.folder}: {command}: {detail}") from error
        except OSError as error:
            raise StoreUnavailable(f"store {self.folder}: {command}: {error}") from error
