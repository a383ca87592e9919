"""From fitted candidates to the lines of the report."""

from __future__ import annotations

from collections.abc import Sequence

from gnn.baselines.tuning import too_large
from gnn.dataset import Dataset
from gnn.evaluation import evaluate
from gnn.scoring import Scorer
from gnn.settings import GnnSettings
from gnn.training_candidates import BASELINES, Candidate
from gnn.training_gate import Choice
from gnn.training_report import DataCounts, ModelResult


def candidate_result(
    candidate: Candidate, scorer: Scorer, both: Dataset, *, metric: str, depths: Sequence[int]
) -> ModelResult:
    """The line of one model; ``scorer`` is its refit on ``both`` (train and valid)."""
    test, error = _test(scorer, both, metric=metric, depths=depths)
    return ModelResult(
        name=candidate.name,
        network=candidate.network,
        valid=candidate.valid.means(),
        test=test,
        test_error=error,
        cpu_s=candidate.cpu_s,
        best_epoch=candidate.part.epochs,
        configuration=repr(candidate.part.model),
    )


def blend_result(
    choice: Choice, scorer: Scorer, both: Dataset, *, metric: str, depths: Sequence[int]
) -> ModelResult:
    """The line of a promoted blend."""
    test, error = _test(scorer, both, metric=metric, depths=depths)
    mixed = zip(choice.weights, choice.parts, strict=True)
    return ModelResult(
        name=choice.strategy,
        network=False,
        valid=choice.valid,
        test=test,
        test_error=error,
        cpu_s=0.0,
        best_epoch=0,
        configuration=" + ".join(f"{weight:g} {part.name}" for weight, part in mixed),
    )


def _test(
    scorer: Scorer, both: Dataset, *, metric: str, depths: Sequence[int]
) -> tuple[dict[str, float], float]:
    if not both.test.nnz:
        return {}, 0.0
    report = evaluate(scorer, both, against="test", k=depths)
    interval = report.interval(metric)
    return report.means(), (interval.high - interval.low) / 2


def data_counts(dataset: Dataset, settings: GnnSettings) -> DataCounts:
    """Sizes of what was learned from."""
    return DataCounts(
        users=dataset.n_users,
        items=dataset.n_items,
        entities=int(dataset.attributes.shape[1]),
        train=int(dataset.train.nnz),
        valid=int(dataset.valid.nnz),
        test=int(dataset.test.nnz),
        split=settings.split.kind,
        features=tuple(sorted(dataset.features)),
        left_out=tuple(name for name in BASELINES if name in too_large(dataset)),
    )
