"""What training found: one table for people, one JSON document for machines."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

#: Lists of this length are measured beside those of ``settings.k``.
SHORT_LIST = 10


@dataclass(frozen=True, slots=True)
class Progress:
    """Where training stands: ``done`` of ``total`` steps, and what the present one is."""

    stage: str
    done: int
    total: int
    note: str = ""


OnProgress: TypeAlias = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class ModelResult:
    """One line of the table. Metrics by name (``ndcg@20``), means over users in [0, 1].

    ``valid``: fitted on train, train masked; this is what decisions are made on. ``test``:
    refitted on train and valid, both masked. ``test_error``: half the 95 % interval of the
    deciding metric on test. ``cpu_s``: CPU-seconds of the fit on train, of all tries where a
    grid was searched.
    """

    name: str
    network: bool
    valid: Mapping[str, float]
    test: Mapping[str, float]
    test_error: float
    cpu_s: float
    best_epoch: int
    configuration: str


@dataclass(frozen=True, slots=True)
class DataCounts:
    """What was learned from; interactions are distinct (user, item) pairs."""

    users: int
    items: int
    entities: int
    train: int
    valid: int
    test: int
    split: str
    features: tuple[str, ...]
    #: Simple models that the catalogue is too large for (gnn.baselines.tuning.DENSE_ITEMS).
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """``strategy`` is what was promoted and ``verdict`` says why, in a sentence.

    ``results`` are sorted by the deciding metric on validation, best first. ``version`` and
    ``path`` name the artifact; empty where none was written.
    """

    strategy: str
    verdict: str
    metric: str
    results: tuple[ModelResult, ...]
    data: DataCounts
    seed: int
    cpu_s: float
    snapshot_fingerprint: str
    version: str = ""
    path: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain dicts and lists."""
        return asdict(self)

    def result(self, name: str, /) -> ModelResult:
        """The line of a model; KeyError where it was not trained."""
        for one in self.results:
            if one.name == name:
                return one
        raise KeyError(name)
