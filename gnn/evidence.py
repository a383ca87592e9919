"""Typed evidence that item ``source`` speaks for item ``target``: one channel per reason.

A channel is a non-negative number for an ordered pair of items, zero where there is nothing to
say (a missing photo is no evidence, not a difference). Channels come from what the data set
has: one per kind of entity, and those of its vectors, prices, variants and baskets. Each is
divided by its own 99.95 % quantile, so that weights are comparable.

=====================  ===========================================================
``shared:<kind>``      sum over shared entities e: conf * conf * log(n_items / n_e)
``attributes``, ``4``  cosine of rarity-weighted attributes, and its 4th power
``<vectors>2``, ``6``  cosine of centred vectors (text, image) squared, 6th power
``colour``             cosine of colour histograms
``variant``            1 for variants of one product
``price``              cheaper price / dearer price
``bought``, ``_log``   c / (sqrt(n_s n_t) + 4) with c common owners; log(1 + c)
``popularity``, ``_source``   log(1 + owners) of the target, of the source
=====================  ===========================================================

The last four are *behaviour*: in training they are recomputed without the users whose baskets
are being predicted, or the network would read the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from gnn.dataset import Dataset
from gnn.scoring import FloatMatrix, FloatVector, IntVector

BEHAVIOUR = ("bought", "bought_log", "popularity", "popularity_source")
_SHRINK = 4.0
_QUANTILE = 0.9995


@dataclass(frozen=True, slots=True, eq=False)
class ItemFacts:
    """What evidence is computed from; numpy only, so that a server can re-score an edge."""

    attributes: sp.csr_matrix  # (n_items, n_entities) float32, combined confidence
    relation: IntVector  # (n_entities,)
    relations: tuple[str, ...]
    vectors: Mapping[str, FloatMatrix]  # centred unit rows, zero where absent
    log_price: FloatVector  # NaN where unknown
    groups: IntVector  # -1 for none
    common: sp.csr_matrix  # (n_items, n_items) float32: users who own both; diagonal 0
    owners: FloatVector  # (n_items,) users who own the item

    @property
    def n_items(self) -> int:
        """Rows of every array."""
        return len(self.owners)


def item_facts(dataset: Dataset) -> ItemFacts:
    """Read ``dataset.train`` and everything known about its items."""
    train = dataset.train
    common = (train.T @ train).tocsr().astype(np.float32)
    common.setdiag(0)
    common.eliminate_zeros()
    price = np.where(dataset.price > 0, dataset.price, np.nan)
    return ItemFacts(
        attributes=dataset.attributes.tocsr().astype(np.float32),
        relation=dataset.relation,
        relations=dataset.relations,
        vectors={
            name: feature.matrix if name == "colour" else _centred(feature.matrix, feature.present)
            for name, feature in sorted(dataset.features.items())
            if feature.present.any()
        },
        log_price=np.log(price).astype(np.float32),
        groups=dataset.groups.astype(np.int32),
        common=common,
        owners=np.asarray(train.sum(0), dtype=np.float32).ravel(),
    )


def _centred(matrix: FloatMatrix, present: NDArray[np.bool_]) -> FloatMatrix:
    """Unit rows around the mean of those present: encoders put all of a shop in one cone."""
    centred: FloatMatrix = np.where(present[:, None], matrix - matrix[present].mean(0), 0)
    norm = np.linalg.norm(centred, axis=1, keepdims=True)
    unit: FloatMatrix = centred / np.maximum(norm, 1e-6)
    return unit.astype(np.float32)


def rarity(facts: ItemFacts) -> FloatVector:
    """(n_entities,) float32: log(n_items / items that have the entity), 0 for unused ones."""
    holders = np.bincount(facts.attributes.indices, minlength=facts.attributes.shape[1])
    rare: FloatVector = np.log(facts.n_items / np.maximum(holders, 1)).astype(np.float32)
    rare[holders == 0] = 0
    return rare


class Evidence:
    """Channels of one set of facts. ``names[:n_static]`` do not depend on who bought what."""

    def __init__(self, facts: ItemFacts, *, behaviour: bool = True) -> None:
        self.facts = facts
        self.rarity = rarity(facts)
        weighted = facts.attributes @ sp.diags(self.rarity)
        norm = np.sqrt(np.asarray(weighted.multiply(weighted).sum(1)).ravel())
        inverse = np.divide(1.0, norm, out=np.zeros_like(norm), where=norm > 0)
        #: (n_items,) one over the length of the rarity-weighted attributes, 0 where none.
        self.inverse_length: FloatVector = inverse.astype(np.float32)
        self.unit_attributes = (sp.diags(inverse) @ weighted).tocsr().astype(np.float32)
        root = sp.csc_matrix(facts.attributes @ sp.diags(np.sqrt(self.rarity)))
        used = [
            kind
            for kind in range(len(facts.relations))
            if root[:, facts.relation == kind].getnnz() and np.any(facts.relation == kind)
        ]
        self.kinds = tuple(used)
        self.by_kind = tuple(root[:, facts.relation == kind].tocsr() for kind in used)
        names = [f"shared:{facts.relations[kind]}" for kind in used]
        if used:
            names += ["attributes", "attributes4"]
        for vectors in facts.vectors:
            names += [vectors] if vectors == "colour" else [f"{vectors}2", f"{vectors}6"]
        self.has_variants = bool(np.any(facts.groups >= 0))
        self.has_prices = bool(np.any(np.isfinite(facts.log_price)))
        names += ["variant"] * self.has_variants + ["price"] * self.has_prices
        self.n_static = len(names)
        self.names = (*names, *BEHAVIOUR) if behaviour else tuple(names)

    def static(self, rows: IntVector) -> FloatMatrix:
        """(len(rows), n_static, n_items) float32, unscaled: every target of some sources."""
        facts = self.facts
        block = np.zeros((len(rows), self.n_static, facts.n_items), dtype=np.float32)
        at = 0
        for shared in self.by_kind:
            block[:, at] = (shared[rows] @ shared.T).toarray()
            at += 1
        if self.by_kind:
            cosine = (self.unit_attributes[rows] @ self.unit_attributes.T).toarray()
            block[:, at], block[:, at + 1] = cosine, cosine**4
            at += 2
        for name, matrix in facts.vectors.items():
            cosine = np.maximum(matrix[rows] @ matrix.T, 0)
            if name == "colour":
                block[:, at] = cosine
                at += 1
            else:
                block[:, at] = cosine * cosine
                block[:, at + 1] = block[:, at] ** 3
                at += 2
        if self.has_variants:
            group = facts.groups[rows][:, None]
            block[:, at] = (group == facts.groups) & (group >= 0)
            at += 1
        if self.has_prices:
            gap = np.abs(facts.log_price[rows][:, None] - facts.log_price)
            block[:, at] = np.nan_to_num(np.exp(-gap), nan=0.0)
        return block

    def scales(self, *, seed: int = 0) -> FloatVector:
        """(n_channels,) float32: each channel's 99.95 % quantile over pairs of items.

        Taken over 2 million pairs at most, all targets of some sources; the maximum where
        the quantile is 0 (a channel that speaks for fewer pairs), 1 where it is silent.
        """
        n = self.facts.n_items
        rows = np.arange(n, dtype=np.int32)
        if n > (some := max(16, 2_000_000 // n)):
            rows = np.sort(np.random.default_rng(seed).choice(rows, some, replace=False))
        common = self.facts.common[rows].toarray()
        parts = [self.static(rows)]
        if len(self.names) > self.n_static:
            parts.append(behaviour(rows, None, common, self.facts.owners))
        scale = np.ones(len(self.names), dtype=np.float32)
        at = 0
        for part in parts:
            for channel in range(part.shape[1]):
                values = part[:, channel].ravel()
                high = np.quantile(values, _QUANTILE) or values.max(initial=0)
                scale[at] = high if high > 0 else 1
                at += 1
        return scale


def behaviour(
    rows: IntVector, columns: IntVector | None, common: FloatMatrix, owners: FloatVector
) -> FloatMatrix:
    """(len(rows), 4, m) float32: the channels BEHAVIOUR, unscaled.

    ``common``: (len(rows), m) users who own both; ``owners``: (n_items,).
    """
    targets = owners[None, :] if columns is None else owners[columns]
    block = np.empty((len(rows), 4, common.shape[1]), dtype=np.float32)
    block[:, 0] = common / (np.sqrt(owners[rows][:, None] * targets) + _SHRINK)
    block[:, 1] = np.log1p(common)
    block[:, 2] = np.log1p(targets)
    block[:, 3] = np.log1p(owners[rows])[:, None]
    return block
