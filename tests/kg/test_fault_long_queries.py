"""Queries that run too long, by the hundred: each ends in words, and the store stays usable."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fault_servers import own_server
from store_world import ENGINES, world

from kg.errors import StoreTimeout
from kg.schema import DEFAULT_SCHEMA
from kg.stores.bolt import BoltStore

ENDLESS = (
    "UNWIND range(1, 9999) AS a UNWIND range(1, 9999) AS b UNWIND range(1, 9999) AS c "
    "RETURN count(*) AS n"
)
#: More than a driver keeps connections (100), so that one lost each time would be missed.
QUERIES = 120
AT_ONCE = 12
#: How often Neo4j looks for what is over its time: 2 s unless told otherwise.
_CONF = "db.transaction.monitor.check.interval=100ms\n"


def running(store: BoltStore, engine: str) -> int:
    """How many endless queries the engine itself still works on."""
    if engine == "neo4j":
        text = (
            "SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery STARTS WITH $start "
            "RETURN count(*) AS n"
        )
        [row] = store.read(text, {"start": ENDLESS[:30]}).rows
        return int(row["n"])
    listed = store.connection.engine._post("server", {"command": "list queries"}, timeout_s=5.0)  # type: ignore[attr-defined]
    return sum(ENDLESS[:30] in str(query) for query in listed)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("engine", ENGINES)
def test_hundreds_of_long_queries_exhaust_nothing(engine: str, tmp_path: Path) -> None:
    def ask(store: BoltStore) -> float:
        began = time.monotonic()
        with pytest.raises(StoreTimeout, match=r"store \S+: query: no answer within 0\.5 s"):
            store.read(ENDLESS, {}, timeout_s=0.5)
        return time.monotonic() - began

    with own_server(engine, tmp_path, conf=_CONF) as server, server.open() as store:
        store.migrate(DEFAULT_SCHEMA)
        store.write(world())
        with ThreadPoolExecutor(AT_ONCE) as pool:
            # Connections first: to open them all takes a busy machine longer than the limit.
            list(pool.map(lambda _: store.read("RETURN 1", {}), range(AT_ONCE)))
            took = list(pool.map(ask, [store] * QUERIES))
        # The limit and the grace; and a busy machine.
        assert max(took) < 20
        deadline = time.monotonic() + 30
        while (left := running(store, engine)) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert left == 0, "the engine goes on with what nobody waits for"
        # As many at once as asked before, and none of them waits for a connection.
        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers = list(
                pool.map(lambda n: store.read("RETURN $n AS n", {"n": n}).rows, range(QUERIES))
            )
        assert answers == [[{"n": n}] for n in range(QUERIES)]
        assert store.write(world()).nodes_created == 0
        assert store.restarts == 0
