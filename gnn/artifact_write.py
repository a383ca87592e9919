"""Write an artifact: aside, flushed to disk, renamed; a crash never leaves half of one."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from filelock import FileLock
from numpy.typing import NDArray

from gnn.artifact import CURRENT, FORMAT, MANIFEST, Artifact, sha256_of
from gnn.scorers import scorer_kind
from kg.errors import ArtifactError

_ASIDE = ".aside-"


def write_artifact(directory: Path, artifact: Artifact, /, *, keep: int = 3) -> Artifact:
    """Write ``artifact`` as a new version under ``directory`` and make it the current one.

    Readers see the old version or the new one, never a mixture. The newest ``keep`` versions
    stay. Returns the artifact with its version and path. ArtifactError where the disk refuses
    (then the version in force is untouched).
    """
    directory = Path(directory)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with FileLock(directory / ".lock"):
            # Whoever holds the lock knows that folders left aside are from a crash.
            for leftover in directory.glob(f"{_ASIDE}*"):
                shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
            version = _write_version(directory, artifact)
            _point_to(directory, version)
            _prune(directory, version, keep=keep)
    except OSError as error:
        raise ArtifactError(f"{directory}: cannot write the artifact: {error}") from error
    return replace(artifact, version=version, path=directory / version)


def _write_version(directory: Path, artifact: Artifact) -> str:
    aside = directory / f"{_ASIDE}{os.getpid()}"
    aside.mkdir()
    try:
        for name, array in _arrays(artifact).items():
            with (aside / f"{name}.npy").open("wb") as stream:
                np.save(stream, array, allow_pickle=False)
                _flush(stream)
        for name, table in _tables(artifact).items():
            _write_json(aside / name, table)
        files = {
            file.name: {"sha256": sha256_of(file), "bytes": file.stat().st_size}
            for file in sorted(aside.iterdir())
        }
        _write_json(aside / MANIFEST, {"files": files})
        _flush_directory(aside)
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        version = f"{stamp}-{sha256_of(aside / MANIFEST)[:12]}"
        if (directory / version).exists():  # the same contents within one second
            shutil.rmtree(directory / version)
        aside.rename(directory / version)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    _flush_directory(directory)
    return version


def _point_to(directory: Path, version: str) -> None:
    aside = directory / f"{_ASIDE}{CURRENT}"
    with aside.open("w", encoding="utf-8") as stream:
        stream.write(version + "\n")
        _flush(stream)
    aside.replace(directory / CURRENT)
    _flush_directory(directory)


def _prune(directory: Path, current: str, *, keep: int) -> None:
    versions = sorted(
        path for path in directory.iterdir() if path.is_dir() and not path.name.startswith(".")
    )
    others = [path for path in versions if path.name != current]
    for path in others[: max(0, len(others) - (keep - 1))]:
        # A reader that mapped these files keeps them until it lets go.
        shutil.rmtree(path)


def _arrays(artifact: Artifact) -> dict[str, NDArray[Any]]:
    histories, facts = artifact.histories, artifact.facts
    arrays: dict[str, NDArray[Any]] = {
        "histories.start": histories.start,
        "histories.item": histories.item,
        "histories.event": histories.event,
        "histories.at_s": histories.at_s,
        "facts.start": facts.start,
        "facts.entity": facts.entity,
        "facts.confidence": facts.confidence,
        "facts.modality": facts.modality,
    }
    for name, array in artifact.scorer.arrays().items():
        arrays[f"scorer.{name}"] = np.asarray(array)
    return arrays


def _tables(artifact: Artifact) -> Mapping[str, object]:
    return {
        "info.json": {
            "format": FORMAT,
            "strategy": artifact.strategy,
            "scorer": scorer_kind(artifact.scorer),
            "graph_identity": artifact.graph_identity,
            "snapshot_fingerprint": artifact.snapshot_fingerprint,
            "vectors_fingerprint": artifact.vectors_fingerprint,
            "code_version": artifact.code_version,
            "events": artifact.histories.events,
            "modalities": artifact.facts.modalities,
            "settings": artifact.settings,
            "report": artifact.report,
            "written_at_s": time.time(),
        },
        "items.json": [asdict(row) for row in artifact.items],
        "entities.json": [asdict(row) for row in artifact.entities],
        "users.json": artifact.users,
    }


def _write_json(path: Path, table: object) -> None:
    with path.open("wb") as stream:
        stream.write(orjson.dumps(table))
        _flush(stream)


def _flush(stream: Any) -> None:
    stream.flush()
    os.fsync(stream.fileno())


def _flush_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
