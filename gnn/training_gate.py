"""The gate: which model validation promotes. Nothing is promoted that a simple model beats.

*Beats* means beyond noise: the 95 % interval of the paired difference, user by user, of the
deciding metric on validation lies above zero. Where a simple model ranks first at all, a
blend with it is tried before anything else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gnn.blend import Blend, blend, spread
from gnn.dataset import Dataset
from gnn.evaluation import Report, evaluate
from gnn.scoring import Scorer
from gnn.training_candidates import Candidate, Part
from gnn.training_report import SHORT_LIST

#: Weights of the network in a blend that validation may choose; the rest is the simple model.
BLEND_WEIGHTS = (0.9, 0.75, 0.5, 0.25, 0.1)
#: Users whose scores measure a scorer's spread.
SPREAD_USERS = 500


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """What to promote: one model, or two with the weight of each, and why.

    ``valid``: metrics of what is promoted, empty where nothing could be measured.
    """

    strategy: str
    parts: tuple[Part, ...]
    weights: tuple[float, ...]
    verdict: str
    valid: Mapping[str, float] = field(default_factory=dict)


def choose(
    candidates: Sequence[Candidate],
    dataset: Dataset,
    /,
    *,
    metric: str,
    asked: str = "auto",
    try_blend: bool = True,
) -> Choice:
    """The candidate to promote. ``asked`` names a model that is obeyed, with a warning."""
    ranked = sorted(candidates, key=lambda one: -one.valid.mean(metric))
    simple = next(one for one in ranked if not one.network)
    if asked != "auto":
        named = next(one for one in candidates if one.name == asked)
        return _alone(named, _obeyed(named, ranked[0], metric))
    net = next((one for one in ranked if one.network), None)
    if net is None:
        return _alone(simple, f"no network was trained; {simple.name} ranks best on validation")
    said = _compared(net.valid, simple.valid, net.name, simple.name, metric)
    if net.valid.mean(metric) >= simple.valid.mean(metric):
        return _alone(net, f"promoted on validation: {said}")
    if try_blend:
        weight, report = _best_blend(net, simple, dataset, metric=metric)
        if report.mean(metric) >= simple.valid.mean(metric):
            return Choice(
                "blend",
                (net.part, simple.part),
                (weight, 1 - weight),
                f"{said}, so {weight:.0%} of the network and {1 - weight:.0%} of "
                f"{simple.name} are promoted together: {metric} {report.mean(metric):.4f}",
                report.means(),
            )
    if not _beats(simple.valid, net.valid, metric):
        return _alone(net, f"promoted on validation: {said}, a difference within noise")
    return _alone(
        simple, f"{said}, beyond noise: the network is not promoted, {simple.name} serves"
    )


def promoted_scorer(choice: Choice, scorers: Sequence[Scorer], dataset: Dataset, /) -> Scorer:
    """``scorers`` of the choice's parts, fitted on ``dataset``, as one scorer."""
    if len(scorers) == 1:
        return scorers[0]
    return mix(scorers, choice.weights, dataset)


def mix(scorers: Sequence[Scorer], weights: tuple[float, ...], dataset: Dataset, /) -> Blend:
    """Blend with spreads measured on the first users of ``dataset`` who have a history."""
    users = dataset.train.getnnz(axis=1).nonzero()[0][:SPREAD_USERS].astype("int32")
    spreads = tuple(spread(one.score(dataset.train[users], users=users)) for one in scorers)
    return blend(tuple(scorers), weights, spreads=spreads)


def _best_blend(
    net: Candidate, simple: Candidate, dataset: Dataset, *, metric: str
) -> tuple[float, Report]:
    tried = []
    depths = sorted({SHORT_LIST, int(metric.partition("@")[2])})
    for weight in BLEND_WEIGHTS:
        mixed = mix((net.fit.scorer, simple.fit.scorer), (weight, 1 - weight), dataset)
        tried.append((weight, evaluate(mixed, dataset, against="valid", k=depths)))
    return max(tried, key=lambda one: one[1].mean(metric))


def _alone(candidate: Candidate, verdict: str) -> Choice:
    return Choice(candidate.name, (candidate.part,), (1.0,), verdict, candidate.valid.means())


def _beats(one: Report, other: Report, metric: str) -> bool:
    return one.difference(other, metric).low > 0


def _compared(one: Report, other: Report, name: str, other_name: str, metric: str) -> str:
    return (
        f"{metric} {one.mean(metric):.4f} of {name} against {other.mean(metric):.4f} of "
        f"{other_name}"
    )


def _obeyed(named: Candidate, best: Candidate, metric: str) -> str:
    if best.name == named.name or not _beats(best.valid, named.valid, metric):
        return f"{named.name} was asked for; nothing beats it beyond noise on validation"
    said = _compared(named.valid, best.valid, named.name, best.name, metric)
    return f"{named.name} was asked for and is served although beaten: {said}"
