"""The embedded engine's process: joined, killed, restarted, refused. Real processes, real kills."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from kg.errors import ConfigError, StoreError, StoreUnavailable
from kg.graph import GraphBatch, NodeRow
from kg.queries import Query, load_query
from kg.schema import DEFAULT_SCHEMA
from kg.stores import open_store
from kg.stores.bolt import BoltStore

#: Opens the store at argv[1], does the code at argv[2], says so, and waits for its stdin.
_OTHER = """
import sys
from kg.graph import GraphBatch, NodeRow
from kg.schema import DEFAULT_SCHEMA
from kg.stores import open_store
store = open_store(sys.argv[1])
exec(sys.argv[2])
print("done", flush=True)
sys.stdin.read()
store.close()
"""


def other_process(url: str, code: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _OTHER, url, code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "done\n"
    return process


def finish(process: subprocess.Popen[str]) -> None:
    process.communicate()
    assert process.returncode == 0


def engine_pid(folder: Path) -> int:
    pid: int = json.loads((folder / "server.json").read_text())["pid"]
    return pid


def _engine_or_none(folder: Path) -> int | None:
    try:
        return engine_pid(folder)
    except FileNotFoundError:
        return None


_PUT = 'store.write(GraphBatch((NodeRow("Item", "%d"),)))'


def item_ids(store: BoltStore) -> set[str]:
    return {row["id"] for row in store._call("read", "MATCH (i:Item) RETURN i.id AS id", {})}


def put(store: BoltStore, *ids: str) -> None:
    store.write(GraphBatch(tuple(NodeRow("Item", id_) for id_ in ids)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "graph"


@pytest.fixture
def store(folder: Path) -> Iterator[BoltStore]:
    with open_store(f"embedded:{folder}") as store:
        store.migrate(DEFAULT_SCHEMA)
        yield store


def test_two_processes_share_one_engine_and_outlive_each_other(folder: Path) -> None:
    url = f"embedded://{folder}"
    owner = other_process(url, "store.migrate(DEFAULT_SCHEMA)")
    with open_store(url) as store:
        put(store, "ours")
        joined = engine_pid(folder)
        third = other_process(url, 'store.write(GraphBatch((NodeRow("Item", "theirs"),)))')
        assert engine_pid(folder) == joined
        finish(third)
        assert item_ids(store) == {"ours", "theirs"}
        # The password and the data are for the owner's eyes only.
        assert stat.S_IMODE((folder / "password").stat().st_mode) == 0o600
        assert stat.S_IMODE((folder / "databases").stat().st_mode) == 0o700
        # The owner dies without a word: its engine ends too, and the one who joined starts anew.
        owner.kill()
        owner.communicate()
        psutil.wait_procs([psutil.Process(joined)], timeout=20)
        assert not psutil.pid_exists(joined)
        assert item_ids(store) == {"ours", "theirs"}
        assert engine_pid(folder) != joined
        assert store.restarts == 0, "nobody crashed"
    assert not (folder / "server.json").exists()


def test_who_comes_right_after_a_kill_gets_an_engine_of_its_own(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = f"embedded:{folder}"
    for number, unaware in enumerate([False, False, True]):
        owner = other_process(url, f"store.migrate(DEFAULT_SCHEMA)\n{_PUT % number}")
        dying = engine_pid(folder)
        if unaware:
            # The engine cannot notice for a while, so it still stands there to be joined.
            os.kill(dying, signal.SIGSTOP)
            threading.Timer(1.0, os.kill, (dying, signal.SIGCONT)).start()
        owner.kill()
        if unaware:
            owner.wait()
        with open_store(url) as store:
            assert item_ids(store) == {str(done) for done in range(number + 1)}
            assert engine_pid(folder) != dying
            assert store.restarts == 0, "nobody crashed"
        if unaware:
            assert [record for record in caplog.records if "ended" in record.message] == []
        caplog.clear()
        owner.communicate()


def test_who_has_joined_moves_on_when_the_owner_ends(folder: Path) -> None:
    url = f"embedded:{folder}"
    for number, by_kill in enumerate([True, False]):
        owner = other_process(url, f"store.migrate(DEFAULT_SCHEMA)\n{_PUT % number}")
        with open_store(url) as store:
            assert item_ids(store)
            joined = engine_pid(folder)
            assert owner.stdin is not None
            assert owner.stdout is not None
            if by_kill:
                owner.kill()
            owner.stdin.close()
            # Asked all the while that the engine is ending.
            deadline = time.monotonic() + 30
            while (engine := _engine_or_none(folder)) in {joined, None}:
                assert item_ids(store) == {str(done) for done in range(number + 1)}
                assert time.monotonic() < deadline
            assert engine != joined
            assert store.restarts == 0, "nobody crashed"
        owner.stdout.close()
        owner.wait()


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


def test_a_holder_that_does_not_answer_is_named(folder: Path) -> None:
    folder.mkdir()
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        me = psutil.Process()
        state = {"pid": me.pid, "created": me.create_time(), "owner": me.pid, "http": 1}
        state["owner_created"] = me.create_time()
        state["bolt"] = unheard.getsockname()[1]
        (folder / "server.json").write_text(json.dumps(state))
        with pytest.raises(StoreUnavailable, match=rf"held by process {me.pid} \(started by"):
            open_store(f"embedded:{folder}")


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
