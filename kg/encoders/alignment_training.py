"""Learn the heads of an ``Alignment`` from a catalogue's own pairs of picture and title.

Start: regularised canonical correlations of the pairs. Then symmetric InfoNCE with a learned
temperature (Radford et al. 2021), in which every pair that shares a text or a picture counts as
right. ``benchmarks/alignment.py`` compares it with a random start and with closed forms on
held-out pairs. A start from a ridge map into the text space was tried too, and came out lower.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kg.encoders.alignment import Alignment
from kg.encoders.contract import FloatMatrix, unit_rows
from kg.encoders.pair_split import LEAST_PAIRS, split_pairs
from kg.encoders.retrieval import Codes, Retrieval, retrieval
from kg.errors import DataError

Start: TypeAlias = Literal["correlated", "random"]

__all__ = ["DIM", "LEAST_PAIRS", "Start", "train_alignment"]

DIM = 256
_EPOCHS, _PATIENCE = 80, 10
_BATCH = 512
_RATE, _DECAY, _DROPOUT = 1e-3, 1e-2, 0.3
_TEMPERATURE = 0.07


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    image: FloatMatrix
    text: FloatMatrix
    image_code: Codes  # equal where pictures are equal
    text_code: Codes

    def at(self, rows: Codes) -> _Pairs:
        return _Pairs(
            self.image[rows], self.text[rows], self.image_code[rows], self.text_code[rows]
        )

    def __len__(self) -> int:
        return len(self.image)


@dataclass(frozen=True, slots=True, eq=False)
class _Heads:
    image_mean: NDArray[np.float32]
    image: FloatMatrix
    text_mean: NDArray[np.float32]
    text: FloatMatrix
    temperature: float
    epochs: int

    def retrieval(self, pairs: _Pairs) -> Retrieval:
        image = unit_rows((pairs.image - self.image_mean) @ self.image)
        text = unit_rows((pairs.text - self.text_mean) @ self.text)
        return retrieval(image @ text.T, pairs.image_code, pairs.text_code)


def train_alignment(
    image_vectors: FloatMatrix,
    text_vectors: FloatMatrix,
    *,
    seed: int,
    dim: int = DIM,
    start: Start = "correlated",
) -> Alignment:
    """Learn from pairs: row i of ``image_vectors`` (n, d_image) shows row i of ``text_vectors``.

    A picture with titles in two languages gives two rows. Rows where either side is zero are
    left out. Pairs connected by a shared text or picture are held out together. The result is
    the same for the same input and seed. DataError: shapes differ, or fewer than LEAST_PAIRS.
    """
    if image_vectors.ndim != 2 or text_vectors.ndim != 2 or len(image_vectors) != len(text_vectors):
        raise DataError(
            "alignment",
            column="shapes",
            value=(image_vectors.shape, text_vectors.shape),
            expected="(n, d_image) and (n, d_text)",
        )
    kept = np.flatnonzero(image_vectors.any(axis=1) & text_vectors.any(axis=1))
    image, text = image_vectors[kept], text_vectors[kept]
    pairs = _Pairs(image, text, _codes(image), _codes(text))
    split = split_pairs(pairs.image_code, pairs.text_code, seed=seed)
    train, stop, test = pairs.at(split.train), pairs.at(split.stop), pairs.at(split.test)
    tried = _fit(train, seed=seed, dim=dim, start=start, stop=stop)
    final = _fit(pairs, seed=seed, dim=dim, start=start, epochs=tried.epochs)
    return Alignment(
        image_mean=final.image_mean,
        image_head=final.image,
        text_mean=final.text_mean,
        text_head=final.text,
        temperature=final.temperature,
        epochs=final.epochs,
        held_out=tried.retrieval(test),
    )


def _fit(
    pairs: _Pairs,
    *,
    seed: int,
    dim: int,
    start: Start,
    stop: _Pairs | None = None,
    epochs: int = _EPOCHS,
) -> _Heads:
    """Best heads by retrieval in ``stop``, or those after ``epochs`` where it is None."""
    import torch
    from torch.nn.functional import log_softmax, normalize

    random = np.random.default_rng(seed)
    torch_random = torch.Generator().manual_seed(seed)
    image_mean, text_mean = pairs.image.mean(axis=0), pairs.text.mean(axis=0)
    a, b = torch.from_numpy(pairs.image - image_mean), torch.from_numpy(pairs.text - text_mean)
    image_code, text_code = torch.from_numpy(pairs.image_code), torch.from_numpy(pairs.text_code)
    dim = min(dim, a.shape[1], b.shape[1])
    first = _correlated(a.numpy(), b.numpy(), dim) if start == "correlated" else None
    if first is None:
        first = tuple(
            (random.standard_normal((width, dim)) / np.sqrt(width)).astype(np.float32)
            for width in (a.shape[1], b.shape[1])
        )
    image_head, text_head = (torch.from_numpy(head).requires_grad_() for head in first)
    log_scale = torch.tensor(-np.log(_TEMPERATURE), dtype=torch.float32, requires_grad=True)
    optimiser = torch.optim.AdamW(
        [
            {"params": [image_head, text_head], "weight_decay": _DECAY},
            {"params": [log_scale], "weight_decay": 0.0, "lr": 5 * _RATE},
        ],
        lr=_RATE,
    )

    def dropped(rows: torch.Tensor) -> torch.Tensor:
        kept = torch.rand(rows.shape, generator=torch_random) >= _DROPOUT
        return rows * kept / (1 - _DROPOUT)

    def heads(epoch: int) -> _Heads:
        arrays = [part.detach().numpy().copy() for part in (image_head, text_head)]
        temperature = float(torch.exp(-log_scale.detach()))
        return _Heads(image_mean, arrays[0], text_mean, arrays[1], temperature, epoch)

    best, best_value = heads(0), -1.0
    for epoch in range(epochs + 1):
        if stop is not None:
            now = heads(epoch)
            value = _value(now.retrieval(stop))
            if value > best_value:
                best, best_value = now, value
            if epoch - best.epochs >= _PATIENCE:
                break
        if epoch == epochs:
            break
        for rows in np.array_split(random.permutation(len(pairs)), -(-len(pairs) // _BATCH)):
            index = torch.from_numpy(rows)
            left = normalize(dropped(a[index]) @ image_head, dim=1)
            right = normalize(dropped(b[index]) @ text_head, dim=1)
            logits = left @ right.T * log_scale.exp().clamp(max=100.0)
            same = (image_code[index, None] == image_code[index]) | (
                text_code[index, None] == text_code[index]
            )
            target = same / same.sum(dim=1, keepdim=True)
            loss = -(target * log_softmax(logits, dim=1)).sum(dim=1).mean()
            loss = loss - (target * log_softmax(logits.T, dim=1)).sum(dim=1).mean()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    return best if stop is not None else heads(epochs)


def _correlated(a: FloatMatrix, b: FloatMatrix, dim: int) -> tuple[FloatMatrix, FloatMatrix]:
    """Heads of regularised canonical correlation, scaled so that projected rows are near unit."""

    def whitening(rows: FloatMatrix) -> NDArray[np.float64]:
        covariance = (rows.T @ rows).astype(np.float64) / len(rows)
        values, directions = np.linalg.eigh(covariance)
        # The mean eigenvalue as ridge: with fewer pairs than dimensions most values are zero.
        scale = 1.0 / np.sqrt(np.maximum(values, 0.0) + values.mean() + 1e-12)
        whitened: NDArray[np.float64] = (directions * scale) @ directions.T
        return whitened

    white_a, white_b = whitening(a), whitening(b)
    u, s, vt = np.linalg.svd(white_a @ ((a.T @ b) / len(a)) @ white_b, full_matrices=False)
    root = np.sqrt(s[:dim])
    heads = (white_a @ u[:, :dim] * root, white_b @ vt[:dim].T * root)
    scaled = [
        (head / max(float(np.linalg.norm(rows @ head, axis=1).mean()), 1e-12)).astype(np.float32)
        for rows, head in zip((a, b), heads, strict=True)
    ]
    return scaled[0], scaled[1]


def _codes(rows: FloatMatrix) -> Codes:
    """Equal codes for equal rows, in order of first appearance."""
    seen: dict[bytes, int] = {}
    return np.array([seen.setdefault(row.tobytes(), len(seen)) for row in rows], dtype=np.int64)


def _value(figures: Retrieval) -> float:
    return (
        figures.text_to_image_1
        + figures.text_to_image_10
        + figures.image_to_text_1
        + figures.image_to_text_10
    )
