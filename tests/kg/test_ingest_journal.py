from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import StoreError
from kg.graph import GraphBatch, NodeRow, RelationshipRow
from kg.ingest_journal import Journal, batch_hash

BATCHES = [f"{number:064x}" for number in range(5)]


def open_journal(path: Path, *, graph: str = "g", batches: list[str] = BATCHES) -> Journal:
    return Journal(path, graph=graph, batches=batches)


def test_an_interrupted_run_knows_what_was_acknowledged(tmp_path: Path) -> None:
    with open_journal(tmp_path / "journal") as journal:
        assert journal.acknowledged == frozenset()
        journal.acknowledge(BATCHES[0])
        journal.acknowledge(BATCHES[1])
    with open_journal(tmp_path / "journal") as journal:
        assert journal.acknowledged == frozenset(BATCHES[:2])
        journal.finish()
    assert not (tmp_path / "journal").exists()


@pytest.mark.parametrize("other", [{"graph": "h"}, {"batches": BATCHES[:4]}])
def test_a_journal_of_another_graph_or_catalogue_is_begun_anew(
    tmp_path: Path, other: dict[str, object]
) -> None:
    with open_journal(tmp_path / "journal") as journal:
        journal.acknowledge(BATCHES[0])
    with open_journal(tmp_path / "journal", **other) as journal:  # type: ignore[arg-type]
        assert journal.acknowledged == frozenset()
    with open_journal(tmp_path / "journal") as journal:
        assert journal.acknowledged == frozenset()


@given(cut=st.integers(min_value=0, max_value=500))
def test_wherever_a_kill_cuts_the_file_only_whole_lines_count(
    cut: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("journal") / "journal"
    with open_journal(path) as journal:
        for batch in BATCHES:
            journal.acknowledge(batch)
    os.truncate(path, min(cut, path.stat().st_size))
    with open_journal(path) as journal:
        known = journal.acknowledged
        assert known == frozenset(BATCHES[: len(known)])
        journal.acknowledge(BATCHES[4])
    with open_journal(path) as journal:
        assert journal.acknowledged == known | {BATCHES[4]}


def test_a_full_disk_keeps_what_was_acknowledged_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    program = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from kg.ingest_journal import Journal\n"
        "batches = [f'{number:064x}' for number in range(50)]\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))\n"
        "journal = Journal(Path(sys.argv[1]), graph='g', batches=batches)\n"
        "for batch in batches:\n"
        "    journal.acknowledge(batch)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=False
    )
    assert "StoreError" in run.stderr
    assert "run the ingest again when there is room" in run.stderr
    batches = [f"{number:064x}" for number in range(50)]
    with open_journal(path, batches=batches) as journal:
        # Of 300 bytes the header takes 67, a batch 65.
        assert journal.acknowledged == frozenset(batches[:3])


def test_a_folder_in_its_place_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="expected a journal to write"):
        open_journal(tmp_path)


def test_a_batch_is_known_by_its_rows_not_by_the_order_of_properties() -> None:
    def batch(properties: dict[str, object], **more: str) -> str:
        node = NodeRow("Item", more.get("id", "i"), properties)  # type: ignore[arg-type]
        edge = RelationshipRow("INTERACTED", "User", "u", "Item", "i", {"at_s": 1.0})
        return batch_hash(GraphBatch(nodes=(node,), relationships=(edge,)))

    assert batch({"a": 1, "b": None}) == batch({"b": None, "a": 1})
    assert batch({"a": 1}) != batch({"a": 2}) != batch({"a": "2"})
    assert batch({}, id="i") != batch({}, id="j")
