"""A graph into sorted arrays: whole, and what changed, on both engines.

``python -m benchmarks.snapshot [nodes] [relationships]``, by default 100,000 and 1,000,000 with
properties. Each reading is made by a process of its own that holds nothing else; its memory is
what it has more at the peak than before it reads. Beside it the first version's way (a record a
relationship, Python tuples sorted). Bars: 12 s and 500 MB of the client for the whole graph;
1.5 s after a change of 1 %. On a machine with other work seconds say more about that work, so
processor time of client and engine stands beside them.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from benchmarks.bulk_load_engines import ENGINES, Fresh, fresh
from benchmarks.generated_graph import DAYS, START_S, generated_graph
from benchmarks.snapshot_rows import snapshot_by_rows
from kg.graph import GraphBatch, NodeRow, RelationshipRow
from kg.snapshot import Snapshot
from kg.stores import open_store

_PASSWORD = "SHOPGRAPH_BENCHMARK_PASSWORD"
_ROOT = Path(__file__).resolve().parent.parent
_NAMES = {
    "rows": "whole, a record a relationship (before)",
    "columns": "whole, `store.snapshot()`",
    "nothing": "`since`, nothing changed",
    "nodes": "`since`, 1 % of the nodes changed",
    "events": "`since`, 1 % more relationships (events)",
}


def measure(way: str, url: str, server: psutil.Process) -> dict[str, float | str]:
    """In a process of its own: read once that way and say what it took."""
    me = psutil.Process()
    with open_store(url, password=os.environ.get(_PASSWORD), timeout_s=600.0) as store:
        read: Callable[[], Snapshot] = store.snapshot
        if way == "rows":
            read = lambda: snapshot_by_rows(store)  # noqa: E731
        elif way != "columns":
            since = store.snapshot()
            if way != "nothing":
                store.write(_change(since, way))
            read = lambda: store.snapshot(since)  # noqa: E731
        before, peak, server_peak, done = me.memory_info().rss, 0, 0, threading.Event()

        def watch() -> None:
            nonlocal peak, server_peak
            while not done.wait(0.02):
                peak = max(peak, me.memory_info().rss)
                server_peak = max(server_peak, server.memory_info().rss)

        watcher = threading.Thread(target=watch)
        watcher.start()
        seconds, client, engine = time.perf_counter(), time.process_time(), _cpu_s(server)
        snapshot = read()
        seconds = time.perf_counter() - seconds
        client, engine = time.process_time() - client, _cpu_s(server) - engine
        done.set()
        watcher.join()
        fingerprint = snapshot.fingerprint
        if way in {"nodes", "events"} and store.snapshot().fingerprint != fingerprint:
            raise RuntimeError(f"{way}: not the snapshot of the whole graph")
    return {
        "seconds": seconds,
        "client_s": client,
        "server_s": engine,
        "client_bytes": max(peak - before, 0),
        "server_bytes": server_peak,
        "fingerprint": fingerprint,
    }


def _change(snapshot: Snapshot, what: str) -> GraphBatch:
    """1 % of the nodes with another property, or as many events as 1 % of the relationships."""
    rng = random.Random(1)
    if what == "nodes":
        ids = [("Item", row.id, "title") for row in snapshot.items]
        ids += [("User", user, "club") for user in snapshot.users]
        chosen = rng.sample(ids, len(ids) // 100)
        return GraphBatch(tuple(NodeRow(label, id_, {name: "new"}) for label, id_, name in chosen))
    events = snapshot.interactions
    total = len(events) + len(snapshot.item_entities) + len(snapshot.item_items)
    # Who did more before does more now, after all that is there.
    rows = rng.sample(range(len(events)), total // 100)
    return GraphBatch(
        relationships=tuple(
            RelationshipRow(
                "INTERACTED",
                *("User", snapshot.users[events.user[row]]),
                *("Item", snapshot.items[events.item[row]].id),
                {"event": "view", "weight": 0.2, "at_s": START_S + DAYS * 86_400.0 + at},
            )
            for at, row in enumerate(rows)
        )
    )


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def _measured(way: str, engine: Fresh) -> dict[str, float | str]:
    address = engine.store.connection.engine.address()
    embedded = engine.store.url.startswith("embedded")
    asked = [way, engine.store.url, str(engine.server.pid)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.snapshot", "--measure", *asked],
        check=True,
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        env=os.environ | ({} if embedded else {_PASSWORD: str(address.password)}),
    )
    figures: dict[str, float | str] = json.loads(done.stdout)
    return figures


def main(nodes: int, relationships: int) -> None:
    """Load each engine, read it in each way, print the table."""
    node_rows, relationship_rows = generated_graph(nodes=nodes, relationships=relationships)
    print(
        f"{nodes:,} nodes, {relationships:,} relationships; load of the machine beside it: ", end=""
    )
    print(f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} processors.\n")
    print("| engine | reading | s | client CPU s | engine CPU s | client +MB | engine MB |")
    print("|---|---|---|---|---|---|---|")
    fingerprints: dict[str, set[str]] = {}
    for name in ENGINES:
        with fresh(name) as engine:
            if engine is None:
                print(f"| {name} | not at hand | | | | | |")
                continue
            # A load beside other work is not what is measured here.
            engine.store.connection.timeout_s = 600.0
            engine.store.write(GraphBatch(tuple(node_rows)))
            engine.store.write(GraphBatch((), tuple(relationship_rows)))
            for way, said in _NAMES.items():
                taken = _measured(way, engine)
                fingerprints.setdefault(way, set()).add(str(taken["fingerprint"]))
                cells = [f"{taken[key]:.2f}" for key in ("seconds", "client_s", "server_s")]
                cells += [
                    f"{float(taken[key]) / 1e6:.0f}" for key in ("client_bytes", "server_bytes")
                ]
                print(f"| {name} | {said} | {' | '.join(cells)} |", flush=True)
    same = all(len(found) == 1 for found in fingerprints.values())
    print(f"\nThe fingerprints of both engines are {'equal' if same else 'NOT EQUAL'} in each row.")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        way, url, pid = sys.argv[2:]
        print(json.dumps(measure(way, url, psutil.Process(int(pid)))))
    else:
        main(*(int(given) for given in sys.argv[1:] or ("100000", "1000000")))
