"""Is the data fit to be trusted? Findings about graph, rejects and artifact."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from kg.errors import ArtifactError, StoreError
from kg.queries import load_query

if TYPE_CHECKING:
    from api.settings import Settings
    from kg.stores.bolt import BoltStore

#: How many orphans and uncertain statements are looked at; beyond, "at least" is said.
LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. ``details`` holds the figures or the first examples."""

    check: str
    severity: Literal["ok", "warning", "error"]
    message: str
    details: dict[str, Any]


def findings(settings: Settings, store: BoltStore, *, threshold: float) -> list[Finding]:
    """Counts, orphans, statements below ``threshold``, conflicts, rejects, artifact."""
    return [
        _counts(store),
        _orphans(store),
        _uncertain(store, threshold),
        _conflicts(store),
        _rejects(settings),
        _artifact(settings, store),
    ]


def _counts(store: BoltStore) -> Finding:
    rows = store.run(load_query("administration/counts"))
    counts = {row["name"]: row["count"] for row in rows if row["name"] != "Graph"}
    items, events = counts.get("Item", 0), counts.get("INTERACTED", 0)
    said = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
    if not items:
        return Finding("counts", "error", "the graph has no items: ingest first", counts)
    if not events:
        return Finding("counts", "error", f"no interactions to learn from; {said}", counts)
    return Finding("counts", "ok", said, counts)


def _orphans(store: BoltStore) -> Finding:
    rows = store.run(load_query("quality/orphans"), limit=LIMIT)
    if not rows:
        return Finding("orphans", "ok", "every node has a relationship", {})
    labels = Counter(row["label"] for row in rows)
    said = ", ".join(f"{count} {label}" for label, count in sorted(labels.items()))
    message = f"{_at_least(rows)}without any relationship: {said}; first: {rows[0]['id']}"
    return Finding("orphans", "warning", message, {"ids": [row["id"] for row in rows[:20]]})


def _uncertain(store: BoltStore, threshold: float) -> Finding:
    query = load_query("quality/low_confidence")
    rows = store.run(query, threshold=threshold, limit=LIMIT)
    if not rows:
        return Finding("confidence", "ok", f"no statement below {threshold}", {})
    first = rows[0]
    message = (
        f"{_at_least(rows)}{len(rows)} statements below {threshold}; least certain: "
        f"{first['item_id']} {first['relationship']} {first['entity_id']} "
        f"({first['confidence']:.2f}, {first['extractor']})"
    )
    shown = [{name: row[name] for name in query.columns} for row in rows[:20]]
    return Finding("confidence", "warning", message, {"first": shown})


def _conflicts(store: BoltStore) -> Finding:
    query = load_query("quality/conflicts")
    rows = store.run(query, limit=LIMIT)
    if not rows:
        return Finding("conflicts", "ok", "no two modalities exclude each other", {})
    first = rows[0]
    message = (
        f"{_at_least(rows)}{len(rows)} conflicts; surest: {first['item_id']} "
        f"{first['entity_id']} ({first['modality']} {first['confidence']:.2f}) against "
        f"{first['other_id']} ({first['other_modality']} {first['other_confidence']:.2f})"
    )
    shown = [{name: row[name] for name in query.columns} for row in rows[:20]]
    return Finding("conflicts", "warning", message, {"first": shown})


def _rejects(settings: Settings) -> Finding:
    from api.shop import rejects_file

    path = rejects_file(settings)
    if not path.is_file():
        return Finding("rejects", "ok", f"no rejects file at {path}", {})
    with path.open(encoding="utf-8") as lines:
        rejected = [json.loads(line) for line in lines if line.strip()]
    if not rejected:
        return Finding("rejects", "ok", "every row of the last ingest went in", {})
    reasons = Counter(f"{row['column'] or 'row'} is not {row['expected']}" for row in rejected)
    reason, count = reasons.most_common(1)[0]
    message = f"{len(rejected)} rows in {path}; most often ({count}): {reason}"
    return Finding("rejects", "warning", message, dict(reasons))


def _artifact(settings: Settings, store: BoltStore) -> Finding:
    from gnn.artifact import load_artifact

    try:
        artifact = load_artifact(settings.gnn.artifact_dir, expect_graph=store.identity())
    except (ArtifactError, StoreError) as error:
        return Finding("artifact", "error", str(error), {})
    details = {"version": artifact.version, "strategy": artifact.strategy}
    fingerprint = store.snapshot().fingerprint
    if artifact.snapshot_fingerprint != fingerprint:
        message = (
            f"artifact {artifact.version} was trained on snapshot "
            f"{artifact.snapshot_fingerprint[:12]}, the graph is now at {fingerprint[:12]}: "
            "train again to learn what is new"
        )
        return Finding("artifact", "warning", message, details)
    message = f"artifact {artifact.version} ({artifact.strategy}) is of this very graph"
    return Finding("artifact", "ok", message, details)


def _at_least(rows: list[Any]) -> str:
    return "at least " if len(rows) == LIMIT else ""
