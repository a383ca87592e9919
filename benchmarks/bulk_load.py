"""Bulk load into both engines, beside the plain recipe: ``python -m benchmarks bulk_load``.

100,000 nodes and 1,000,000 relationships with properties (`generated_graph`), each time into an
engine of its own that has just started. *plain*: what a person writes first: one session,
``UNWIND $rows MERGE``, 5,000 rows a transaction, in the order given. *store.write*: one call of
the public store; *again* the same call once more, which creates nothing. *a row a transaction*:
new events one by one through ``store.write``, as a running shop has them. Every load is followed
by counts of what is there. Bars: Neo4j 32 s, embedded 28 s, or half the plain recipe's time.

``python -m benchmarks.bulk_load NODES RELATIONSHIPS [ENGINE ...]`` for another size.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import neo4j

from benchmarks.bulk_load_engines import ENGINES, Fresh, PeakResident, fresh
from benchmarks.generated_graph import generated_graph
from kg.graph import GraphBatch, NodeRow, RelationshipRow, WriteSummary
from kg.schema import DEFAULT_SCHEMA, INTERACTED, relationship_keys

_PLAIN_ROWS = 5000
_SINGLE_ROWS = 300
_KINDS = {kind.label: kind.name for kind in DEFAULT_SCHEMA.kinds.values()}


@dataclass(frozen=True, slots=True)
class Measured:
    """One load: seconds by the clock and by CPU, peak resident bytes."""

    name: str
    rows: int
    seconds: float
    client_cpu_s: float
    server_cpu_s: float
    client_peak: int = 0
    server_peak: int = 0


def measured(name: str, rows: int, graph: Fresh, work: Callable[[], object]) -> Measured:
    """Do ``work`` once and say what it took."""
    with PeakResident(graph.server) as peak:
        start, client, server = time.perf_counter(), time.process_time(), graph.server_cpu_s()
        work()
        seconds = time.perf_counter() - start
        client, server = time.process_time() - client, graph.server_cpu_s() - server
    return Measured(name, rows, seconds, client, server, peak.client, peak.server)


def plain(driver: neo4j.Driver, nodes: list[NodeRow], relationships: list[RelationshipRow]) -> None:
    """One session, UNWIND ... MERGE by label and by type, rows in the order given."""
    with driver.session() as session:

        def merge(text: str, rows: list[dict[str, Any]]) -> None:
            for start in range(0, len(rows), _PLAIN_ROWS):
                part = {"rows": rows[start : start + _PLAIN_ROWS]}
                session.execute_write(_run, text, part)

        for label in sorted({row.label for row in nodes}):
            labels = f"Entity:{label}" if label in _KINDS else label
            merge(
                f"UNWIND $rows AS row MERGE (n:{labels} {{id: row.id}}) SET n += row.properties",
                [
                    {"id": row.id, "properties": dict(row.properties)}
                    for row in nodes
                    if row.label == label
                ],
            )
        groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
        for row in relationships:
            start, end = (
                "Entity" if label in _KINDS else label for label in (row.start_label, row.end_label)
            )
            groups.setdefault((row.type, start, end), []).append(
                {"start": row.start_id, "end": row.end_id, "properties": dict(row.properties)}
            )
        for (type_, start, end), rows in groups.items():
            keys = relationship_keys(type_)
            identity = ", ".join(f"{key}: row.properties.{key}" for key in keys)
            merge(
                f"UNWIND $rows AS row MATCH (s:{start} {{id: row.start}}) "
                f"MATCH (e:{end} {{id: row.end}}) MERGE (s)-[r:{type_} {{{identity}}}]->(e) "
                "SET r += row.properties",
                rows,
            )


def _run(transaction: neo4j.ManagedTransaction, text: str, params: dict[str, Any]) -> None:
    transaction.run(text, params).consume()


def check(graph: Fresh, nodes: int, relationships: int) -> None:
    """RuntimeError unless the graph holds exactly so many of each."""
    ask = "MATCH (n) WHERE n:Item OR n:User OR n:Entity RETURN count(n) AS c"
    found = [
        graph.driver.execute_query(text).records[0]["c"]
        for text in (ask, "MATCH ()-[r]->() RETURN count(r) AS c")
    ]
    if found != [nodes, relationships]:
        raise RuntimeError(f"nodes, relationships: {found}, not {[nodes, relationships]}")


def one_by_one(graph: Fresh, relationships: list[RelationshipRow]) -> Measured:
    """New events, a transaction each."""
    events = [row for row in relationships if row.type == INTERACTED][:_SINGLE_ROWS]
    # Half a second later than one that is there: nowhere the same event.
    new = [
        replace(row, properties={**row.properties, "at_s": float(row.properties["at_s"]) + 0.5})  # type: ignore[arg-type]
        for row in events
    ]

    def work() -> None:
        for row in new:
            if graph.store.write(GraphBatch(relationships=(row,))).relationships_created != 1:
                raise RuntimeError(f"not created: {row}")

    return measured("a row a transaction", len(new), graph, work)


def loads(
    engine: str, nodes: list[NodeRow], relationships: list[RelationshipRow]
) -> list[Measured]:
    """The plain recipe and the store's own way; empty where the engine is absent."""
    rows = len(nodes) + len(relationships)
    results = []
    with fresh(engine) as graph:
        if graph is None:
            return []
        load = lambda: plain(graph.driver, nodes, relationships)  # noqa: E731
        results.append(measured("plain", rows, graph, load))
        check(graph, len(nodes), len(relationships))
    with fresh(engine) as graph:
        assert graph is not None
        batch = GraphBatch(tuple(nodes), tuple(relationships))
        summaries: list[WriteSummary] = []
        for name in ("store.write", "again"):
            load = lambda: summaries.append(graph.store.write(batch))  # noqa: E731
            results.append(measured(name, rows, graph, load))
            check(graph, len(nodes), len(relationships))
        if summaries != [WriteSummary(len(nodes), len(relationships)), WriteSummary()]:
            raise RuntimeError(f"the store counted otherwise: {summaries}")
        results.append(one_by_one(graph, relationships))
        check(graph, len(nodes), len(relationships) + results[-1].rows)
    return results


def main(nodes: int, relationships: int, engines: tuple[str, ...]) -> None:
    """Print the table."""
    node_rows, relationship_rows = generated_graph(nodes=nodes, relationships=relationships)
    load = os.getloadavg()[0]
    print(f"{nodes:,} nodes, {relationships:,} relationships with properties; {os.cpu_count()}")
    print(f"cores ({platform.machine()}), load when it began {load:.1f}; server heaps of 1 GB.\n")
    print("| engine | load | s | of plain | rows/s | client CPU s | server CPU s | ", end="")
    print("CPU of plain | client peak GB | server peak GB |\n" + "|---" * 10 + "|")
    for engine in engines:
        results = loads(engine, node_rows, relationship_rows)
        if not results:
            print(f"| {engine} | absent here |" + " |" * 8)
        for result in results:
            whole = result.rows == results[0].rows
            cpu = [one.client_cpu_s + one.server_cpu_s for one in (result, results[0])]
            cells = [engine, result.name, f"{result.seconds:.1f}"]
            cells.append(f"{result.seconds / results[0].seconds:.2f}" if whole else "")
            cells.append(f"{result.rows / result.seconds:,.0f}")
            cells += [f"{result.client_cpu_s:.1f}", f"{result.server_cpu_s:.1f}"]
            cells.append(f"{cpu[0] / cpu[1]:.2f}" if whole else "")
            cells += [f"{size / 1e9:.2f}" for size in (result.client_peak, result.server_peak)]
            print(f"| {' | '.join(cells)} |", flush=True)
    print("\nCounts of nodes and relationships were verified after every load. Bars: neo4j 32 s,")
    print("embedded 28 s, or half the plain recipe's time.")


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:3]] or [100_000, 1_000_000]
    main(given[0], given[1], tuple(sys.argv[3:]) or ENGINES)
