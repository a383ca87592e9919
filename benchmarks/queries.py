"""Every query of the library on both engines: milliseconds, and whether the answers are the same.

``python -m benchmarks.queries [nodes] [topic or topic/name ...]``, by default 100,000 nodes and
1,000,000 relationships. Each query is asked at least 50 times with parameters drawn from the
graph (after a warm-up that is not counted; a query that takes seconds is stopped after
``BUDGET_S`` an engine), both engines with the same parameters in turn. Wall time is what a
client of the store waits, all rows read; on a machine with other work it says more about that
work, so the server's own processor time a call stands beside it. The figures also go to
``docs/benchmarks/queries.json``, from which the page of the library is made.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.generated_graph import generated_graph
from benchmarks.graph_engines import ROOT, Served, both_engines
from benchmarks.query_parameters import Sampler
from kg.graph import Row, in_batches
from kg.queries import GRAPH, Query, all_queries
from kg.schema import DEFAULT_SCHEMA

RUNS, WARM_UP, BUDGET_S, DIM = 50, 5, 10.0, 64
FIGURES = ROOT / "docs" / "benchmarks" / "queries.json"
#: A number that engines may round differently in its last digits.
_DIGITS = 9


@dataclass(slots=True)
class Measured:
    """Milliseconds of the calls of one query, by engine, and how many answers were the same."""

    wall: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)
    rows: int = 0
    asked: int = 0
    same: int = 0

    def summary(self) -> dict[str, object]:
        """p50 and p95 by engine, mean rows, share of calls with the same answer."""
        figures: dict[str, object] = {
            engine: {
                "p50_ms": round(float(np.percentile(self.wall[engine], 50)), 1),
                "p95_ms": round(float(np.percentile(self.wall[engine], 95)), 1),
                "cpu_p50_ms": round(float(np.percentile(self.cpu[engine], 50)), 1),
                "cpu_p95_ms": round(float(np.percentile(self.cpu[engine], 95)), 1),
            }
            for engine in self.wall
        }
        runs = len(next(iter(self.wall.values())))
        return figures | {
            "runs": runs,
            "rows": round(self.rows / self.asked, 1),
            "same": self.same,
            "asked": self.asked,
        }


def measure(query: Query, engines: dict[str, Served], sampler: Sampler) -> Measured:
    """Ask ``query`` with the same parameters on all engines, in turn."""
    measured = Measured({name: [] for name in engines}, {name: [] for name in engines})
    spent = 0.0
    for number in range(WARM_UP + RUNS):
        params = sampler.params(query)
        answers = {}
        for name, served in engines.items():
            before, start = served.cpu_s(), time.perf_counter()
            answers[name] = served.store.run(query, **params)
            wall = time.perf_counter() - start
            spent += wall
            if number >= WARM_UP:
                measured.wall[name].append(wall * 1e3)
                measured.cpu[name].append((served.cpu_s() - before) * 1e3)
        measured.asked += 1
        measured.rows += len(answers["embedded"])
        different = [comparable(rows, query) for rows in answers.values()]
        measured.same += all(other == different[0] for other in different)
        if spent > BUDGET_S * len(engines) and number > WARM_UP:
            break
    return measured


def comparable(rows: Sequence[Row], query: Query) -> list[list[object]]:
    """Rows as columns in order; ``graph`` as the set of what is drawn, for it has no order."""
    return [
        [
            sorted(json.dumps(_rounded(part), sort_keys=True) for part in row[name])
            if name == GRAPH
            else _rounded(row[name])
            for name in query.returns
        ]
        for row in rows
    ]


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return float(f"{value:.{_DIGITS}g}")
    if isinstance(value, dict):
        return {key: _rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(inner) for inner in value]
    return value


def fill(engines: dict[str, Served], nodes: int) -> Sampler:
    """The generated graph, with random embeddings of items and users, into every engine."""
    node_rows, relationships = generated_graph(nodes=nodes, relationships=nodes * 10)
    relationships.sort(key=lambda row: (row.type, row.start_id))
    rng = np.random.default_rng(1)
    named = [node for node in node_rows if node.label in {"Item", "User"}]
    vectors = rng.normal(size=(len(named), DIM)).astype(np.float32)

    def load(name: str) -> None:
        start = time.perf_counter()
        store = engines[name].store
        store.migrate(DEFAULT_SCHEMA, vector_dim=DIM)
        for batch in in_batches(node_rows, relationships, size=10_000):
            store.write(batch)
        store.write_embeddings(
            (node.label, node.id, vector, "random")
            for node, vector in zip(named, vectors, strict=True)
        )
        print(f"{name}: filled in {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)

    with ThreadPoolExecutor(len(engines)) as pool:
        list(pool.map(load, engines))
    return Sampler(node_rows, relationships)


def main(nodes: int, chosen: Sequence[str]) -> None:
    """Measure and print the table."""
    figures: dict[str, dict[str, object]] = {}
    with (
        tempfile.TemporaryDirectory(prefix="shopgraph-queries-") as place,
        both_engines(Path(place)) as engines,
    ):
        names = list(engines)
        sampler = fill(engines, nodes)
        print(f"{nodes:,} nodes, {nodes * 10:,} relationships; ms a call.\n")
        print(_line(["query", "rows", *_heads(names), "same answer"]))
        print(_line(["---"] * (3 + 2 * len(names))))
        for query in all_queries():
            wanted = not chosen or query.name in chosen or query.name.split("/")[0] in chosen
            if query.access != "read" or not wanted:
                continue
            measured = measure(query, engines, sampler)
            figures[query.name] = measured.summary()
            print(_line(_cells(query.name, figures[query.name], names)), flush=True)
    load = os.getloadavg()
    print(f"\nLoad of the machine at the end: {load[0]:.0f} on {os.cpu_count()} cores.")
    if not chosen:
        document = {"nodes": nodes, "relationships": nodes * 10, "queries": figures}
        FIGURES.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _heads(names: Sequence[str]) -> list[str]:
    return [
        head for name in names for head in (f"{name} p50 / p95", f"{name} server's CPU p50 / p95")
    ]


def _cells(query: str, figures: dict[str, object], names: Sequence[str]) -> list[str]:
    cells = [f"`{query}`", str(figures["rows"])]
    for name in names:
        engine = figures[name]
        assert isinstance(engine, dict)
        cells.append(f"{engine['p50_ms']} / {engine['p95_ms']}")
        cells.append(f"{engine['cpu_p50_ms']} / {engine['cpu_p95_ms']}")
    return [*cells, f"{figures['same']} of {figures['asked']}"]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    arguments = sys.argv[1:]
    size = int(arguments.pop(0)) if arguments and arguments[0].isdigit() else 100_000
    main(size, arguments)
