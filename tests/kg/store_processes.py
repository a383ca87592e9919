"""Processes that use an embedded store beside the test's own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from kg.graph import GraphBatch, NodeRow
from kg.stores.bolt import BoltStore

#: Opens the store at argv[1], does the code at argv[2], says so, and waits for its stdin.
OTHER = """
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
        [sys.executable, "-c", OTHER, url, code],
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


def engine_or_none(folder: Path) -> int | None:
    try:
        return engine_pid(folder)
    except FileNotFoundError:
        return None


PUT = 'store.write(GraphBatch((NodeRow("Item", "%d"),)))'


def item_ids(store: BoltStore) -> set[str]:
    return {
        row["id"] for row in store.connection.call("read", "MATCH (i:Item) RETURN i.id AS id", {})
    }


def put(store: BoltStore, *ids: str) -> None:
    store.write(GraphBatch(tuple(NodeRow("Item", id_) for id_ in ids)))
