"""The store that a service holds: opened beside, missed without harm, brought back by itself."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from graph_fixtures import fill, settings_for, store_world

from api.app import create_app
from api.graph_store import GraphStoreHolder
from api.settings import Settings
from api.threads import in_thread
from kg.errors import StoreTimeout, StoreUnavailable
from kg.stores import open_store
from kg.stores.bolt import BoltStore


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 60))


def holder(open_it: Callable[[], BoltStore], *, threads: int = 4) -> GraphStoreHolder:
    return GraphStoreHolder(open_it, url="embedded:x", threads=threads, on_open=lambda _: None)


def test_results_and_errors_come_back_from_threads() -> None:
    async def work() -> None:
        assert await in_thread(lambda: 7) == 7
        with pytest.raises(ZeroDivisionError):
            await in_thread(lambda: 1 / 0)
        assert await in_thread(lambda: threading.current_thread().daemon)

    run(work)


def test_a_store_that_was_never_there_is_told_at_once_and_found_when_it_comes(
    tmp_path: Path,
) -> None:
    """No graph at the start: 503 with Retry-After. Then somebody ingests, and it answers."""
    settings = settings_for(f"embedded:{tmp_path / 'graph'}", tmp_path / "artifact")
    with TestClient(create_app(settings)) as client:
        answer = client.get("/v1/graph/nodes/Item/b")
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
        assert answer.json()["type"] == "urn:shopgraph:problem:store-unavailable"
        assert "ingest" in answer.json()["detail"]
        assert not (tmp_path / "graph").exists()
        for store in store_world.empty_store("embedded", tmp_path):
            fill(store, tmp_path / "artifact")
            deadline = time.monotonic() + 20
            while client.get("/v1/graph/nodes/Item/b").status_code != 200:
                assert time.monotonic() < deadline
                time.sleep(0.2)
            # Nothing was restarted for it.
            found = client.post("/v1/queries/users/history", json={"user_id": "u2"}).json()
            assert [row["item_id"] for row in found["rows"]] == ["b", "a"]


def test_an_artifact_of_another_graph_is_not_answered_from_once_the_graph_is_there(
    tmp_path: Path,
) -> None:
    opened = threading.Event()
    for store in store_world.empty_store("embedded", tmp_path):
        fill(store, tmp_path / "artifact")
    for other in store_world.empty_store("embedded", tmp_path / "other"):
        settings = settings_for(other.url, tmp_path / "artifact")
        with pytest.MonkeyPatch.context() as patch:

            def late(settings: Settings) -> BoltStore:
                opened.wait(30)
                return open_store(settings.kg.store.url)

            # A graph that takes long to open does not hold up the answers from memory.
            patch.setattr("api.app.open_existing", late)
            patch.setattr("api.app.FIRST_LOOK_S", 0.2)
            began = time.monotonic()
            with TestClient(create_app(settings)) as client:
                assert time.monotonic() - began < 5
                assert client.get("/readyz").json()["graph"] == "being opened"
                assert client.get("/v1/users/u1/recommendations").status_code == 200
                opened.set()
                deadline = time.monotonic() + 20
                while client.get("/readyz").status_code != 503:
                    assert time.monotonic() < deadline
                    time.sleep(0.1)
                answer = client.get("/v1/users/u1/recommendations")
                assert other.identity() in answer.json()["detail"]


def test_what_takes_too_long_and_what_finds_no_thread(tmp_path: Path) -> None:
    """Two threads, both held: the third call waits for its time and is refused, not lost."""
    free = threading.Event()

    async def work(store: BoltStore) -> None:
        held = holder(lambda: store, threads=2)
        await held.start()
        try:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("api.graph_store.GRACE_S", 0.0)
                waiting = [
                    asyncio.create_task(held.call(lambda _: free.wait(30), timeout_s=0.3))
                    for _ in range(2)
                ]
                await asyncio.sleep(0.1)
                with pytest.raises(StoreUnavailable, match="too many queries at once"):
                    await held.call(lambda _: None, timeout_s=0.1)
                for one in waiting:
                    with pytest.raises(StoreTimeout, match=r"no answer within 0\.3 s"):
                        await one
                # Their threads still run, and still count.
                with pytest.raises(StoreUnavailable, match="too many"):
                    await held.call(lambda _: None, timeout_s=0.1)
                free.set()
                assert await held.call(lambda _: "there", timeout_s=5) == "there"
        finally:
            await held.stop()

    for store in store_world.empty_store("embedded", tmp_path):
        run(lambda store=store: work(store))


def test_a_refused_password_is_said(tmp_path: Path) -> None:
    settings = settings_for(store_world.neo4j_url(), tmp_path, password="not that one")
    with TestClient(create_app(settings)) as client:
        answer = client.get("/v1/graph/nodes/Item/b")
        assert answer.status_code == 503
        assert "refuses the user or password" in answer.json()["detail"]
        assert "not that one" not in answer.text
