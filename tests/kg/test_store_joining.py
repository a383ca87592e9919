"""Several processes on one embedded store: who starts the engine, who joins it, who waits."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import threading
import time
from pathlib import Path

import psutil
import pytest
from store_processes import PUT, engine_or_none, engine_pid, finish, item_ids, other_process, put

from kg.errors import StoreUnavailable
from kg.stores import open_store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "graph"


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
        owner = other_process(url, f"store.migrate(DEFAULT_SCHEMA)\n{PUT % number}")
        dying = engine_pid(folder)
        if unaware:
            # The engine cannot notice for a while, so it still stands there to be joined.
            os.kill(dying, signal.SIGSTOP)
            threading.Timer(1.0, os.kill, (dying, signal.SIGCONT)).start()
        owner.kill()
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
        owner = other_process(url, f"store.migrate(DEFAULT_SCHEMA)\n{PUT % number}")
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
            while (engine := engine_or_none(folder)) in {joined, None}:
                assert item_ids(store) == {str(done) for done in range(number + 1)}
                assert time.monotonic() < deadline
            assert engine != joined
            assert store.restarts == 0, "nobody crashed"
        owner.stdout.close()
        owner.wait()


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
