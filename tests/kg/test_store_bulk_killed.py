"""The engine killed in the middle of a bulk write. A real process, a real kill."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest
from store_processes import engine_pid

from benchmarks.generated_graph import generated_graph
from kg.graph import GraphBatch, WriteSummary
from kg.schema import DEFAULT_SCHEMA
from kg.stores import open_store, statements
from kg.stores.bolt import BoltStore

NODES, RELATIONSHIPS = 300, 2500


def counts(store: BoltStore) -> tuple[int, int]:
    """(nodes, relationships) as a reader sees them at this moment."""
    found = [
        store.connection.call("read", text, {})[0]["c"]
        for text in (
            "MATCH (n) WHERE NOT n:Graph RETURN count(n) AS c",
            "MATCH ()-[r]->() RETURN count(r) AS c",
        )
    ]
    return found[0], found[1]


def test_a_write_whose_engine_is_killed_goes_on_and_ends_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "ROWS", 100)
    nodes, relationships = generated_graph(nodes=NODES, relationships=RELATIONSHIPS, seed=3)
    batch = GraphBatch(tuple(nodes), tuple(relationships))
    folder = tmp_path / "graph"
    with open_store(f"embedded:{folder}") as store:
        store.migrate(DEFAULT_SCHEMA)
        first = engine_pid(folder)
        there = 0

        def kill_amid() -> None:
            nonlocal there
            deadline = time.monotonic() + 120
            while there < RELATIONSHIPS // 8 and time.monotonic() < deadline:
                there = counts(store)[1]
                time.sleep(0.01)
            os.kill(first, signal.SIGKILL)

        killer = threading.Thread(target=kill_amid)
        killer.start()
        summary = store.write(batch)
        killer.join()
        assert RELATIONSHIPS // 8 <= there < RELATIONSHIPS
        assert store.restarts == 1
        assert counts(store) == (NODES, RELATIONSHIPS)
        # Of the one transaction that was under way, the engine may have kept what it did not say.
        assert RELATIONSHIPS - 100 <= summary.relationships_created <= RELATIONSHIPS
        # Found from both of their ends, and nothing twice.
        ends = "MATCH (n) WHERE NOT n:Graph OPTIONAL MATCH (n)%s() RETURN count(r) AS c"
        for direction in ("-[r]->", "<-[r]-"):
            (row,) = store.connection.call("read", ends % direction, {})
            assert row["c"] == RELATIONSHIPS
        assert store.write(batch) == WriteSummary()
