"""Cold items of H&M: 10 % of items wholly out of training, ranked among themselves."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import scipy.sparse as sp
import torch

from benchmarks.hm import hm_dataset, with_variants_as_entities
from gnn.baselines.tuning import grid, tune
from gnn.dataset import Dataset
from gnn.evaluation import Report, evaluate
from gnn.models.contract import Fit
from gnn.models.relational_attention import RelationalAttention
from gnn.scoring import IntVector, Scorer

SEEDS = (7, 8, 9)
SHARE = 0.1
CLOSED_FORMS = ("image_neighbours", "text_neighbours", "attribute_cosine", "collective_ease")


def only(matrix: sp.csr_matrix, keep: np.ndarray) -> sp.csr_matrix:
    """``matrix`` without the columns where ``keep`` is False."""
    found = sp.csr_matrix(matrix @ sp.diags(keep.astype(np.float32)))
    found.eliminate_zeros()
    return found


def hold_out(dataset: Dataset, *, seed: int) -> tuple[Dataset, sp.csr_matrix, IntVector]:
    """(dataset, valid of the cold items, cold items).

    Nobody's train or valid has a cold item; test has nothing else. The cold items' own valid
    interactions choose the settings of the closed forms: none of them was trained on.
    """
    n = dataset.n_items
    drawn = np.random.default_rng(seed).permutation(n)[: round(n * SHARE)]
    cold = np.zeros(n, dtype=bool)
    cold[drawn] = True
    held = replace(
        dataset,
        train=only(dataset.train, ~cold),
        valid=only(dataset.valid, ~cold),
        test=only(dataset.test, cold),
    )
    return held, only(dataset.valid, cold), np.flatnonzero(cold).astype(np.int32)


def ranked(scorer: Scorer, dataset: Dataset, cold: IntVector) -> Report:
    """R@20 and the rest on ``dataset.test``, cold items among themselves."""
    return evaluate(scorer, dataset, candidates=cold, k=(20,))


def main() -> None:
    """Print one row a model: R@20 of each seed, their mean, and against chance and text."""
    torch.set_num_threads(1)
    dataset = hm_dataset()
    found: dict[str, list[tuple[float, float]]] = {}
    chance = []
    for seed in SEEDS:
        held, valid, cold = hold_out(dataset, seed=seed)
        chance.append(20 / len(cold))
        choosing = replace(held, test=valid)
        refit = held.refit()

        def choose(fit: Fit, choosing: Dataset = choosing, cold: IntVector = cold) -> Report:
            return ranked(fit.scorer, choosing, cold)

        plain = with_variants_as_entities(held)
        for name in CLOSED_FORMS:
            tuned = tune(grid(name), plain, metric="recall@20", score=choose)
            report = ranked(tuned.model.fit(plain.refit()).scorer, refit, cold)
            found.setdefault(name, []).append((report.mean("recall@20"), report.mean("ndcg@20")))
            print(seed, name, found[name][-1], file=sys.stderr, flush=True)
        for name, model in (
            ("relational attention (as for warm items)", RelationalAttention()),
            (
                "relational attention, content alone",
                RelationalAttention(ids=False, behaviour=False),
            ),
        ):
            # As many epochs as the warm benchmark's validation chose: nothing is tuned here.
            report = ranked(model.fit(refit, epochs=model.epochs).scorer, refit, cold)
            found.setdefault(name, []).append((report.mean("recall@20"), report.mean("ndcg@20")))
            print(seed, name, found[name][-1], file=sys.stderr, flush=True)
    text = np.mean([recall for recall, _ in found["text_neighbours"]])
    seeds = " | ".join(f"R@20 seed {seed}" for seed in SEEDS)
    print(f"| model | {seeds} | R@20 | N@20 | x chance | x text neighbours |")
    print("|---" * (len(SEEDS) + 5) + "|")
    for name, values in found.items():
        recall, ndcg = np.mean(values, axis=0)
        each = " | ".join(f"{one:.3f}" for one, _ in values)
        print(
            f"| {name} | {each} | {recall:.3f} | {ndcg:.3f} | {recall / np.mean(chance):.1f} "
            f"| {recall / text:.2f} |"
        )


if __name__ == "__main__":
    main()
