"""The most similar labelled texts, by characters: what the same words were labelled there."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from kg.extraction.learned.examples import Example

#: Rows of the training and their cosine in (0, 1], most similar first.
Near: TypeAlias = list[tuple[int, float]]
_BUCKETS = 1 << 18
_SIZES = (2, 3, 4)
#: So many of a category's texts, the most similar, speak for it.
_VOTES = 4
#: Texts whose similarities to all of a category are in memory at once.
_TOGETHER = 256


class Neighbours:
    """Character n-grams of 2 to 4, TF-IDF, cosine; exact search in the same category."""

    def __init__(self, examples: Sequence[Example]) -> None:
        self.examples = tuple(examples)
        raw = _counts([one.tokens.read for one in examples])
        frequency = np.bincount(raw.indices, minlength=_BUCKETS)
        self._idf: NDArray[np.float32] = np.log((1 + len(examples)) / (1 + frequency)).astype(
            np.float32
        )
        matrix = self._weighted(raw)
        category = np.array([one.category for one in examples])
        self._rows = {int(c): np.flatnonzero(category == c) for c in np.unique(category)}
        self._by_category = {c: matrix[rows] for c, rows in self._rows.items()}

    def nearest(self, examples: Sequence[Example], *, k: int, own: bool) -> list[Near]:
        """``k`` nearest of each; ``own=True``: ``examples`` are the training itself, in order."""
        found: list[Near] = [[] for _ in examples]
        matrix = self._weighted(_counts([one.tokens.read for one in examples]))
        for category in sorted({one.category for one in examples} & set(self._rows)):
            asked = [i for i, one in enumerate(examples) if one.category == category]
            rows = self._rows[category]
            for at in range(0, len(asked), _TOGETHER):
                part = asked[at : at + _TOGETHER]
                similar = (matrix[part] @ self._by_category[category].T).toarray()
                for position, index in enumerate(part):
                    line = similar[position]
                    if own:
                        line = np.where(rows == index, -1.0, line)
                    # A stable sort: equal texts come in the order of the file.
                    best = np.argsort(-line, kind="stable")[:k]
                    found[index] = [(int(rows[b]), float(line[b])) for b in best if line[b] > 0]
        return found

    def with_category(self, examples: Sequence[Example]) -> list[Example]:
        """Examples of no known category (-1) with that of the most similar training texts.

        The highest sum of similarities among the nearest wins; the first of equals.
        """
        asked = [row for row, one in enumerate(examples) if one.category < 0]
        found = list(examples)
        if not asked:
            return found
        matrix = self._weighted(_counts([examples[row].tokens.read for row in asked]))
        votes = np.zeros((len(asked), len(self._rows)))
        categories = sorted(self._rows)
        for column, category in enumerate(categories):
            similar = (matrix @ self._by_category[category].T).toarray()
            votes[:, column] = np.sort(similar, axis=1)[:, -_VOTES:].sum(axis=1)
        for row, best in zip(asked, votes.argmax(axis=1), strict=True):
            found[row] = replace(found[row], category=categories[best])
        return found

    def _weighted(self, raw: sp.csr_array) -> sp.csr_array:
        matrix = raw.multiply(self._idf[np.newaxis, :]).tocsr()
        norms = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
        scale = sp.diags_array(1.0 / np.maximum(norms, 1e-9))
        return sp.csr_array((scale @ matrix).astype(np.float32))


def _counts(texts: Sequence[str]) -> sp.csr_array:
    columns: list[int] = []
    values: list[float] = []
    starts = [0]
    for text in texts:
        padded = f" {' '.join(text.lower().split())} "
        grams: Counter[int] = Counter(
            zlib.crc32(padded[i : i + size].encode("utf-8", "replace")) % _BUCKETS
            for size in _SIZES
            for i in range(len(padded) - size + 1)
        )
        for column in sorted(grams):
            columns.append(column)
            values.append(1.0 + float(np.log(grams[column])))
        starts.append(len(columns))
    return sp.csr_array(
        (np.array(values, np.float32), np.array(columns), np.array(starts)),
        shape=(len(texts), _BUCKETS),
    )
