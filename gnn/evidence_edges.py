"""Candidate edges: for each source the targets its softmax runs over in training.

A full softmax over every pair costs n_items^2 rows of evidence per pass. Few targets carry
the mass, so each source keeps the best by every kind of evidence, all co-owned items, and a
random rest whose members stand for those left out (their logit gets log(left out / drawn):
stratified sampling of the normaliser, which stays unbiased).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gnn.evidence import Evidence, behaviour
from gnn.scoring import FloatMatrix, FloatVector, IntVector

#: Of evidence held at a time while candidates are chosen (64 MB).
_NUMBERS = 2**24


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """(n_items, m) candidate targets, sorted in each row, with their scaled evidence."""

    targets: IntVector  # (n_items, m) int32, never the source itself
    offset: FloatMatrix  # (n_items, m): log of how many targets this one stands for
    static: NDArray[np.float16]  # (n_items, n_static, m), scaled
    common: FloatMatrix  # (n_items, m) users who own both
    scales: FloatVector  # (n_channels,)


def candidate_edges(evidence: Evidence, *, width: int, seed: int = 0) -> Edges:
    """Choose ``width`` targets a source (all of them where the catalogue is smaller)."""
    n = evidence.facts.n_items
    width = min(width, n - 1)
    rng = np.random.default_rng(seed)
    scales = evidence.scales(seed=seed)
    targets = np.empty((n, width), dtype=np.int32)
    offset = np.zeros((n, width), dtype=np.float32)
    common = np.empty((n, width), dtype=np.float32)
    static = np.empty((n, evidence.n_static, width), dtype=np.float16)
    step = max(1, _NUMBERS // (n * max(evidence.n_static, 1)))
    for start in range(0, n, step):
        rows = np.arange(start, min(start + step, n), dtype=np.int32)
        block = evidence.static(rows)
        owned = evidence.facts.common[rows].toarray()
        chosen, weight = _choose(evidence, block, rows, owned, width=width, rng=rng)
        targets[rows], offset[rows] = chosen, np.log(weight)
        common[rows] = np.take_along_axis(owned, chosen, axis=1)
        scaled = np.take_along_axis(block, chosen[:, None, :], axis=2)
        static[rows] = scaled / scales[None, : evidence.n_static, None]
    return Edges(targets, offset, static, common, scales)


def _choose(
    evidence: Evidence,
    block: FloatMatrix,
    rows: IntVector,
    owned: FloatMatrix,
    *,
    width: int,
    rng: np.random.Generator,
) -> tuple[IntVector, FloatMatrix]:
    """(r, width) targets and how many items each stands for."""
    n = evidence.facts.n_items
    here = np.arange(len(rows))
    if width == n - 1:
        everyone = np.arange(n - 1, dtype=np.int32)[None, :]
        return everyone + (everyone >= rows[:, None]), np.ones((len(rows), width), np.float32)
    kinds = [owned]
    for name in ("attributes", "text2", "image2", "colour"):
        if name in evidence.names:
            kinds.append(block[:, evidence.names.index(name)])
    if len(evidence.names) > evidence.n_static:
        kinds.append(behaviour(rows, None, owned, evidence.facts.owners)[:, 2])
    # A third of the width is kept for the random rest.
    best = 2 * width // 3 // len(kinds)
    # Rank 0 is certain, larger numbers are drawn: distinct random numbers in [1, 2).
    rank = rng.random(owned.shape, dtype=np.float32) + 1
    for kind in kinds:
        top = np.argpartition(-kind, best, axis=1)[:, :best]
        certain = np.take_along_axis(kind, top, axis=1) > 0
        row, column = np.nonzero(certain)
        rank[row, top[row, column]] = 0
    rank[here, rows] = np.inf
    chosen = np.argpartition(rank, width, axis=1)[:, :width]
    chosen.sort(axis=1)
    drawn = np.take_along_axis(rank, chosen, axis=1) > 0
    n_drawn = drawn.sum(1)
    left = n - 1 - (width - n_drawn)
    weight = np.where(drawn, (left / np.maximum(n_drawn, 1))[:, None], 1).astype(np.float32)
    return chosen.astype(np.int32), weight
