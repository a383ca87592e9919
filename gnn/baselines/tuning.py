"""Grids of the closed forms, and the choice among any models by validation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from gnn.baselines.content import AttributeCosine, VectorNeighbours
from gnn.baselines.ease import EASE, CollectiveEASE
from gnn.baselines.item_knn import ItemKNN
from gnn.baselines.popularity import Popularity
from gnn.baselines.pure_svd import GFCF, PureSVD
from gnn.baselines.rp3beta import RP3Beta
from gnn.dataset import Dataset
from gnn.evaluation import Report, evaluate
from gnn.models.contract import Fit, Model, OnEpoch
from kg.errors import ConfigError

#: Every closed form by name, with the settings that tuning tries.
BASELINES: Mapping[str, tuple[Model, ...]] = {
    "popularity": (Popularity(),),
    "item_knn": tuple(
        ItemKNN(shrink=shrink, neighbours=neighbours)
        for shrink in (0.0, 5.0, 20.0, 100.0)
        for neighbours in (50, 200)
    ),
    "rp3beta": tuple(
        RP3Beta(alpha=alpha, beta=beta) for alpha in (0.8, 1.0) for beta in (0.3, 0.5, 0.7, 0.9)
    ),
    "ease": tuple(EASE(l2=l2) for l2 in (30.0, 100.0, 200.0, 400.0, 800.0)),
    "collective_ease": tuple(
        CollectiveEASE(l2=l2, weight=weight)
        for l2 in (100.0, 200.0, 400.0, 800.0)
        for weight in (1.0, 3.0)
    ),
    "pure_svd": tuple(PureSVD(factors=factors) for factors in (16, 32, 64, 128, 256)),
    "gf_cf": tuple(
        GFCF(factors=factors, alpha=alpha) for factors in (32, 128) for alpha in (0.1, 0.3, 1.0)
    ),
    "attribute_cosine": tuple(AttributeCosine(rarity=rarity) for rarity in (0.5, 1.0, 2.0)),
    "text_neighbours": tuple(
        VectorNeighbours("text", sharpness) for sharpness in (1.0, 2.0, 4.0, 8.0)
    ),
    "image_neighbours": tuple(
        VectorNeighbours("image", sharpness, name="image_neighbours")
        for sharpness in (1.0, 2.0, 4.0, 8.0)
    ),
}


#: Largest catalogue for which (n_items, n_items) float32 is held: 0.9 GB, a few times over.
DENSE_ITEMS = 15_000
_DENSE = frozenset(BASELINES) - {"popularity", "item_knn", "rp3beta"}


def grid(name: str, /) -> tuple[Model, ...]:
    """The settings to try of the closed form called ``name``; ConfigError lists the known."""
    try:
        return BASELINES[name]
    except KeyError:
        raise ConfigError(
            f"no baseline {name!r}; there are: {', '.join(sorted(BASELINES))}"
        ) from None


def applicable(dataset: Dataset, /) -> list[str]:
    """Names of the closed forms for which ``dataset`` has what they need, and the room."""
    needs = {"text_neighbours": "text", "image_neighbours": "image"}
    return [
        name
        for name in BASELINES
        if name not in too_large(dataset)
        and needs.get(name, "") in {"", *dataset.features}
        and (name not in {"attribute_cosine", "collective_ease"} or dataset.attributes.nnz)
    ]


def too_large(dataset: Dataset, /) -> list[str]:
    """Names of the closed forms left out because they hold (n_items, n_items) numbers."""
    return sorted(_DENSE) if dataset.n_items > DENSE_ITEMS else []


@dataclass(frozen=True, slots=True, eq=False)
class Tuned:
    """The model that validation prefers, its fit on train, and what every try reached."""

    model: Model
    fit: Fit
    report: Report
    tried: tuple[tuple[Model, float], ...]


def tune(
    models: Iterable[Model],
    dataset: Dataset,
    /,
    *,
    metric: str = "ndcg@10",
    seed: int = 0,
    score: Callable[[Fit], Report] | None = None,
    on_epoch: OnEpoch | None = None,
) -> Tuned:
    """Fit each on train, keep the best on valid; the earlier one where two are equal.

    ``score`` replaces the plain evaluation against valid (cold items, say). Test data is
    never looked at. ``on_epoch`` hears every epoch of every fit. ConfigError where
    ``models`` is empty.
    """
    best: tuple[float, Model, Fit, Report] | None = None
    tried: list[tuple[Model, float]] = []
    depth = tuple(sorted({10, 20, int(metric.partition("@")[2])}))
    for model in models:
        fit = model.fit(dataset, seed=seed, on_epoch=on_epoch)
        report = score(fit) if score else evaluate(fit.scorer, dataset, against="valid", k=depth)
        value = report.mean(metric)
        tried.append((model, value))
        if best is None or value > best[0]:
            best = (value, model, fit, report)
    if best is None:
        raise ConfigError("nothing to tune: pass at least one model")
    return Tuned(best[1], best[2], best[3], tuple(tried))
