"""The embedded engine's process: ArcadeDB on loopback Bolt, for as long as its parent lives.

Run by path, not by name, so that it imports nothing of Shopgraph: it starts faster so.
``python arcade_child.py FOLDER BOLT_PORT HTTP_PORT TIMEOUT_MS``; the password is the first
line of stdin, and the end of stdin means that the parent has gone.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
from filelock import FileLock, Timeout

DATABASE = "neo4j"
READER = "reader"
LOCK_WAIT_S = 15.0
_HEAP = os.environ.get("SHOPGRAPH_STORE_HEAP", "1g")


def main(folder: Path, bolt_port: int, http_port: int, timeout_ms: int) -> int:
    """Serve until told to stop; the exit status is 0, or 75 when the folder is held."""
    parent = os.getppid()
    try:
        parent_created = psutil.Process(parent).create_time()
    except psutil.NoSuchProcess:
        return 0  # nobody waits for this engine any more
    password = sys.stdin.readline().strip()
    # Held as long as this process lives, however it ends: two engines never share a folder.
    lock = FileLock(folder / "serve.lock")
    try:
        lock.acquire(timeout=LOCK_WAIT_S)
    except Timeout:
        return 75
    state = folder / "server.json"
    me = {
        "pid": os.getpid(),
        "created": psutil.Process().create_time(),
        "owner": parent,
        "owner_created": parent_created,
    }
    write_state(state, me)
    # The engine writes ./log and creates files that others must not read.
    os.chdir(folder)
    os.umask(0o077)

    from arcadedb_embedded.server import ArcadeDBServer

    server = ArcadeDBServer(
        str(folder),
        password,
        {
            "server_plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
            "host": "127.0.0.1",
            "bolt_port": bolt_port,
            "http_port": http_port,
            "bolt_defaultDatabase": DATABASE,
            "bolt_maxMessageSize": 64 << 20,
            # Not "production": that mode hides the reason of an error from the client, and
            # the only clients are this machine's own, behind a password.
            "mode": "development",
        },
        jvm_kwargs={"heap_size": _HEAP},
    )
    server.start()
    database = server.create_database(DATABASE)
    _let_reader_in(server, password)
    # Server configuration drops both settings silently; the database keeps them.
    database.command("sql", f"ALTER DATABASE `arcadedb.command.timeout` {timeout_ms}")
    # 2: the log reaches the disk before a commit is acknowledged.
    database.command("sql", "ALTER DATABASE `arcadedb.txWalFlush` 2")

    stop = threading.Event()
    # After the start: the JVM installs handlers of its own.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    threading.Thread(target=_when_stdin_ends, args=(stop,), daemon=True).start()
    # The ports say that it is ready.
    write_state(state, me | {"bolt": bolt_port, "http": http_port})
    # The parent's id too: a fork of the parent may hold the pipe open after its death.
    while not stop.wait(0.5) and os.getppid() == parent:
        pass
    # Without the file nobody joins an engine that is about to end.
    state.unlink(missing_ok=True)
    server.stop()
    return 0


def _let_reader_in(server: Any, password: str) -> None:
    """A user who may read records and nothing else: a read transaction here may write."""
    from jpype import JClass

    JSONObject = JClass("com.arcadedb.serializer.json.JSONObject")
    security = server._java_server.getSecurity()
    group = {
        "resultSetLimit": -1,
        "readTimeout": -1,
        "access": [],
        "types": {"*": {"access": ["readRecord"]}},
    }
    security.saveGroup("*", READER, JSONObject(json.dumps(group)))
    # Not renewed: a password that does not fit the store is refused for readers, too.
    if not security.existsUser(READER):
        user = {
            "name": READER,
            "password": str(security.encodePassword(password)),
            "databases": {"*": [READER]},
        }
        security.createUser(JSONObject(json.dumps(user)))


def _when_stdin_ends(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


def write_state(state: Path, content: Mapping[str, object]) -> None:
    """Write aside and rename: a reader never sees half a file."""
    aside = state.with_suffix(".tmp")
    aside.write_text(json.dumps(content), encoding="utf-8")
    aside.replace(state)


if __name__ == "__main__":
    try:
        code = main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
    except BaseException:
        import traceback

        traceback.print_exc()
        code = 1
    sys.stderr.flush()
    if os.name == "posix":
        # The JVM's last words may still lie in C's own buffers.
        import ctypes

        ctypes.CDLL(None).fflush(None)
    # Threads of the JVM would keep the process alive.
    os._exit(code)
