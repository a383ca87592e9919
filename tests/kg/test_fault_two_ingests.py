"""Two ingests at once, each a process of its own, into a store that nobody has migrated yet."""

from __future__ import annotations

from pathlib import Path

import pytest
from fault_servers import Ingest, branch, clean, emptied, own_server
from store_world import ENGINES


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("engine", ENGINES)
def test_two_ingests_at_once_give_the_union(engine: str, tmp_path: Path) -> None:
    first, second = branch(tmp_path / "clean", ""), branch(tmp_path / "clean", "other-")
    with own_server(engine, tmp_path) as server:
        # The same catalogue twice, with one folder of vectors and one journal, as two terminals
        # in one project have it.
        both = [Ingest(server, tmp_path / "same") for _ in range(2)]
        assert [ingest.end() for ingest in both] == [(0, ""), (0, "")]
        with server.open() as store:
            assert store.snapshot().fingerprint == clean(first).fingerprint
            [row] = store.read("MATCH (g:Graph) RETURN count(g) AS graphs", {}).rows
            assert row == {"graphs": 1}
        emptied(server)
        # Different catalogues of the same people, brands and materials.
        both = [Ingest(server, tmp_path / f"of-{name}", name=name) for name in ("", "other-")]
        assert [ingest.end() for ingest in both] == [(0, ""), (0, "")]
        with server.open() as store:
            found = store.snapshot()
    # 60 items each; 40 people, five brands, one scent, oak, linen, tin and wood are of both.
    assert (len(found.items), len(found.users), len(found.entities)) == (120, 40, 5 + 1 + 3 + 1)
    assert len(found.interactions) == 2400
    assert found.fingerprint == clean(first, second).fingerprint
