"""How well pictures find their texts, and texts their pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kg.encoders.contract import FloatMatrix

Codes: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Retrieval between held-out pictures and texts: share of queries answered in the first k.

    A picture's right answers are all texts paired with it, and the other way round; candidates
    are the distinct held-out texts (or pictures). ``random_*`` is what guessing expects.
    """

    text_to_image_1: float
    text_to_image_10: float
    image_to_text_1: float
    image_to_text_10: float
    random_1: float
    random_10: float
    pairs: int


def retrieval(scores: FloatMatrix, image_code: Codes, text_code: Codes) -> Retrieval:
    """Figures of a (n, n) matrix of scores, picture by text, of the pairs on its diagonal.

    Pairs with equal codes show the same picture or have the same text; ties count against.
    """
    rank_of_image, rank_of_text, right = best_ranks(scores, image_code, text_code)
    return Retrieval(
        text_to_image_1=float((rank_of_image < 1).mean()),
        text_to_image_10=float((rank_of_image < 10).mean()),
        image_to_text_1=float((rank_of_text < 1).mean()),
        image_to_text_10=float((rank_of_text < 10).mean()),
        random_1=_guessed(right, 1),
        random_10=_guessed(right, 10),
        pairs=len(image_code),
    )


def best_ranks(
    scores: FloatMatrix, image_code: Codes, text_code: Codes
) -> tuple[Codes, Codes, NDArray[np.bool_]]:
    """(for each text the rank of its best right picture, for each picture that of its text,
    (images, texts) which are right); ranks from 0, of the distinct ones in order of code.
    """
    _, images, image_row = np.unique(image_code, return_index=True, return_inverse=True)
    _, texts, text_row = np.unique(text_code, return_index=True, return_inverse=True)
    right = np.zeros((len(images), len(texts)), dtype=np.bool_)
    right[image_row, text_row] = True
    distinct = np.asarray(scores)[np.ix_(images, texts)]
    return _best_rank(distinct.T, right.T), _best_rank(distinct, right), right


def _best_rank(scores: FloatMatrix, right: NDArray[np.bool_]) -> Codes:
    """How many wrong candidates score at least as high as a row's best right one."""
    best = np.where(right, scores, -np.inf).max(axis=1, keepdims=True)
    ranks: Codes = ((scores >= best) & ~right).sum(axis=1)
    return ranks


def _guessed(right: NDArray[np.bool_], k: int) -> float:
    """Expected hits of a random order, both directions averaged."""
    shares = []
    for table in (right, right.T):
        size, answers = table.shape[1], table.sum(axis=1)
        miss = np.ones(len(table))
        for drawn in range(min(k, size)):
            miss *= np.clip((size - answers - drawn) / (size - drawn), 0.0, 1.0)
        shares.append(float((1.0 - miss).mean()))
    return (shares[0] + shares[1]) / 2
