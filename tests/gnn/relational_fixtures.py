"""Worlds for the tests of relational attention."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from gnn.dataset import Dataset, Feature


def four_items() -> Dataset:
    """Items 0-2 red, 0 and 3 linen, 0 and 1 variants; item 3 has no text, price or owner."""
    attributes = sp.csr_matrix(np.array([[1, 0.5], [1, 0], [1, 0], [0, 1]], dtype=np.float32))
    text = np.array([[1, 0], [1, 0], [0.6, 0.8], [0, 0]], dtype=np.float32)
    train = sp.csr_matrix(np.array([[1, 1, 0, 0], [1, 1, 1, 0]], dtype=np.float32))
    nobody = sp.csr_matrix((2, 4), dtype=np.float32)
    return Dataset(
        train=train,
        valid=nobody,
        test=nobody,
        attributes=attributes,
        relation=np.array([0, 1], dtype=np.int32),
        relations=("colour", "material"),
        features={"text": Feature(text, np.array([True, True, True, False]))},
        price=np.array([10, 20, 40, np.nan], dtype=np.float32),
        groups=np.array([0, 0, -1, -1], dtype=np.int32),
        fingerprint="four",
    )


def checkerboard(*, per_square: int = 6, users: int = 160, seed: int = 3) -> Dataset:
    """Items on a board of 3 colours x 3 materials; a shopper buys one square only.

    Every shopper owns three items of their square in train; valid withholds one more and
    test another. So only items of the same colour *and* material are right.
    """
    rng = np.random.default_rng(seed)
    square = np.repeat(np.arange(9), per_square)
    n = len(square)
    parts = np.zeros((3, users, n), dtype=np.float32)
    for user in range(users):
        items = rng.choice(np.flatnonzero(square == user % 9), 5, replace=False)
        for part, chosen in enumerate((items[:3], items[3:4], items[4:])):
            parts[part, user, chosen] = 1
    colour, material = np.eye(3)[square // 3], np.eye(3)[square % 3]
    train, valid, test = (sp.csr_matrix(part) for part in parts)
    return Dataset(
        train=train,
        valid=valid,
        test=test,
        attributes=sp.csr_matrix(np.hstack([colour, material]).astype(np.float32)),
        relation=np.array([0, 0, 0, 1, 1, 1], dtype=np.int32),
        relations=("colour", "material"),
        features={},
        price=np.full(n, np.nan, dtype=np.float32),
        groups=np.full(n, -1, dtype=np.int32),
        fingerprint="checkerboard",
    )
