"""The embedded engine's process: joined, killed, restarted, refused. Real processes, real kills."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from store_processes import engine_pid, item_ids, put

from kg.errors import ConfigError, StoreError, StoreUnavailable
from kg.queries import Query, load_query
from kg.schema import DEFAULT_SCHEMA
from kg.stores import open_store
from kg.stores.bolt import BoltStore


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "graph"


@pytest.fixture
def store(folder: Path) -> Iterator[BoltStore]:
    with open_store(f"embedded:{folder}") as store:
        store.migrate(DEFAULT_SCHEMA)
        yield store


def test_a_killed_engine_is_restarted_once_and_said(
    store: BoltStore, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(store, "before")
    first = engine_pid(folder)
    os.kill(first, signal.SIGKILL)
    with caplog.at_level(logging.WARNING, logger="shopgraph.store"):
        assert item_ids(store) == {"before"}
    second = engine_pid(folder)
    assert store.restarts == 1
    ours = [record for record in caplog.records if record.name == "shopgraph.store"]
    assert [record.getMessage().splitlines()[0] for record in ours] == [
        f"store {folder}: process {first} crashed; restarted as process {second}. Its last words:"
    ]
    os.kill(second, signal.SIGKILL)
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match=rf"process {second} has ended again"):
            item_ids(store)
    # Opening anew is a new start, and nothing is lost.
    with open_store(f"embedded:{folder}") as again:
        assert item_ids(again) == {"before"}


def test_a_kill_amid_writes_loses_nothing_acknowledged(store: BoltStore, folder: Path) -> None:
    acknowledged: list[str] = []
    failed: list[Exception] = []
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            ids = [f"{number}-{row}" for row in range(50)]
            try:
                put(store, *ids)
            except StoreError as error:
                failed.append(error)
                return
            acknowledged.extend(ids)
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    while len(acknowledged) < 500:
        time.sleep(0.01)
    os.kill(engine_pid(folder), signal.SIGKILL)
    at_kill = len(acknowledged)
    deadline = time.monotonic() + 40
    while len(acknowledged) < at_kill + 500 and not failed and time.monotonic() < deadline:
        time.sleep(0.05)
    stop.set()
    writer.join()
    assert failed == []
    assert len(acknowledged) >= at_kill + 500, "writing went on after the restart"
    assert item_ids(store) == set(acknowledged)
    assert store.restarts == 1


def test_a_full_disk_is_an_error_and_what_was_acknowledged_stays(folder: Path) -> None:
    # A limit on file size stands for the disk: past it every write fails as on a full one.
    code = """
import resource, sys
from kg.errors import StoreError
from kg.graph import GraphBatch, NodeRow
from kg.schema import DEFAULT_SCHEMA
from kg.stores import open_store
resource.setrlimit(resource.RLIMIT_FSIZE, (6_000_000, 6_000_000))
store = open_store(sys.argv[1])
store.migrate(DEFAULT_SCHEMA)
count = 0
try:
    while True:
        rows = [NodeRow("Item", f"{count + n}", {"text": "x" * 4000}) for n in range(250)]
        store.write(GraphBatch(tuple(rows)))
        count += 250
except StoreError as error:
    print(count, str(error).replace(chr(10), " "), flush=True)
store.close()
"""
    command = [sys.executable, "-c", code, f"embedded:{folder}"]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    count, _, error = said.partition(" ")
    assert "MB are free on the disk" in error
    with open_store(f"embedded:{folder}") as store:
        kept = item_ids(store)
    assert int(count) > 0
    assert {str(number) for number in range(int(count))} <= kept


def test_a_query_that_takes_too_long_is_stopped(folder: Path) -> None:
    slow = Query(
        "test/slow",
        "UNWIND range(1, 9999) AS a UNWIND range(1, 9999) AS b UNWIND range(1, 9999) AS c "
        "RETURN count(*) AS n",
        *("", {}, ("n",), "read"),
    )
    with open_store(f"embedded:{folder}", timeout_s=1.0) as store:
        with pytest.raises(StoreError, match="migrate comes first"):
            put(store, "a")
        store.migrate(DEFAULT_SCHEMA)
        started = time.monotonic()
        with pytest.raises(StoreUnavailable, match="query test/slow: no answer within 1 s"):
            store.run(slow)
        assert time.monotonic() - started < 8
        assert store.run(load_query("administration/identity"))
    with pytest.raises(StoreError, match="closed"):
        store.run(load_query("administration/identity"))
    assert not (folder / "server.json").exists(), "a closed store starts nothing"


def test_a_wrong_password_file_is_said(folder: Path) -> None:
    with open_store(f"embedded:{folder}"):
        pass
    (folder / "password").write_text("not the one it was made with")
    with pytest.raises(StoreError, match="refuses the user or password") as raised:
        open_store(f"embedded:{folder}")
    assert str(folder) in str(raised.value)
    assert not (folder / "server.json").exists(), "the engine that was started is stopped again"


def test_a_failed_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(StoreError, match=r"store .*/file: cannot be used: .*File exists"):
        open_store(f"embedded:{file}")
    monkeypatch.setenv("SHOPGRAPH_STORE_HEAP", "1 byte")
    with pytest.raises(StoreError, match=r"(?s)did not start \(status 1\):.*Invalid maximum heap"):
        open_store(f"embedded:{tmp_path / 'graph'}")


@pytest.mark.parametrize(
    ("url", "password", "message"),
    [
        ("embedded:", None, "names no folder"),
        ("embedded://graph", None, "forms embedded:<folder>, embedded:///"),
        ("sqlite:///graph", None, "is not one of the forms"),
        ("neo4j://", None, "is not one of the forms"),
        ("neo4j://me:secret@host", None, "a password does not belong in a URL"),
        ("embedded:graph", "secret", "keeps its own password"),
    ],
)
def test_a_wrong_url_lists_the_forms(url: str, password: str | None, message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        open_store(url, password=password)
    assert message in str(raised.value)
    assert "secret" not in str(raised.value)


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        url = f"bolt://reader@127.0.0.1:{unheard.getsockname()[1]}"
        with pytest.raises(StoreUnavailable, match=r"store bolt://reader@127\.0\.0\.1:\d+: not re"):
            open_store(url, password="x", timeout_s=1.0)
