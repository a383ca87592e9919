"""Learned extraction on OA-Mine: the two commands, timed; F1 in both ways of counting.

``python -m benchmarks.learned_extraction [MODEL]``: MODEL is a folder that `shopgraph extract
train` has written from the same file; without it a model is trained first (some minutes).
Every choice was made on folds of the training file. Needs ``../shared/data/oa-mine``.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from kg.extraction.learned.artifact import load_model
from kg.extraction.learned.examples import AttributeSpace
from kg.extraction.learned.files import Evaluation, evaluate_model, train_file
from kg.extraction.learned.labelled import Columns, fingerprint, read_labelled
from kg.extraction.learned.scoring import F1
from kg.extraction.learned.training import TrainConfig
from kg.rejects import Rejects

SHARED = Path(os.environ.get("SHOPGRAPH_SHARED", Path(__file__).parents[2] / "shared"))
DATA = SHARED / "data/oa-mine"
COLUMNS = Columns("input", "target_scores", "category")
#: Published figures, counted as `published` (ExtractGPT's own result blocks).
PEERS = (
    ("GPT-3.5, ten examples", 0.740),
    ("GPT-4, ten similar examples", 0.822),
    ("GPT-4, best ensemble", 0.834),
)


def figures(one: F1) -> str:
    """F1 with its 95 % interval over texts."""
    return f"{100 * one.micro:.1f} ({100 * one.low:.1f}-{100 * one.high:.1f})"


def row(name: str, found: Evaluation, train_s: float) -> str:
    """One line of the table."""
    scores = found.scores
    return (
        f"| {name} | {figures(scores.strict)} | {figures(scores.published)} "
        f"| {100 * scores.strict.macro:.1f} | {train_s:.0f} | {found.texts_per_s:.0f} |"
    )


def attributes(found: Evaluation, space: AttributeSpace) -> None:
    """Strict F1 of the attributes with the most values."""
    by_count = sorted(found.scores.by_attribute.items(), key=lambda one: -one[1][0])[:12]
    print("\n| attribute | test values | strict F1 | published F1 |\n|---|---|---|---|")
    for name, (count, strict, published) in by_count:
        print(f"| {name} | {count} | {100 * strict:.1f} | {100 * published:.1f} |")
    print(f"\n{len(space.attributes)} attribute names in {len(space.categories)} categories.")


def main(arguments: list[str]) -> None:
    """Train unless a model is given, then score both settings on the test file."""
    if not DATA.is_dir():
        print(f"(no {SHARED.name}/data/oa-mine: nothing measured)")
        return
    with tempfile.TemporaryDirectory() as aside:
        folder = Path(arguments[0]) if arguments else Path(aside) / "model"
        if not arguments:
            train_file(
                DATA / "train.jsonl", folder, columns=COLUMNS, encoder="auto",
                config=TrainConfig(), rejects=Rejects(),
            )  # fmt: skip
        model = load_model(folder)
        trained_on = read_labelled(DATA / "train.jsonl", COLUMNS, rejects=Rejects())
        if model.info["fingerprint"] != fingerprint(trained_on):
            sys.exit(f"{folder}: learned from another file than {DATA.name}/train.jsonl")
        test = read_labelled(DATA / "test.jsonl", COLUMNS, rejects=Rejects())
        fast = evaluate_model(model, test, speed="fast")
        best = evaluate_model(model, test, speed="best")
    seconds = float(model.info["train_cpu_s"])
    print(
        f"OA-Mine, test {best.scores.texts} titles, {best.scores.values} values, learned from "
        f"{model.info['examples']} titles; encoder {model.info['encoder']}.\n"
    )
    print("| system | strict F1 (95 %) | published F1 (95 %) | strict macro | train CPU-s | "
          "titles a CPU-second |\n|---|---|---|---|---|---|")  # fmt: skip
    print(row("best: network, CRF, ranker", best, seconds))
    print(row("fast: CRF, ranker", fast, seconds))
    for name, published in PEERS:
        print(f"| {name} |  | {100 * published:.1f} |  |  |  |")
    held_out = model.info["held_out"]
    for name in ("best", "fast"):
        each = held_out[name]
        print(
            f"\nHeld-out folds of the training file, {name}: strict "
            f"{100 * each['strict']['micro']:.1f}, published "
            f"{100 * each['published']['micro']:.1f}."
        )
    attributes(best, model.space)


if __name__ == "__main__":
    main(sys.argv[1:])
