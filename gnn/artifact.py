"""The model artifact: a directory of arrays and tables that a server reads, all or nothing.

``<dir>/current`` names the version in force; ``<dir>/<version>/`` holds it:

* ``info.json``: strategy, scorer, fingerprints, settings, report; ``items.json``,
  ``entities.json``, ``users.json``: tables in index order;
* ``*.npy``: arrays, mapped into memory, never pickled; ``scorer.*.npy`` are the model's;
* ``manifest.json``: sha256 and size of every other file, checked at load.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from gnn.scorers import rebuild_scorer
from gnn.scoring import FloatVector, IntVector, Scorer
from kg.errors import ArtifactError
from kg.snapshot import EntityRow, ItemRow

FORMAT = 1
CURRENT = "current"
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class ItemFact:
    """One entity of an item, with combined confidence and the modalities that say so."""

    entity: EntityRow
    confidence: float
    modalities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemCard:
    """What an answer shows of an item; ``image`` is the path of its main picture."""

    id: str
    title: str
    titles: Mapping[str, str]
    price: float | None
    image: str | None
    group: str | None
    facts: tuple[ItemFact, ...]

    def title_in(self, language: str) -> str:
        """Title in ``language``, or in the catalogue's main language."""
        return self.titles.get(language) or self.title


@dataclass(frozen=True, slots=True, eq=False)
class Histories:
    """Events of user u at ``start[u]:start[u + 1]``, sorted by (item, at_s, event)."""

    start: NDArray[np.int64]  # (n_users + 1,)
    item: IntVector  # (n,)
    event: IntVector  # (n,) index into ``events``
    at_s: NDArray[np.float64]  # (n,) UTC epoch seconds
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class FactTable:
    """Statements of item i at ``start[i]:start[i + 1]``, sorted by (entity, modality)."""

    start: NDArray[np.int64]  # (n_items + 1,)
    entity: IntVector  # (n,)
    confidence: FloatVector  # (n,) in [0, 1]
    modality: IntVector  # (n,) index into ``modalities``
    modalities: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Artifact:
    """All a server needs. Indices are those of the snapshot it was trained on."""

    strategy: str
    scorer: Scorer
    items: tuple[ItemRow, ...]
    entities: tuple[EntityRow, ...]
    users: tuple[str, ...]
    histories: Histories
    facts: FactTable
    graph_identity: str
    snapshot_fingerprint: str
    vectors_fingerprint: str
    code_version: str
    settings: Mapping[str, Any]
    report: Mapping[str, Any]
    version: str = ""  # given when written
    path: Path | None = None


def current_version(directory: Path, /) -> str:
    """The version in force; ArtifactError where there is none."""
    try:
        version = (directory / CURRENT).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ArtifactError(
            f"{directory}: no artifact here ({error.strerror}); train one first"
        ) from error
    if not version or "/" in version or version.startswith("."):
        raise ArtifactError(f"{directory / CURRENT}: {version!r} is not the name of a version")
    return version


def load_artifact(directory: Path, /, *, expect_graph: str | None = None) -> Artifact:
    """The artifact in force under ``directory``, every file checked against its manifest.

    ``expect_graph``: identity of the graph it must have been trained on. ArtifactError where
    the artifact is absent, damaged, of another format, or from another graph (both named).
    """
    directory = Path(directory)
    version = current_version(directory)
    path = directory / version
    _check_files(path)
    info = _table(path / "info.json")
    if info["format"] != FORMAT:
        raise ArtifactError(f"{path}: format {info['format']}, this code reads {FORMAT}")
    if expect_graph is not None and info["graph_identity"] != expect_graph:
        raise ArtifactError(
            f"{path}: trained on graph {info['graph_identity']}, but the store holds graph "
            f"{expect_graph}; train again or point artifact_dir elsewhere"
        )
    arrays = {file.name.removesuffix(".npy"): _array(file) for file in sorted(path.glob("*.npy"))}
    scorer_arrays = {
        name.removeprefix("scorer."): array
        for name, array in arrays.items()
        if name.startswith("scorer.")
    }
    try:
        return Artifact(
            strategy=info["strategy"],
            scorer=rebuild_scorer(info["scorer"], scorer_arrays),
            items=tuple(ItemRow(**row) for row in _table(path / "items.json")),
            entities=tuple(EntityRow(**row) for row in _table(path / "entities.json")),
            users=tuple(_table(path / "users.json")),
            histories=Histories(**_group(arrays, "histories."), events=tuple(info["events"])),
            facts=FactTable(**_group(arrays, "facts."), modalities=tuple(info["modalities"])),
            graph_identity=info["graph_identity"],
            snapshot_fingerprint=info["snapshot_fingerprint"],
            vectors_fingerprint=info["vectors_fingerprint"],
            code_version=info["code_version"],
            settings=info["settings"],
            report=info["report"],
            version=version,
            path=path,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ArtifactError(f"{path}: written by other code ({error!r}); train again") from error


def _check_files(path: Path) -> None:
    manifest = _table(path / MANIFEST)
    if not isinstance(manifest, dict) or not isinstance(manifest.get("files"), dict):
        raise ArtifactError(f"{path / MANIFEST}: damaged, no list of files")
    unlisted = {file.name for file in path.iterdir()} - {MANIFEST, *manifest["files"]}
    if unlisted:
        raise ArtifactError(f"{path}: not in the manifest: {', '.join(sorted(unlisted))}")
    for name, stated in manifest["files"].items():
        try:
            found = sha256_of(path / name)
        except OSError as error:
            raise ArtifactError(f"{path / name}: damaged artifact, {error.strerror}") from error
        if found != stated["sha256"]:
            raise ArtifactError(
                f"{path / name}: damaged, sha256 {found[:12]}..., the manifest says "
                f"{stated['sha256'][:12]}..."
            )


def sha256_of(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _table(path: Path) -> Any:
    try:
        return orjson.loads(path.read_bytes())
    except OSError as error:
        raise ArtifactError(f"{path}: damaged artifact, {error.strerror}") from error
    except orjson.JSONDecodeError as error:
        raise ArtifactError(f"{path}: damaged, not JSON ({error})") from error


def _array(path: Path) -> NDArray[Any]:
    try:
        # An empty array cannot be mapped.
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except ValueError:
        array = np.load(path, allow_pickle=False)
    # Still mapped, but plain: a memmap spends microseconds on being one at every slice.
    result: NDArray[Any] = np.asarray(array)
    return result


def _group(arrays: Mapping[str, NDArray[Any]], prefix: str) -> dict[str, Any]:
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }
