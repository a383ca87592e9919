"""What an artifact owes: the same back, and never half of one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from checkerboard_fixtures import checkerboard

from gnn.artifact import Artifact, load_artifact
from gnn.artifact_write import write_artifact
from gnn.blend import Blend
from gnn.item_item import ItemItem
from gnn.training_artifact import build_artifact
from kg.errors import ArtifactError

TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent.parent


def artifact(strategy: str = "test", *, graph: str = "graph-a") -> Artifact:
    snapshot = checkerboard(size=2)
    n = len(snapshot.items)
    weights = np.arange(n * n, dtype=np.float32).reshape(n, n)
    return build_artifact(
        snapshot,
        ItemItem(weights, np.zeros(n, dtype=np.float32)),
        strategy=strategy,
        graph_identity=graph,
        vectors_fingerprint="none",
        settings={"model": "auto"},
        report={"verdict": "because"},
    )


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    made = artifact()
    written = write_artifact(tmp_path, made)
    read = load_artifact(tmp_path, expect_graph="graph-a")
    assert read.version == written.version
    assert read.path == tmp_path / written.version
    assert (read.items, read.entities, read.users) == (made.items, made.entities, made.users)
    assert read.histories.events == ("purchase",)
    for name in ("start", "item", "event", "at_s"):
        assert np.array_equal(getattr(read.histories, name), getattr(made.histories, name))
    for name in ("start", "entity", "confidence", "modality"):
        assert np.array_equal(getattr(read.facts, name), getattr(made.facts, name))
    row = sp.csr_matrix(np.array([[1, 0, 2, 0]], dtype=np.float32))
    assert np.array_equal(read.scorer.score(row), made.scorer.score(row))
    assert read.scorer.score(row).tolist() == [[16.0, 19.0, 22.0, 25.0]]  # row 0 + 2 * row 2
    assert read.report == {"verdict": "because"}


def test_a_blend_is_read_back_part_by_part(tmp_path: Path) -> None:
    one = artifact().scorer
    assert isinstance(one, ItemItem)
    other = ItemItem(sp.csr_matrix(np.eye(4, dtype=np.float32)), np.ones(4, dtype=np.float32))
    made = replace(artifact(), scorer=Blend((one, other), (0.5, 2.0)))
    write_artifact(tmp_path, made)
    read = load_artifact(tmp_path).scorer
    row = sp.csr_matrix(np.array([[0, 1, 0, 0]], dtype=np.float32))
    # half of row 1 of 0..15, twice (1 + the unit row 1)
    assert read.score(row).tolist() == [[4.0, 6.5, 5.0, 5.5]]
    credits, constant = read.credits(np.array([1], dtype=np.int32), np.ones(1, dtype=np.float32), 1)
    assert (credits.tolist(), constant) == ([4.5], 2.0)


def test_absent(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="no artifact here"):
        load_artifact(tmp_path)


def test_from_another_graph_names_both(tmp_path: Path) -> None:
    write_artifact(tmp_path, artifact(graph="graph-a"))
    with pytest.raises(ArtifactError, match=r"graph-a.*graph-b"):
        load_artifact(tmp_path, expect_graph="graph-b")


def test_every_damaged_file_is_noticed_and_named(tmp_path: Path) -> None:
    version = tmp_path / write_artifact(tmp_path, artifact()).version
    for path in sorted(version.iterdir()):
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        with pytest.raises(ArtifactError, match=path.name.replace(".", r"\.")):
            load_artifact(tmp_path)
        path.unlink()
        with pytest.raises(ArtifactError, match=path.name.replace(".", r"\.")):
            load_artifact(tmp_path)
        path.write_bytes(whole)
    load_artifact(tmp_path)


def test_a_manifest_that_leaves_a_file_out_is_noticed(tmp_path: Path) -> None:
    version = tmp_path / write_artifact(tmp_path, artifact()).version
    manifest = json.loads((version / "manifest.json").read_text())
    del manifest["files"]["scorer.weights.npy"]
    (version / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ArtifactError, match=r"scorer\.weights\.npy"):
        load_artifact(tmp_path)


def test_an_unknown_scorer_is_refused(tmp_path: Path) -> None:
    class Odd(ItemItem):
        pass

    odd = Odd(np.eye(4, dtype=np.float32), np.zeros(4, dtype=np.float32))
    with pytest.raises(ArtifactError, match="Odd cannot be stored; known: blend"):
        write_artifact(tmp_path, replace(artifact(), scorer=odd))
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_old_versions_are_pruned_and_the_current_one_stays(tmp_path: Path) -> None:
    versions = [write_artifact(tmp_path, artifact(f"s{n}"), keep=2).version for n in range(4)]
    assert load_artifact(tmp_path).strategy == "s3"
    left = {path.name for path in tmp_path.iterdir() if path.is_dir()}
    assert len(left) == 2
    assert versions[3] in left


def test_a_full_disk_is_said_and_the_version_in_force_stays(tmp_path: Path) -> None:
    """RLIMIT_FSIZE makes the kernel refuse to let any file grow, as a full disk would."""
    write_artifact(tmp_path, artifact("old"))
    script = """
        import resource, signal, sys
        from pathlib import Path
        from test_artifact import artifact
        from gnn.artifact_write import write_artifact
        from kg.errors import ArtifactError
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (160, 160))
        try:
            write_artifact(Path(sys.argv[1]), artifact("new"))
        except ArtifactError as error:
            sys.exit(3 if "File too large" in str(error) else 4)
    """
    assert run(script, tmp_path).returncode == 3
    assert load_artifact(tmp_path).strategy == "old"
    assert [path.name for path in tmp_path.glob(".aside-*")] == []


def test_a_crash_at_any_point_leaves_the_old_version_or_the_new_one(tmp_path: Path) -> None:
    """Dies before every call that reaches the disk, and within the switch before every line.

    os._exit in a forked child is what SIGKILL does to a process: nothing is cleaned up.
    """
    script = """
        import os, shutil, sys
        from pathlib import Path
        from test_artifact import artifact
        from gnn.artifact import load_artifact
        from gnn.artifact_write import write_artifact
        whole, tried = Path(sys.argv[1]) / "whole", Path(sys.argv[1]) / "tried"
        write_artifact(whole, artifact("old"))
        (whole / ".aside-1").mkdir()                    # left by an earlier crash
        (whole / ".aside-1" / "x.npy").touch()
        at, seen = 0, {"old": 0, "new": 0}
        while True:
            shutil.rmtree(tried, ignore_errors=True)
            shutil.copytree(whole, tried)
            child = os.fork()
            if child == 0:
                left = at
                def step():
                    global left
                    if left == 0:
                        os._exit(9)
                    left -= 1
                def on(event, arguments):
                    if event in ("open", "os.rename", "os.mkdir", "os.remove", "os.rmdir"):
                        step()
                def trace(frame, event, argument):
                    if event == "line":
                        step()
                    return trace if frame.f_code.co_name == "_point_to" else None
                sys.addaudithook(on)
                sys.settrace(trace)
                write_artifact(tried, artifact("new"), keep=1)
                os._exit(0)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            after = load_artifact(tried).strategy       # whole, or it raises
            seen[after] += 1
            if code == 0:
                assert after == "new"
                break
            at += 1
        assert not list(tried.glob(".aside-*"))         # the one that went through tidied up
        assert seen["new"] > 5 and seen["old"] > 30, seen
    """
    found = run(script, tmp_path)
    assert found.returncode == 0, found.stderr


def test_killed_at_random_while_writing_again_and_again(tmp_path: Path) -> None:
    write_artifact(tmp_path, artifact("first"))
    script = """
        import sys
        from pathlib import Path
        from test_artifact import artifact
        from gnn.artifact_write import write_artifact
        print("ready", flush=True)
        while True:
            write_artifact(Path(sys.argv[1]), artifact("next"))
    """
    rng = np.random.default_rng(5)
    for _ in range(3):
        with subprocess.Popen(
            command(script, tmp_path), stdout=subprocess.PIPE, env=environment()
        ) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            time.sleep(float(rng.uniform(0.01, 0.2)))
            writer.send_signal(signal.SIGKILL)
        assert load_artifact(tmp_path).strategy in {"first", "next"}


def test_two_writers_at_once_both_succeed(tmp_path: Path) -> None:
    script = """
        import sys
        from pathlib import Path
        from test_artifact import artifact
        from gnn.artifact_write import write_artifact
        for n in range(3):
            write_artifact(Path(sys.argv[1]), artifact(f"{sys.argv[2]}{n}"))
    """
    writers = [
        subprocess.Popen([*command(script, tmp_path), name], env=environment()) for name in "ab"
    ]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert load_artifact(tmp_path).strategy in {"a2", "b2"}


def command(script: str, directory: Path) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(script), str(directory)]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(TESTS)])}


def run(script: str, directory: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(script, directory), env=environment(), capture_output=True, text=True, check=False
    )
