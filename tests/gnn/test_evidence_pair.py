"""One pair at a time says what the matrices say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from relational_fixtures import four_items

from gnn.dataset import Dataset, Feature
from gnn.evidence import Evidence, behaviour, item_facts
from gnn.evidence_pair import PairEvidence

N = 30


def shop(seed: int) -> Dataset:
    """Thirty items of four kinds of entity, one of which every item shares whole."""
    rng = np.random.default_rng(seed)
    relation = np.repeat([0, 1, 2, 3], [6, 8, 5, 1]).astype(np.int32)
    has = rng.random((N, len(relation))) < 0.3
    confidence = np.where(has, rng.random(has.shape), 0).astype(np.float32)
    confidence[:, -1] = 1  # rarity 0: a kind without a channel
    confidence[3, :-1] = 0  # an item of which nothing telling is known
    vectors = rng.standard_normal((N, 12)).astype(np.float32)
    present = rng.random(N) < 0.8
    vectors[~present] = 0
    attributes = sp.csr_matrix(confidence)
    for row in range(N):  # rows need not be sorted
        part = slice(attributes.indptr[row], attributes.indptr[row + 1])
        attributes.indices[part] = attributes.indices[part][::-1].copy()
        attributes.data[part] = attributes.data[part][::-1].copy()
    attributes.has_sorted_indices = False
    train = sp.csr_matrix((rng.random((40, N)) < 0.15).astype(np.float32))
    return Dataset(
        train=train,
        valid=sp.csr_matrix(train.shape, dtype=np.float32),
        test=sp.csr_matrix(train.shape, dtype=np.float32),
        attributes=attributes,
        relation=relation,
        relations=("brand", "colour", "style", "unit"),
        features={
            "text": Feature(vectors, present),
            "colour": Feature(np.abs(vectors[:, :5]), present),
        },
        price=np.where(rng.random(N) < 0.8, rng.random(N) * 50 + 1, np.nan).astype(np.float32),
        groups=rng.integers(-1, 8, N).astype(np.int32),
        fingerprint="shop",
    )


def bare(seed: int) -> Dataset:
    """The same shop when nothing but baskets is known."""
    return replace(
        shop(seed),
        attributes=sp.csr_matrix((N, 0), dtype=np.float32),
        relation=np.zeros(0, dtype=np.int32),
        relations=(),
        features={},
        price=np.full(N, np.nan, dtype=np.float32),
        groups=np.full(N, -1, dtype=np.int32),
    )


@pytest.mark.parametrize("with_behaviour", [True, False])
@pytest.mark.parametrize("dataset", [shop(1), shop(2), bare(1), four_items()])
def test_every_pair_equals_its_place_in_the_matrices(
    dataset: Dataset, with_behaviour: bool
) -> None:
    facts = item_facts(dataset)
    evidence = Evidence(facts, behaviour=with_behaviour)
    everybody = np.arange(facts.n_items, dtype=np.int32)
    parts = [evidence.static(everybody)]
    if with_behaviour:
        parts.append(behaviour(everybody, None, facts.common.toarray(), facts.owners))
    whole = np.concatenate(parts, axis=1)
    pairs = PairEvidence(evidence)
    for source in everybody.tolist():
        found = np.stack([pairs.of(source, item).channels for item in everybody.tolist()], axis=1)
        np.testing.assert_allclose(found, whole[source], rtol=1e-5, atol=1e-6)


def test_what_entities_add_is_what_their_channels_hold() -> None:
    evidence = Evidence(item_facts(shop(3)))
    confidence = evidence.facts.attributes.toarray()
    cosine = evidence.names.index("attributes")
    for source, item in ((0, 1), (5, 9), (12, 4), (3, 8)):
        pair = PairEvidence(evidence).of(source, item)
        both = confidence[source] * confidence[item]
        # The kind that every item shares has no channel and is no evidence.
        expected = np.flatnonzero(both[:-1])
        assert pair.entities.tolist() == expected.tolist()
        assert pair.in_shared == pytest.approx(both[expected] * evidence.rarity[expected])
        assert pair.in_cosine.sum() == pytest.approx(pair.channels[cosine], abs=1e-6)
        for entity, channel in zip(pair.entities, pair.shared_at, strict=True):
            kind = evidence.facts.relations[evidence.facts.relation[entity]]
            assert evidence.names[channel] == f"shared:{kind}"
