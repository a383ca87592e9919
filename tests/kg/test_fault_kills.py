"""Ten kills in one ingest: of the engine's process and of the ingest's own, at random moments."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from fault_servers import Ingest, acknowledged, branch, clean, own_server
from store_world import ENGINES

KILLS = 10


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("engine", ENGINES)
def test_ten_kills_lose_nothing_acknowledged(engine: str, tmp_path: Path) -> None:
    draw = random.Random(4)
    victims = ["server"] * (KILLS // 2) + ["ingest"] * (KILLS // 2)
    draw.shuffle(victims)
    gave_up = went_on = 0
    known: frozenset[str] = frozenset()
    with own_server(engine, tmp_path) as server:
        ingest = Ingest(server, tmp_path / "work")
        for victim in victims:
            # An engine that was away for long has ended the ingest, in words.
            while not ingest.wait_for(len(known) + draw.randint(1, 6)):
                status, said = ingest.end()
                assert status != 0, "all was ingested before the last kill"
                assert said.startswith("kg.errors.StoreUnavailable: store "), said
                gave_up += 1
                ingest = Ingest(server, tmp_path / "work")
            time.sleep(draw.uniform(0, 0.03))
            if victim == "server":
                assert server.kill()
                server.start()
                went_on += ingest.process.poll() is None
            else:
                ingest.kill()
                ingest = Ingest(server, tmp_path / "work")
            # An ingest that goes on adds to what the ones before it had acknowledged.
            before, known = known, acknowledged(tmp_path / "work")
            assert before <= known
        status, said = ingest.end()
        if status:
            assert said.startswith("kg.errors.StoreUnavailable: store "), said
            assert Ingest(server, tmp_path / "work").end() == (0, "")
        assert not (tmp_path / "work" / "ingest.journal").exists(), "nothing is left to resume"
        # What was acknowledged is never written again: had any been lost, it would lack here.
        catalog = branch(tmp_path / "clean", "")
        expected = clean(catalog)
        with server.open() as store:
            found = store.snapshot()
            [row] = store.read("MATCH ()-[r]->() RETURN count(r) AS count", {}).rows
    assert len(known) > KILLS
    assert gave_up + went_on > 0
    assert found.fingerprint == expected.fingerprint
    # 60 items: an event each time, one review, a link, brand, scent and material each; ten of
    # every twenty of a group name the one before; oak is a kind of wood.
    assert row["count"] == 1200 + 1 + 60 + 3 * 60 + 10 + 1
