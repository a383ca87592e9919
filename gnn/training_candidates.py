"""Models by name, fitted and measured: the rows of the report before it is written."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gnn.baselines.tuning import applicable, grid, tune
from gnn.dataset import Dataset
from gnn.evaluation import Report, evaluate
from gnn.models.contract import Fit, Model, OnEpoch
from gnn.settings import NETWORKS, GnnSettings
from kg.errors import ConfigError

#: The simple models every network is measured against.
BASELINES = (
    "popularity",
    "item_knn",
    "rp3beta",
    "pure_svd",
    "gf_cf",
    "attribute_cosine",
    "ease",
    "collective_ease",
)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A configured model and the epochs that validation found best."""

    name: str
    model: Model
    epochs: int

    def refit(self, dataset: Dataset, /, *, seed: int) -> Fit:
        """The same model on a dataset without valid, for as many epochs as were best."""
        return self.model.fit(dataset, seed=seed, epochs=self.epochs)


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A model fitted on train and measured on valid."""

    part: Part
    fit: Fit
    valid: Report
    cpu_s: float

    @property
    def name(self) -> str:
        """What reports call it."""
        return self.part.name

    @property
    def network(self) -> bool:
        """Is it one of the two networks?"""
        return self.name in NETWORKS


def networks(name: str, /, *, metric: str) -> tuple[Model, ...]:
    """Settings worth trying of the network called ``name``; ConfigError lists the known.

    ``metric`` is what its early stop goes by, where it has one.
    """
    if name == "relational_attention":
        from gnn.models.relational_attention import RelationalAttention

        return (RelationalAttention(),)
    if name == "fused_graph_convolution":
        from gnn.models.fused_graph_convolution import GRID

        return tuple(replace(model, metric=metric) for model in GRID)
    raise ConfigError(f"no network {name!r}; there are: {', '.join(NETWORKS)}")


def candidate_names(dataset: Dataset, settings: GnnSettings, /) -> list[str]:
    """What to train: the networks asked for, then the simple models that apply."""
    known = applicable(dataset)
    simple = [name for name in BASELINES if name in known]
    if not settings.baselines:
        simple = ["popularity"]
    networks = list(NETWORKS) if settings.model == "auto" else []
    named = [] if settings.model == "auto" else [settings.model]
    if named and named[0] not in NETWORKS and named[0] not in known:
        raise ConfigError(
            f"model {named[0]!r} needs what this graph lacks (attributes, vectors) or is too "
            f"large for {dataset.n_items} items; "
            f"it can have: {', '.join((*NETWORKS, *known))}"
        )
    return [*networks, *named, *(name for name in simple if name not in named)]


def fit_candidate(
    name: str,
    dataset: Dataset,
    /,
    *,
    metric: str,
    depths: Sequence[int],
    seed: int,
    on_epoch: OnEpoch | None = None,
) -> Candidate:
    """Fit on train and measure on valid, where settings are chosen too."""
    start = time.process_time()
    models = networks(name, metric=metric) if name in NETWORKS else grid(name)
    tuned = tune(models, dataset, metric=metric, seed=seed, on_epoch=on_epoch)
    cpu_s = time.process_time() - start
    valid = evaluate(tuned.fit.scorer, dataset, against="valid", k=depths)
    return Candidate(Part(name, tuned.model, tuned.fit.best_epoch), tuned.fit, valid, cpu_s)
