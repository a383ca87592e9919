"""The store killed under load: 503 while it is down, answers again by itself, people never wait.

Real engines of these tests' own: whoever shares a server does not want it killed.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from graph_fixtures import fill, settings_for, wait_until_open

from api.app import create_app
from kg.schema import DEFAULT_SCHEMA
from kg.stores import open_store

PASSWORD = "checkerboard"
HISTORY = "/v1/queries/users/history"
ROOT = Path(__file__).resolve().parents[2]


@dataclass(slots=True)
class Load:
    """Threads that ask without pause, and what they were told: (when, seconds, status)."""

    client: TestClient
    graph: list[tuple[float, float, int]] = field(default_factory=list)
    personal: list[tuple[float, float, int]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def ask_graph(self) -> None:
        while not self.over.is_set():
            began = time.monotonic()
            answer = self.client.post(HISTORY, json={"user_id": "u2"})
            self.graph.append((began, time.monotonic() - began, answer.status_code))
            if answer.status_code == 200:
                if [row["item_id"] for row in answer.json()["rows"]] != ["b", "a"]:
                    self.wrong.append(answer.text)
            elif (answer.headers["content-type"], answer.headers.get("retry-after")) != (
                "application/problem+json",
                "5",
            ):
                self.wrong.append(answer.text)
            time.sleep(0.05)

    def ask_personally(self) -> None:
        while not self.over.is_set():
            began = time.monotonic()
            answer = self.client.get("/v1/users/u1/recommendations")
            self.personal.append((began, time.monotonic() - began, answer.status_code))
            if answer.json()["items"][0]["id"] != "b":
                self.wrong.append(answer.text)
            time.sleep(0.05)

    def wait_for(self, status: int, *, since: float, within_s: float) -> float:
        """When the graph was first answered with ``status`` after ``since``."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            for began, _, found in list(self.graph):
                if began >= since and found == status:
                    return began
            time.sleep(0.05)
        raise AssertionError(f"no {status} within {within_s} s: {self.graph[-5:]}")


@contextmanager
def under_load(client: TestClient) -> Iterator[Load]:
    load = Load(client)
    threads = [threading.Thread(target=load.ask_graph) for _ in range(3)]
    threads.append(threading.Thread(target=load.ask_personally))
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        load.over.set()
        for thread in threads:
            thread.join()


def falls_and_rises(
    client: TestClient,
    *,
    times: int,
    kill: Callable[[], None],
    raise_again: Callable[[], None],
    bridged: bool = False,
) -> None:
    """``bridged``: the store may raise its engine while a request waits: then no 503 is seen."""
    wait_until_open(client)
    with under_load(client) as load:
        load.wait_for(200, since=time.monotonic(), within_s=60)
        for _ in range(times):
            killed = time.monotonic()
            kill()
            down = killed if bridged else load.wait_for(503, since=killed, within_s=60)
            raise_again()
            up = load.wait_for(200, since=down, within_s=120)
            time.sleep(1)
            assert bridged or all(status == 200 for began, _, status in load.graph if began > up)
    assert load.wrong == []
    seen = {status for _, _, status in load.graph}
    assert seen <= {200, 503} if bridged else seen == {200, 503}
    # Nobody hangs: not those who asked when it fell, and not those who ask while it is down.
    assert max(seconds for _, seconds, _ in load.graph) < 13
    assert {status for _, _, status in load.personal} == {200}
    assert max(seconds for _, seconds, _ in load.personal) < 2


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_neo4j_killed_under_load(tmp_path: Path) -> None:
    scripts = Path(os.environ.get("SHOPGRAPH_SHARED", ROOT.parent / "shared")) / "neo4j"
    if not (scripts / "start").is_file():
        pytest.skip(f"no Neo4j at {scripts} that this test could kill")
    with socket.socket() as bolt, socket.socket() as http:
        bolt.bind(("127.0.0.1", 0))
        http.bind(("127.0.0.1", 0))
        ports = [str(found.getsockname()[1]) for found in (bolt, http)]
    folder = tmp_path / "neo4j"

    def start() -> None:
        subprocess.run(
            [scripts / "start", folder, *ports, PASSWORD],
            check=True,
            capture_output=True,
            env=os.environ | {"NEO4J_HEAP": "512m", "NEO4J_PAGECACHE": "64m"},
        )

    def kill() -> None:
        subprocess.run([scripts / "stop", folder, "--kill"], check=True, capture_output=True)

    start()
    try:
        url = f"neo4j://127.0.0.1:{ports[0]}"
        with open_store(url, password=PASSWORD) as store:
            store.migrate(DEFAULT_SCHEMA)
            fill(store, tmp_path / "artifact")
        settings = settings_for(url, tmp_path / "artifact", password=PASSWORD)
        with TestClient(create_app(settings)) as client:
            falls_and_rises(client, times=1, kill=kill, raise_again=start)
    finally:
        kill()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_embedded_engine_killed_under_load(tmp_path: Path) -> None:
    """It is the service's own child: it comes back without anybody starting it."""
    url = f"embedded:{tmp_path / 'graph'}"
    with open_store(url) as store:
        store.migrate(DEFAULT_SCHEMA)
        fill(store, tmp_path / "artifact")

    killed: list[int] = []

    def kill() -> None:
        killed.append(serving())
        os.kill(killed[-1], signal.SIGKILL)

    def serving() -> int:
        state = json.loads((tmp_path / "graph/server.json").read_text(encoding="utf-8"))
        return int(state["pid"]) if "bolt" in state else 0

    def wait_for_another() -> None:
        deadline = time.monotonic() + 60
        while serving() in {0, *killed}:
            assert time.monotonic() < deadline, "no other engine within 60 s"
            time.sleep(0.05)

    with TestClient(create_app(settings_for(url, tmp_path / "artifact"))) as client:
        # Its store gives an engine up that falls a second time; the service starts another.
        falls_and_rises(client, times=2, kill=kill, raise_again=wait_for_another, bridged=True)
