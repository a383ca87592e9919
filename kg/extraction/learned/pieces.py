"""Word pieces of tokens, in padded batches: what the token network reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from kg.extraction.learned.examples import Example
from kg.extraction.learned.token_features import TokenEvidence

#: The pretrained positions end there; words beyond share the last piece.
MAX_PIECES = 254


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Of one text: ``ids`` (p,) with the special ones, ``word`` (p,) -1 at those; ``first`` and
    ``last`` (n,) are each word's pieces."""

    ids: NDArray[np.int64]
    word: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """B texts padded to P pieces and N words; names as `network.TokenNetwork.forward` has them."""

    pieces: NDArray[np.int64]
    mask: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]
    word: NDArray[np.int64]
    features: NDArray[np.float32]
    category: NDArray[np.int64]

    def named(self) -> dict[str, NDArray[np.int64] | NDArray[np.float32]]:
        """Arrays by name, in the order in which the network takes them."""
        return {
            "pieces": self.pieces,
            "mask": self.mask,
            "first": self.first,
            "last": self.last,
            "word": self.word,
            "features": self.features,
            "category": self.category,
        }


def load_tokenizer(path: Path) -> Tokenizer:
    """The word piece tokenizer in ``tokenizer.json``, without its own cutting and padding."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def to_pieces(tokenizer: Tokenizer, words: Sequence[str]) -> Pieces:
    """Pieces of ``words``; a word that the tokenizer drops shares its neighbour's piece."""
    encoded = tokenizer.encode(list(words), is_pretokenized=True)
    ids = np.array(encoded.ids[:MAX_PIECES], np.int64)
    held = [-1 if word is None else word for word in encoded.word_ids[:MAX_PIECES]]
    first = np.full(len(words), -1, np.int64)
    last = np.zeros(len(words), np.int64)
    for place, word in enumerate(held):
        if word >= 0:
            first[word] = place if first[word] < 0 else first[word]
            last[word] = place
    before = 0
    for word in range(len(words)):
        if first[word] < 0:
            first[word] = last[word] = before
        before = int(last[word])
    return Pieces(ids, np.array(held, np.int64), first, last)


def to_batch(
    pieces: Sequence[Pieces], evidence: Sequence[TokenEvidence], examples: Sequence[Example]
) -> Batch:
    """Padded arrays; a category is its index + 1, 0 when unknown (index -1)."""
    count, length = len(pieces), max(len(one.ids) for one in pieces)
    size = max(1, *(len(one.first) for one in pieces))
    matrices = [one.matrix() for one in evidence]
    batch = Batch(
        pieces=np.zeros((count, length), np.int64),
        mask=np.zeros((count, length), np.int64),
        first=np.zeros((count, size), np.int64),
        last=np.zeros((count, size), np.int64),
        word=np.full((count, length), -1, np.int64),
        features=np.zeros((count, size, matrices[0].shape[1]), np.float32),
        category=np.array([example.category + 1 for example in examples], np.int64),
    )
    for row, (one, matrix) in enumerate(zip(pieces, matrices, strict=True)):
        batch.pieces[row, : len(one.ids)] = one.ids
        batch.mask[row, : len(one.ids)] = 1
        batch.word[row, : len(one.ids)] = one.word
        batch.first[row, : len(one.first)] = one.first
        batch.last[row, : len(one.last)] = one.last
        batch.features[row, : len(one.first)] = matrix
    return batch
