"""MovieLens-100K: fused graph convolution beside the closed forms (DESIGN.md, "The model").

All ratings are positives; per user 8:1:1 at random; every film ranked. As RecBole does it:
models learn from train alone and are told train alone, test lists leave out train and valid.
Settings are chosen on valid (train masked). Test is looked at once, after all choices.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from gnn.baselines.tuning import applicable, grid, tune
from gnn.blend import blend, spread
from gnn.build_dataset import build_dataset
from gnn.dataset import Dataset
from gnn.evaluation import Report, evaluate
from gnn.models.contract import Fit, Model
from gnn.models.fused_graph_convolution import FusedGraphConvolution
from gnn.scoring import Scorer
from gnn.split import SplitSpec
from kg.ingest import catalog_snapshot
from kg.readers.layouts import read_catalog
from kg.rejects import Rejects
from kg.settings import CatalogSettings
from kg.snapshot import Snapshot

ROOT = Path(__file__).resolve().parent.parent
CHOICE = "ndcg@10"
SPLIT_SEED = 2020
MODEL_SEEDS = range(5)
BLEND_SHARES = (0.1, 0.2, 0.35, 0.5, 0.65)
NETWORKS = tuple(
    FusedGraphConvolution(dim=dim, n_layers=n_layers, entities=entities)
    for entities in (True, False)
    for n_layers in (1, 2)
    for dim in (48, 64)
)


def movielens() -> Snapshot:
    """Films with genres and decade, and all ratings; no pictures."""
    shared = Path(os.environ.get("SHOPGRAPH_SHARED", ROOT.parent / "shared"))
    rejects = Rejects()
    settings = CatalogSettings(layout="movielens", path=shared / "data" / "ml-100k")
    return catalog_snapshot(read_catalog(settings, rejects=rejects), rejects=rejects)


def split(snapshot: Snapshot, seed: int) -> Dataset:
    """Per user 8:1:1."""
    return build_dataset(snapshot, None, split=SplitSpec("random", (0.8, 0.1, 0.1), seed))


def timed(work: Callable[[], Fit]) -> tuple[Fit, float]:
    """What ``work`` returns, and its CPU-seconds."""
    start = time.process_time()
    return work(), time.process_time() - start


def shown(report: Report, metric: str) -> str:
    """Mean and half a 95 % interval over users."""
    found = report.interval(metric)
    return f"{found.mean:.4f} ± {found.high - found.mean:.4f}"


class Table:
    """Rows of the report."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset, self.refit = dataset, dataset.refit()
        self.reports: dict[str, Report] = {}
        print("| model | valid N@10 | test N@10 | test R@10 | refit test N@10 | fit CPU-s |")
        print("|---|---|---|---|---|---|")

    def add(
        self, name: str, valid: float, scorer: Scorer, again: Scorer | None, cpu_s: float
    ) -> None:
        """``scorer`` learned from train, ``again`` from train + valid."""
        report = evaluate(scorer, self.dataset)
        self.reports[name] = report
        cells = [name, f"{valid:.4f}", shown(report, CHOICE), f"{report.mean('recall@10'):.4f}"]
        cells.append(f"{evaluate(again, self.refit).mean(CHOICE):.4f}" if again else "")
        print(f"| {' | '.join(cells)} | {cpu_s:.2f} |", flush=True)


def best_blend(
    first: Scorer, second: Scorer, dataset: Dataset
) -> tuple[Callable[[Scorer, Scorer], Scorer], float, float]:
    """A way of mixing two scorers, the share of the second, and what valid says of it."""
    spreads = (spread(first.score(dataset.train)), spread(second.score(dataset.train)))

    def mixer(share: float) -> Callable[[Scorer, Scorer], Scorer]:
        return lambda one, other: blend((one, other), (1 - share, share), spreads=spreads)

    found = {
        share: evaluate(mixer(share)(first, second), dataset, against="valid").mean(CHOICE)
        for share in BLEND_SHARES
    }
    share = max(found, key=lambda one: found[one])
    return mixer(share), share, found[share]


def choices(dataset: Dataset) -> tuple[dict[str, tuple[Model, Fit, float]], FusedGraphConvolution]:
    """Every closed form as valid prefers it, and the settings of the network."""
    simple = {}
    for name in applicable(dataset):
        tuned = tune(grid(name), dataset, metric=CHOICE)
        simple[name] = (tuned.model, tuned.fit, tuned.report.mean(CHOICE))
    network = tune(NETWORKS, dataset, metric=CHOICE)
    for model, value in network.tried:
        print(f"valid {value:.4f} {model}", file=sys.stderr, flush=True)
    chosen = network.model
    assert isinstance(chosen, FusedGraphConvolution)
    return simple, chosen


def main() -> None:
    """Print the tables."""
    torch.set_num_threads(1)
    snapshot = movielens()
    dataset = split(snapshot, SPLIT_SEED)
    FusedGraphConvolution(max_epochs=1).fit(dataset)  # compiles the kernels: not training
    simple, model = choices(dataset)
    print(
        f"{dataset.n_users:,} users, {dataset.n_items:,} films, {dataset.train.nnz:,} train, "
        f"{dataset.valid.nnz:,} valid, {dataset.test.nnz:,} test. As RecBole does it: train alone "
        "is learned from and told, test lists leave out train and valid. The column *refit* is "
        "the other protocol: train + valid learned from and told. Chosen on valid: "
        f"dim {model.dim}, {model.n_layers} layers, entities "
        f"{'used' if model.entities else 'left out'}.\n"
    )
    table = Table(dataset)
    for name, (closed, fit, valid) in simple.items():
        _, cpu_s = timed(lambda closed=closed: closed.fit(dataset))
        table.add(name, valid, fit.scorer, closed.fit(table.refit).scorer, cpu_s)
    first: tuple[Scorer, Scorer] | None = None
    for seed in MODEL_SEEDS:
        fit, cpu_s = timed(lambda seed=seed: model.fit(dataset, seed=seed))
        again = model.fit(table.refit, seed=seed, epochs=fit.best_epoch)
        valid = evaluate(fit.scorer, dataset, against="valid").mean(CHOICE)
        name = f"fused graph convolution, seed {seed}"
        table.add(name, valid, fit.scorer, again.scorer, cpu_s)
        first = first or (fit.scorer, again.scorer)
        if not seed:
            folded = evaluate(fit.scorer, dataset, known_users=False)
    assert first is not None
    closed, ease, _ = simple["ease"]
    mix, share, valid = best_blend(first[0], ease.scorer, dataset)
    again_mixed = mix(first[1], closed.fit(table.refit).scorer)
    name = f"seed 0 + ease ({share:.2f})"
    table.add(name, valid, mix(first[0], ease.scorer), again_mixed, cpu_s)
    print(
        "\n± is half a 95 % interval over users; fit CPU-seconds hold validation after every "
        "epoch and the early stop.\n"
    )
    networks = [report for name, report in table.reports.items() if name.startswith("fused")]
    values = [report.mean(CHOICE) for report in networks]
    paired = networks[0].difference(table.reports["ease"], CHOICE)
    print(f"- Network over model seeds: {spread_of(values)}.")
    print(
        f"- Seed 0 less EASE, paired: {paired.mean:+.4f} [{paired.low:+.4f}, {paired.high:+.4f}]."
    )
    print(f"- Seed 0 with users folded in from their films alone: {shown(folded, CHOICE)}.")
    others = range(SPLIT_SEED + 1, SPLIT_SEED + 5)
    print(f"- Other splits, settings as chosen above: {splits(snapshot, model, closed, others)}.")


def splits(
    snapshot: Snapshot, model: FusedGraphConvolution, closed: Model, seeds: Sequence[int]
) -> str:
    """Network and EASE on splits drawn with other seeds: how much luck a split is."""
    found: dict[str, list[float]] = {"network": [], "EASE": []}
    for seed in seeds:
        dataset = split(snapshot, seed)
        for name, one in (("network", model), ("EASE", closed)):
            found[name].append(evaluate(one.fit(dataset).scorer, dataset).mean(CHOICE))
    return "; ".join(f"{name} {spread_of(values)}" for name, values in found.items())


def spread_of(values: Sequence[float]) -> str:
    """Mean, standard deviation and the values."""
    each = ", ".join(f"{value:.4f}" for value in values)
    return f"{np.mean(values):.4f} (sd {statistics.stdev(values):.4f}: {each})"


if __name__ == "__main__":
    main()
