"""Snapshot and vectors -> Dataset: the second hand-over of the way of the data."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from gnn.dataset import Dataset, Feature
from gnn.scoring import FloatVector, IntVector
from gnn.split import TEST, TRAIN, VALID, Pairs, SplitSpec, split_pairs
from kg.errors import DataError
from kg.snapshot import ItemRow, Snapshot
from kg.vectors import VectorStore


def build_dataset(
    snapshot: Snapshot,
    vectors: VectorStore | None,
    /,
    *,
    split: SplitSpec | None = None,
    text_encoder: str | None = None,
    image_encoder: str | None = None,
    colour_encoder: str | None = None,
) -> Dataset:
    """Everything a model may see, in the indices of ``snapshot``.

    Encoders are names in ``vectors``: text looks items up by ``text_hash``, image and colour
    by ``image_hash``. A modality of which no item has a vector is left out. DataError where
    there are no items or no interactions.
    """
    if not snapshot.items:
        raise DataError("snapshot", column="items", value=0, expected="at least one item")
    if not len(snapshot.interactions):
        raise DataError("snapshot", column="interactions", value=0, expected="at least one event")
    pairs = split_pairs(snapshot.interactions, split or SplitSpec())
    shape = (len(snapshot.users), len(snapshot.items))
    relations = tuple(sorted({entity.kind for entity in snapshot.entities}))
    relation = np.array(
        [relations.index(entity.kind) for entity in snapshot.entities], dtype=np.int32
    )
    wanted = (
        ("text", text_encoder, [row.text_hash for row in snapshot.items]),
        ("image", image_encoder, [row.image_hash for row in snapshot.items]),
        ("colour", colour_encoder, [row.image_hash for row in snapshot.items]),
    )
    features: dict[str, Feature] = {}
    for name, encoder, hashes in wanted:
        if encoder is None or vectors is None:
            continue
        feature = _feature(vectors, encoder, hashes)
        if feature is not None:
            features[name] = feature
    return Dataset(
        train=_matrix(pairs, TRAIN, shape),
        valid=_matrix(pairs, VALID, shape),
        test=_matrix(pairs, TEST, shape),
        attributes=_attributes(snapshot),
        relation=relation,
        relations=relations,
        features=features,
        price=_prices(snapshot.items),
        groups=_groups(snapshot.items),
        fingerprint=snapshot.fingerprint,
    )


def _matrix(pairs: Pairs, part: int, shape: tuple[int, int]) -> sp.csr_matrix:
    of_part = pairs.part == part
    ones = np.ones(int(of_part.sum()), dtype=np.float32)
    matrix = sp.csr_matrix((ones, (pairs.user[of_part], pairs.item[of_part])), shape=shape)
    matrix.sort_indices()
    return matrix


def _attributes(snapshot: Snapshot) -> sp.csr_matrix:
    """Noisy-or over modalities, 1 - prod(1 - c): they err independently.

    Within one modality statements do not (they read the same text), so its surest counts.
    """
    table = snapshot.item_entities
    shape = (len(snapshot.items), len(snapshot.entities))
    code = {name: at for at, name in enumerate(sorted(set(table.modality)))}
    modality = np.fromiter(map(code.__getitem__, table.modality), np.int32, len(table))
    pair = table.item.astype(np.int64) * shape[1] + table.entity
    # Rows are sorted by (item, entity, modality, confidence): the surest is the last of a modality.
    surest = np.ones(len(table), dtype=bool)
    surest[:-1] = (pair[1:] != pair[:-1]) | (modality[1:] != modality[:-1])
    pair = pair[surest]
    doubt = 1.0 - np.clip(table.confidence[surest].astype(np.float64), 0.0, 1.0)
    first = np.flatnonzero(np.diff(pair, prepend=-1))
    doubt, pair = np.multiply.reduceat(doubt, first), pair[first]
    believed = doubt < 1.0
    item, entity = np.divmod(pair[believed], max(shape[1], 1))
    values = (1.0 - doubt[believed]).astype(np.float32)
    matrix = sp.csr_matrix((values, (item, entity)), shape=shape)
    matrix.sort_indices()
    return matrix


def _feature(vectors: VectorStore, encoder: str, hashes: list[str | None]) -> Feature | None:
    matrix, present = vectors.get(encoder, hashes)
    if not present.any():
        return None
    length = np.linalg.norm(matrix, axis=1, keepdims=True)
    unit = np.where(present[:, None], matrix / np.maximum(length, 1e-12), 0)
    return Feature(unit.astype(np.float32), present)


def _prices(items: tuple[ItemRow, ...]) -> FloatVector:
    known: NDArray[np.float32] = np.array(
        [np.nan if row.price is None else row.price for row in items], dtype=np.float32
    )
    return known


def _groups(items: tuple[ItemRow, ...]) -> IntVector:
    names = sorted({row.group for row in items if row.group is not None})
    index = {name: position for position, name in enumerate(names)}
    return np.array(
        [-1 if row.group is None else index[row.group] for row in items], dtype=np.int32
    )
