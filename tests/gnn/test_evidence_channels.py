"""Evidence by hand: four items whose every channel can be worked out on paper."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from relational_fixtures import four_items

from gnn.evidence import BEHAVIOUR, Evidence, behaviour, item_facts

ALL = np.arange(4, dtype=np.int32)


def channel(evidence: Evidence, name: str) -> np.ndarray:
    return evidence.static(ALL)[:, evidence.names.index(name)]


def test_names_follow_what_the_dataset_has() -> None:
    evidence = Evidence(item_facts(four_items()))
    assert evidence.names == (
        "shared:colour",
        "shared:material",
        "attributes",
        "attributes4",
        "text2",
        "text6",
        "variant",
        "price",
        *BEHAVIOUR,
    )
    assert evidence.n_static == 8


def test_shared_entity_weighs_by_rarity_and_both_confidences() -> None:
    evidence = Evidence(item_facts(four_items()))
    # red: items 0, 1, 2 of 4 -> log(4/3); linen: 0 (confidence .5) and 3 -> log 2.
    colour = channel(evidence, "shared:colour")
    assert colour[0, 1] == pytest.approx(np.log(4 / 3))
    assert colour[0, 3] == 0
    assert channel(evidence, "shared:material")[0, 3] == pytest.approx(0.5 * np.log(2))


def test_attribute_cosine_by_hand() -> None:
    evidence = Evidence(item_facts(four_items()))
    red, linen = np.log(4 / 3), np.log(2)
    length = np.hypot(red, 0.5 * linen)
    cosine = channel(evidence, "attributes")
    assert cosine[0, 1] == pytest.approx(red / length, rel=1e-5)
    assert cosine[0, 3] == pytest.approx(0.5 * linen / length, rel=1e-5)
    assert cosine[1, 2] == pytest.approx(1, rel=1e-5)
    np.testing.assert_allclose(channel(evidence, "attributes4"), cosine**4, rtol=1e-5)


def test_vectors_are_centred_and_an_absent_one_is_silent() -> None:
    evidence = Evidence(item_facts(four_items()))
    text = channel(evidence, "text2")
    # Present: (1,0), (1,0), (.6,.8): cosine .6, but around their mean item 2 is opposite.
    assert text[0, 1] == pytest.approx(1, rel=1e-5)
    assert text[0, 2] == 0
    assert not text[3].any()
    assert not text[:, 3].any()


def test_price_ratio_and_unknown_price() -> None:
    price = channel(Evidence(item_facts(four_items())), "price")
    assert price[0, 1] == pytest.approx(0.5)
    assert price[1, 0] == pytest.approx(0.5)
    assert not price[:, 3].any()


def test_variants_are_those_of_a_group() -> None:
    variant = channel(Evidence(item_facts(four_items())), "variant")
    assert variant[0, 1] == 1
    # Items 2 and 3 have no group, which is not a group that they share.
    assert variant[2, 3] == 0


def test_behaviour_by_hand_and_without_the_asking_user() -> None:
    facts = item_facts(four_items())
    # Owners: item 0: users 0, 1; item 1: 0, 1; item 2: 1; item 3: none.
    assert facts.owners.tolist() == [2, 2, 1, 0]
    whole = behaviour(ALL, None, facts.common.toarray(), facts.owners)
    assert whole[0, 0, 1] == pytest.approx(2 / (2 + 4))
    assert whole[0, 1, 1] == pytest.approx(np.log(3))
    assert whole[0, 2, 2] == pytest.approx(np.log(2))
    assert whole[0, 3].tolist() == pytest.approx([np.log(3)] * 4)


def test_scales_bring_channels_to_one_and_leave_silence() -> None:
    dataset = four_items()
    evidence = Evidence(item_facts(dataset))
    scales = evidence.scales()
    assert scales[evidence.names.index("variant")] == pytest.approx(1, abs=0.05)
    assert (scales > 0).all()


def test_nothing_known_leaves_behaviour_alone() -> None:
    from dataclasses import replace

    bare = replace(
        four_items(),
        attributes=sp.csr_matrix((4, 0), dtype=np.float32),
        relation=np.zeros(0, np.int32),
        relations=(),
        features={},
        price=np.full(4, np.nan, np.float32),
        groups=np.full(4, -1, np.int32),
    )
    assert Evidence(item_facts(bare)).names == BEHAVIOUR
    assert Evidence(item_facts(bare), behaviour=False).names == ()
