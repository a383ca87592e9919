"""An artifact from a snapshot and a scorer: tables for answers, fingerprints of the inputs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from gnn.artifact import Artifact, FactTable, Histories
from gnn.dataset import Dataset
from gnn.scoring import Scorer
from kg.snapshot import Snapshot


def build_artifact(
    snapshot: Snapshot,
    scorer: Scorer,
    /,
    *,
    strategy: str,
    graph_identity: str,
    vectors_fingerprint: str,
    settings: Mapping[str, Any],
    report: Mapping[str, Any],
) -> Artifact:
    """Everything a server needs; not yet written anywhere."""
    events, facts = snapshot.interactions, snapshot.item_entities
    modalities = tuple(sorted(set(facts.modality)))
    code_of = {modality: code for code, modality in enumerate(modalities)}
    return Artifact(
        strategy=strategy,
        scorer=scorer,
        items=snapshot.items,
        entities=snapshot.entities,
        users=snapshot.users,
        histories=Histories(
            start=_starts(events.user, len(snapshot.users)),
            item=events.item,
            event=events.event,
            at_s=events.at_s,
            events=events.events,
        ),
        facts=FactTable(
            start=_starts(facts.item, len(snapshot.items)),
            entity=facts.entity,
            confidence=facts.confidence,
            modality=np.array([code_of[one] for one in facts.modality], dtype=np.int32),
            modalities=modalities,
        ),
        graph_identity=graph_identity,
        snapshot_fingerprint=snapshot.fingerprint,
        vectors_fingerprint=vectors_fingerprint,
        code_version=_code_version(),
        settings=settings,
        report=report,
    )


def vectors_fingerprint(dataset: Dataset, /) -> str:
    """SHA-256 over the vectors that were used, by modality; of nothing where there are none."""
    digest = hashlib.sha256()
    for name in sorted(dataset.features):
        feature = dataset.features[name]
        digest.update(name.encode())
        digest.update(np.ascontiguousarray(feature.matrix, dtype=np.float32).tobytes())
        digest.update(np.ascontiguousarray(feature.present).tobytes())
    return digest.hexdigest()


def _starts(sorted_rows: np.ndarray[Any, np.dtype[np.int32]], count: int) -> Any:
    return np.concatenate([[0], np.cumsum(np.bincount(sorted_rows, minlength=count))]).astype(
        np.int64
    )


def _code_version() -> str:
    try:
        return version("shopgraph")
    except PackageNotFoundError:  # run from a source tree that was never installed
        return "source"
