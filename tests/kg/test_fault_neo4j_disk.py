"""A Neo4j whose disk fills up, and one that was pointed at the embedded engine's folder."""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fault_servers import Ingest, acknowledged, branch, clean, own_server
from store_world import world

from kg.errors import StoreError
from kg.schema import DEFAULT_SCHEMA

#: Neo4j sets aside 256 MB for each log of transactions unless told otherwise.
_SMALL = """
db.tx_log.preallocate=false
db.tx_log.rotation.size=1m
db.checkpoint.interval.time=1h
"""


@contextmanager
def small_disk(folder: Path, *, megabytes: int) -> Iterator[Path]:
    folder.mkdir(parents=True)
    tools = shutil.which("mount"), shutil.which("umount")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if not all(tools) or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_neo4j_with_a_full_disk_is_said_and_the_ingest_resumes(tmp_path: Path) -> None:
    expected = clean(branch(tmp_path / "clean", ""))
    work = tmp_path / "work"
    with (
        small_disk(tmp_path / "neo4j" / "data", megabytes=96) as disk,
        own_server("neo4j", tmp_path, conf=_SMALL) as server,
    ):
        ingest = Ingest(server, work)
        assert ingest.wait_for(5)
        filler = disk / "filler"
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(4096))
        status, said = ingest.end()
        assert status == 1
        assert re.match(r"kg\.errors\.StoreError: store neo4j://\S+: Neo\.DatabaseError\.", said)
        assert "its disk is full most often: make room and start it again)" in said
        known = acknowledged(work)
        assert len(known) >= 5
        filler.unlink()
        # It does not write again before it is started anew.
        server.kill()
        server.start()
        assert Ingest(server, work).end() == (0, "")
        with server.open() as store:
            assert store.snapshot().fingerprint == expected.fingerprint


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_neo4j_on_the_embedded_engine_s_folder(tmp_path: Path) -> None:
    with own_server("embedded", tmp_path) as embedded, embedded.open() as store:
        store.migrate(DEFAULT_SCHEMA)
        store.write(world())
        before = store.snapshot().fingerprint
    conf = f"server.directories.data={embedded.folder}\n"
    with own_server("neo4j", tmp_path, conf=conf) as server, server.open() as store:
        # It starts, sees nothing that it knows, and makes its own files between the others.
        assert store.read("MATCH (n) RETURN count(n) AS count", {}).rows == [{"count": 0}]
        with pytest.raises(StoreError, match="migrate comes first"):
            store.identity()
    with pytest.raises(StoreError, match=r"Neo4j server \(databases/\w+/neostore\)"):
        embedded.open()
    # Nothing was harmed: without those files, which somebody takes away knowingly, all is back.
    shutil.rmtree(embedded.folder / "databases/system")
    (embedded.folder / "databases/neo4j/neostore").unlink()
    with embedded.open() as store:
        assert store.snapshot().fingerprint == before
