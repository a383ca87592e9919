"""How many times better than ConSE do aligned heads find pictures and texts, by gallery size?

H&M, title and description. A tenth and a fifth of the products are held out, seeds 7 to 11; no
pair of a held-out product is seen by anything that learns. The ratio of R@10 cannot exceed one
over ConSE's own, which is large in a small gallery: ten of 185 are found by much. Intervals
are of 2,000 bootstrap draws of queries within each split, the seeds' shares averaged.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.alignment import conse
from benchmarks.hm_pairs import hm_folder, hm_pairs
from kg.encode_cached import encode_cached
from kg.encoders import FloatMatrix, load_encoder
from kg.encoders.alignment_training import train_alignment
from kg.encoders.contract import unit_rows
from kg.encoders.retrieval import best_ranks
from kg.vectors import VectorStore

SEEDS = (7, 8, 9, 10, 11)
SHARES = (0.1, 0.2)
DRAWS = 2000
WAYS = ("text to image", "image to text")


def hits(scores: FloatMatrix, codes: NDArray[np.int64]) -> list[NDArray[np.bool_]]:
    """Of each way, which queries have a right answer in the first ten."""
    return [ranks < 10 for ranks in best_ranks(scores, np.arange(len(scores)), codes)[:2]]


def interval(ours: list[NDArray[np.bool_]], peer: list[NDArray[np.bool_]]) -> tuple[float, float]:
    """95 % of the ratio of mean shares; both methods are drawn the same queries."""
    random = np.random.default_rng(0)
    shares = np.zeros((2, DRAWS))
    for mine, theirs in zip(ours, peer, strict=True):
        drawn = random.integers(0, len(mine), size=(DRAWS, len(mine)))
        shares += mine[drawn].mean(axis=1), theirs[drawn].mean(axis=1)
    low, high = np.quantile(shares[0] / shares[1], (0.025, 0.975))
    return float(low), float(high)


def main() -> int:
    """Print the table."""
    folder = hm_folder()
    if not folder.is_dir():
        print(f"No data at {folder}: nothing measured.")
        return 0
    pairs = hm_pairs(folder)
    with tempfile.TemporaryDirectory() as place, VectorStore(Path(place) / "v.db") as store:
        contents = {
            "usem3": [pair.text for pair in pairs],
            "efficientnet-lite0": [pair.picture for pair in pairs],
        }
        text, image = (
            store.get(name, encode_cached(load_encoder(name), content, store))[0]
            for name, content in contents.items()
        )
    compare(image, text, conse(pairs), np.array([pair.product for pair in pairs]))
    return 0


def compare(
    image: FloatMatrix, text: FloatMatrix, named: FloatMatrix, product: NDArray[np.int64]
) -> None:
    """Print a row a seed, and one of all seeds, for each gallery and way."""
    codes = np.unique(text, axis=0, return_inverse=True)[1].ravel()
    print(
        "R@10 by seed; the ratio is that of the means.\n\n"
        "| held out | candidates | way | seed | ConSE | heads | ratio | 95 % |\n"
        "|---|--:|---|---|--:|--:|--:|---|"
    )
    for share in SHARES:
        found: dict[str, list[tuple[int, NDArray[np.bool_], NDArray[np.bool_]]]] = {}
        for seed in SEEDS:
            products = np.random.default_rng(seed).permutation(np.unique(product))
            held = np.isin(product, products[: int(len(products) * share)])
            learn = ~held & ~np.isin(codes, codes[held])
            texts = unit_rows(text[held] - text[learn].mean(axis=0))
            peer = hits(unit_rows(named[held] - named[learn].mean(axis=0)) @ texts.T, codes[held])
            heads = train_alignment(image[learn], text[learn], seed=seed)
            ours = hits(
                heads.project_image(image[held]) @ heads.project_text(text[held]).T, codes[held]
            )
            sizes = (int(held.sum()), len(np.unique(codes[held])))
            for way, size, *both in zip(WAYS, sizes, ours, peer, strict=True):
                found.setdefault(way, []).append((size, both[0], both[1]))
        for way, results in found.items():
            _, ours_all, peer_all = (list(column) for column in zip(*results, strict=True))
            for seed, (size, ours_one, peer_one) in zip(SEEDS, results, strict=True):
                row(share, str(size), way=way, seed=str(seed), ours=[ours_one], peer=[peer_one])
            row(share, "", way=way, seed="**all**", ours=ours_all, peer=peer_all)


def row(
    share: float,
    size: str,
    *,
    way: str,
    seed: str,
    ours: list[NDArray[np.bool_]],
    peer: list[NDArray[np.bool_]],
) -> None:
    """Print one line."""
    mine, theirs = (float(np.mean([one.mean() for one in each])) for each in (ours, peer))
    low, high = interval(ours, peer)
    print(
        f"| {share:.0%} | {size} | {way} | {seed} | {theirs:.3f} | {mine:.3f}"
        f" | {mine / theirs:.2f} | {low:.2f} to {high:.2f} |",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
