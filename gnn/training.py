"""Training from a graph to an artifact: fit, choose on validation, measure on test, serve.

1. Every candidate is fitted on train and ranked on validation (train masked).
2. The gate picks what to promote (gnn.training_gate); test is not looked at.
3. Every candidate is refitted on train + valid and measured on test, both masked: the table.
4. What was picked is fitted once more on *all* interactions for as many epochs as validation
   found best, and that is what the artifact serves: a shop wants yesterday's events in it.
   The table's figures are those of step 3, not of this last fit.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import scipy.sparse as sp
import torch
from threadpoolctl import threadpool_limits

from gnn.artifact_write import write_artifact
from gnn.baselines.tuning import applicable, grid
from gnn.build_dataset import build_dataset
from gnn.dataset import Dataset
from gnn.models.contract import Epoch
from gnn.scoring import Scorer
from gnn.settings import GnnSettings
from gnn.split import SplitSpec
from gnn.training_artifact import build_artifact, vectors_fingerprint
from gnn.training_candidates import Part, candidate_names, fit_candidate
from gnn.training_gate import Choice, choose, promoted_scorer
from gnn.training_report import SHORT_LIST, OnProgress, Progress, TrainingReport
from gnn.training_results import blend_result, candidate_result, data_counts
from kg.snapshot import Snapshot

if TYPE_CHECKING:
    from kg.vectors import VectorStore


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What to promote, and the report without an artifact."""

    choice: Choice
    report: TrainingReport


def train(
    snapshot: Snapshot,
    vectors: VectorStore | None,
    settings: GnnSettings,
    /,
    *,
    graph_identity: str,
    text_encoder: str | None = None,
    image_encoder: str | None = None,
    colour_encoder: str | None = "colour-histogram",
    on_progress: OnProgress | None = None,
) -> TrainingReport:
    """Train on a graph and write the artifact to ``settings.artifact_dir``.

    Encoders are names in ``vectors``; without them the networks learn from attributes alone.
    ``graph_identity`` is what a server will ask for (``GraphStore.identity()``). DataError
    where the graph has no items or no interactions to learn from or withhold; ArtifactError
    where the disk refuses.
    """
    encoders = {"text": text_encoder, "image": image_encoder, "colour": colour_encoder}
    dataset = _dataset(snapshot, vectors, settings, encoders)
    with _threads(settings.threads):
        measured = _measure(dataset, settings, on_progress=on_progress)
        _say(on_progress, "serving fit", 0, 1, measured.choice.strategy)
        everything = _everything(dataset)
        scorer = _fit_choice(measured.choice, everything, seed=settings.seed)
    artifact = build_artifact(
        snapshot,
        scorer,
        strategy=measured.choice.strategy,
        graph_identity=graph_identity,
        vectors_fingerprint=vectors_fingerprint(dataset),
        settings={**settings.model_dump(mode="json"), "encoders": encoders},
        report=measured.report.to_json(),
    )
    written = write_artifact(settings.artifact_dir, artifact, keep=settings.keep_versions)
    _say(on_progress, "serving fit", 1, 1, written.version)
    return replace(measured.report, version=written.version, path=str(written.path))


def measure(
    snapshot: Snapshot,
    vectors: VectorStore | None,
    settings: GnnSettings,
    /,
    *,
    text_encoder: str | None = None,
    image_encoder: str | None = None,
    colour_encoder: str | None = "colour-histogram",
    on_progress: OnProgress | None = None,
) -> TrainingReport:
    """The table of ``train`` without the fit for serving and without an artifact."""
    encoders = {"text": text_encoder, "image": image_encoder, "colour": colour_encoder}
    dataset = _dataset(snapshot, vectors, settings, encoders)
    with _threads(settings.threads):
        return _measure(dataset, settings, on_progress=on_progress).report


def _measure(
    dataset: Dataset, settings: GnnSettings, *, on_progress: OnProgress | None
) -> Measured:
    start = time.process_time()
    metric = f"{settings.stopping_metric}@{settings.k}"
    depths = sorted({SHORT_LIST, settings.k})
    if not dataset.valid.nnz:
        return _unmeasured(dataset, settings, metric=metric)
    names = candidate_names(dataset, settings)
    candidates = []
    for done, name in enumerate(names):
        _say(on_progress, "fit", done, len(names), name)

        def on_epoch(epoch: Epoch, name: str = name, done: int = done) -> None:
            _say(on_progress, "fit", done, len(names), f"{name}, epoch {epoch.number}")

        candidates.append(
            fit_candidate(
                name,
                dataset,
                metric=metric,
                depths=depths,
                seed=settings.seed,
                on_epoch=on_epoch,
            )
        )
    choice = choose(
        candidates, dataset, metric=metric, asked=settings.model, try_blend=settings.blend
    )
    results, parts = [], dict[str, Scorer]()
    both = dataset.refit()
    for done, candidate in enumerate(candidates):
        _say(on_progress, "test", done, len(candidates), candidate.name)
        scorer = candidate.part.refit(both, seed=settings.seed).scorer
        if candidate.part in choice.parts:
            parts[candidate.name] = scorer
        results.append(candidate_result(candidate, scorer, both, metric=metric, depths=depths))
    if len(choice.parts) > 1:
        mixed = promoted_scorer(choice, [parts[one.name] for one in choice.parts], both)
        results.append(blend_result(choice, mixed, both, metric=metric, depths=depths))
    results.sort(key=lambda one: -one.valid[metric])
    _say(on_progress, "test", len(candidates), len(candidates), choice.strategy)
    report = TrainingReport(
        strategy=choice.strategy,
        verdict=choice.verdict,
        metric=metric,
        results=tuple(results),
        data=data_counts(dataset, settings),
        seed=settings.seed,
        cpu_s=time.process_time() - start,
        snapshot_fingerprint=dataset.fingerprint,
    )
    return Measured(choice, report)


def _unmeasured(dataset: Dataset, settings: GnnSettings, *, metric: str) -> Measured:
    """Nothing can be withheld for validation: a model that needs no training serves."""
    name = "attribute_cosine" if "attribute_cosine" in applicable(dataset) else "popularity"
    model = grid(name)[0]
    start = time.process_time()
    fit = model.fit(dataset, seed=settings.seed)
    choice = Choice(
        name,
        (Part(name, model, fit.best_epoch),),
        (1.0,),
        f"no user has enough events to withhold one for validation, so nothing was compared; "
        f"{name} serves, which needs no training",
    )
    report = TrainingReport(
        strategy=name,
        verdict=choice.verdict,
        metric=metric,
        results=(),
        data=data_counts(dataset, settings),
        seed=settings.seed,
        cpu_s=time.process_time() - start,
        snapshot_fingerprint=dataset.fingerprint,
    )
    return Measured(choice, report)


def _dataset(
    snapshot: Snapshot,
    vectors: VectorStore | None,
    settings: GnnSettings,
    encoders: Mapping[str, str | None],
) -> Dataset:
    used = {name: encoders[name] if name in settings.features else None for name in encoders}
    return build_dataset(
        snapshot,
        vectors,
        split=SplitSpec(settings.split.kind, settings.split.ratios, settings.seed),
        text_encoder=used["text"],
        image_encoder=used["image"],
        colour_encoder=used["colour"],
    )


def _everything(dataset: Dataset) -> Dataset:
    """All interactions as train: what the served model learns from."""
    both = dataset.refit()
    nothing = sp.csr_matrix(both.train * 0)
    nothing.eliminate_zeros()
    return replace(both, valid=both.test, test=nothing).refit()


def _fit_choice(choice: Choice, dataset: Dataset, *, seed: int) -> Scorer:
    scorers = [part.refit(dataset, seed=seed).scorer for part in choice.parts]
    return promoted_scorer(choice, scorers, dataset)


@contextmanager
def _threads(count: int) -> Iterator[None]:
    """At most ``count`` threads in BLAS and torch while training; 0 leaves them alone."""
    if not count:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        with threadpool_limits(limits=count):
            yield
    finally:
        torch.set_num_threads(before)


def _say(on_progress: OnProgress | None, stage: str, done: int, total: int, note: str) -> None:
    if on_progress is not None:
        on_progress(Progress(stage, done, total, note))
