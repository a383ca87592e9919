"""Reasons: exact sums, provable paths, honest words, nobody else's identity."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest
import scipy.sparse as sp
from checkerboard_fixtures import WOOD, checkerboard, people, squares
from hypothesis import given, settings
from hypothesis import strategies as st

from gnn.catalogue import Event
from gnn.explanation_paths import _said
from gnn.explanation_steps import Edge
from gnn.item_item import ItemItem, SharedEntities
from gnn.reasons import because, bought_together, event_class, popular, strongest
from gnn.recommender import Recommender
from gnn.scoring import EvidenceCredit
from gnn.settings import GnnSettings
from gnn.training import train
from gnn.training_artifact import build_artifact
from kg.snapshot import EntityRow, ItemRow, build_snapshot

MODELS = ("attribute_cosine", "fused_graph_convolution", "relational_attention")


@pytest.fixture(scope="module", params=MODELS)
def board(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Recommender:
    directory = tmp_path_factory.mktemp(request.param)
    chosen = GnnSettings(
        model=request.param, baselines=False, k=5, threads=1, artifact_dir=directory
    )
    train(checkerboard(split=False), None, chosen, graph_identity="board")
    return Recommender.load(directory)


def test_the_way_to_a_missing_square_leads_through_its_colour(board: Recommender) -> None:
    for colour in ("black", "white"):
        for user in people(colour)[::5]:
            owned = {event.item.id for event in board.history(user)}
            for missing in set(squares(colour)) - owned:
                explanation = board.explain(user, missing)
                assert explanation.strategy == board.strategy
                entities = [path for path in explanation.paths if len(path.steps) == 3]
                first = entities[0]
                assert first.relation == "colour"
                assert [
                    (step.start.id, step.relationship, step.end.id) for step in first.steps
                ] == [
                    (user, "INTERACTED", first.steps[0].end.id),
                    (first.steps[0].end.id, "HAS_COLOUR", f"colour:{colour}"),
                    (missing, "HAS_COLOUR", f"colour:{colour}"),
                ]
                assert first.steps[0].end.id in owned
                assert f"which is also {colour}" in explanation.sentence
                # Everything here is wooden: true, and no reason.
                assert "wood" not in explanation.sentence
                assert WOOD not in {step.end.id for step in explanation.paths[0].steps}


def test_credits_add_up_to_the_score(board: Recommender) -> None:
    for user in people("black")[::4] + people("white")[::4]:
        for place in board.recommend(user, k=3, reasons=False).items:
            explanation = board.explain(user, place.item.id)
            assert explanation.score == pytest.approx(place.score, rel=1e-4, abs=1e-7)
            total = sum(one.credit for one in explanation.owned) + explanation.constant
            assert total == pytest.approx(explanation.score, rel=1e-4, abs=1e-7)
            assert 0 <= explanation.unexplained <= 1
            assert all(0 <= path.share <= 1 for path in explanation.paths)
            assert sum(one.share for one in explanation.owned) <= 1 + 1e-6


def test_nobody_else_is_named(board: Recommender) -> None:
    everybody = set(people("black")) | set(people("white"))
    user = people("black")[0]
    for place in board.recommend(user, k=5).items:
        said = set(strings(board.explain(user, place.item.id))) | set(strings(place.reason))
        assert said & everybody == {user} or not said & everybody


def test_chinese(board: Recommender) -> None:
    user = people("black")[2]
    item = board.recommend(user, k=1).items[0].item.id
    explanation = board.explain(user, item, language="zh")
    assert explanation.sentence.startswith("因为您购买了黑色方格")
    assert "同为黑色" in explanation.sentence
    assert explanation.paths[0].steps[0].start.name == "您"


def counted_shop(buyers: int) -> Recommender:
    """me bought a; ``buyers`` others bought a and b; b is no relative of a but by that."""
    others = [f"other-{n}" for n in range(buyers)]
    events = [("me", "a", "purchase", 1.0, 5.0, None)]
    for one in others:
        events += [(one, "a", "purchase", 1.0, 1.0, None), (one, "b", "purchase", 1.0, 2.0, None)]
        events.append((one, "c", "view", 1.0, 3.0, None))
    snapshot = build_snapshot(
        items=[
            ItemRow(key, f"Item {key}", {"en": f"Item {key}"}, group=group)
            for key, group in (("a", "g"), ("b", None), ("c", "g"), ("d", "g"))
        ],
        users=[(one, {}) for one in ("me", *others)],
        interactions=events,
    )
    weights = np.zeros((4, 4), dtype=np.float32)
    weights[0] = [0, 2, 1, 0.5]
    scorer = ItemItem(weights, np.full(4, 0.5, dtype=np.float32))
    return Recommender(
        build_artifact(
            snapshot,
            scorer,
            strategy="ease",
            graph_identity="",
            vectors_fingerprint="",
            settings={},
            report={},
        )
    )


def test_people_are_counted_from_five_on() -> None:
    told = counted_shop(5).explain("me", "b")
    assert told.sentence == "because you bought Item a, 5 people who bought it also bought this"
    assert told.paths[0].steps[1].properties == {"people": 5}
    hidden = counted_shop(4).explain("me", "b")
    assert hidden.sentence == (
        "because you bought Item a, which is often bought together with this"
    )
    assert hidden.paths[0].steps[1].properties == {}
    # Nobody bought c: those who viewed it do not count as buyers.
    assert "5" not in counted_shop(5).explain("me", "c").sentence


def test_shares_and_the_unexplained_by_hand() -> None:
    told = counted_shop(5).explain("me", "b")
    assert (told.score, told.constant) == (2.5, 0.5)
    assert [(one.item_id, one.event, one.credit, one.share) for one in told.owned] == [
        ("a", "purchase", 2.0, 0.8)
    ]
    assert (told.paths[0].credit, told.paths[0].share) == (2.0, 0.8)
    assert told.unexplained == pytest.approx(0.2)  # the constant: no path says it


def test_an_unknown_user_is_told_that_it_is_popularity() -> None:
    told = counted_shop(5).explain("nobody", "b")
    assert (told.strategy, told.paths, told.owned) == ("popular", (), ())
    assert told.sentence == "popular: 5 people chose it; nothing is known of your taste yet"


def test_the_stronger_of_several_statements_comes_first() -> None:
    snapshot = build_snapshot(
        items=[
            ItemRow(key, key.title(), {"en": key.title()})
            for key in ("shirt", "skirt", "x", "y", "z")
        ],
        users=[("me", {})],
        entities=[
            EntityRow("colour:red", "colour", "red", {}),
            EntityRow("material:linen", "material", "linen", {}),
            EntityRow("lustre:dull", "lustre", "dull", {}),
            EntityRow("audience:all", "audience", "all", {}),
        ],
        interactions=[("me", "shirt", "view", 1.0, 5.0, None)],
        item_entities=[
            (item, entity, 1.0, "text")
            for item in ("shirt", "skirt")
            for entity in ("colour:red", "material:linen", "lustre:dull")
        ]
        + [(item, "audience:all", 1.0, "text") for item in ("shirt", "skirt", "x", "y", "z")],
    )
    # Entities are in id order: all, red, dull, linen. What everything has is credited most.
    rows = np.zeros((5, 4), dtype=np.float32)
    rows[:, 0] = 4
    rows[0], rows[1] = [4, 3, 0.5, 2], [4, 3, 0.5, 2]
    relations = ("audience", "colour", "lustre", "material")
    shared = SharedEntities(sp.csr_matrix(rows), np.arange(4, dtype=np.int32), relations)
    scorer = ItemItem(rows @ rows.T, np.zeros(5, dtype=np.float32), "attributes", shared)
    made = Recommender(
        build_artifact(
            snapshot,
            scorer,
            strategy="attribute_cosine",
            graph_identity="",
            vectors_fingerprint="",
            settings={},
            report={},
        )
    )
    told = made.explain("me", "skirt")
    assert told.sentence == ("because you viewed Shirt, which is also red and also made of linen")
    assert [(path.relation, path.credit) for path in told.paths] == [
        ("colour", 9.0),
        ("material", 4.0),
        ("lustre", 0.25),
        ("audience", 16.0),
    ]
    (place,) = made.recommend("me", k=1).items
    assert place.reason is not None
    assert place.reason.text == told.sentence
    assert place.reason.path == told.paths[0]
    assert told.paths[2].steps[1].relationship == "HAS_LUSTRE"  # a kind from configuration
    assert told.paths[2].text == "because you viewed Shirt, which has the same lustre (dull)"


def test_variants_lead_over_the_head_of_their_group() -> None:
    found = counted_shop(5)
    scorer = found.artifact.scorer
    assert isinstance(scorer, ItemItem)
    by_variant = ItemItem(scorer.weights, scorer.constant, "variant")
    as_variant = Recommender(replace(found.artifact, scorer=by_variant))
    told = as_variant.explain("me", "c")
    steps = told.paths[0].steps
    assert [(one.start.id, one.relationship, one.end.id) for one in steps] == [
        ("me", "INTERACTED", "a"),
        ("c", "VARIANT_OF", "a"),
    ]
    assert told.sentence == (
        "because you bought Item a, which is another version of the same product"
    )


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("purchase", "because you bought X"),
        ("view", "because you viewed X"),
        ("rating", "because you rated X"),
        ("cart", "because you put X in your basket"),
        ("teleported", "because you chose X"),
    ],
)
def test_verbs(event: str, said: str) -> None:
    assert because("X", event, [], language="en") == said
    assert because("X", event, [], language="fr") == said  # other languages read English


def test_the_strongest_event_speaks() -> None:
    assert strongest(["view", "purchase", "cart"]) == 1
    assert event_class("Add_To_Cart") == "basket"


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["en", "zh", "zh-TW"]))
def test_a_count_under_five_is_never_said(people: int, language: str) -> None:
    for said in (
        bought_together(people, event="purchase", language=language),
        popular(people, known=True, language=language),
    ):
        assert (str(people) in said) == (people >= 5)


def strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.items() for text in strings(item)]
    if isinstance(value, tuple | list):
        return [text for item in value for text in strings(item)]
    if is_dataclass(value):
        return [text for one in fields(value) for text in strings(getattr(value, one.name))]
    return []


def test_a_fact_is_said_beside_a_likeness_that_outweighs_it() -> None:
    def edge(said: str, credit: float, entity: int = -1, *, telling: bool = True) -> Edge:
        evidence = EvidenceCredit("colour" if entity >= 0 else "text", credit, entity)
        return Edge(0, 1, Event("purchase", 0.0), evidence, said, telling=telling)

    likeness = [edge("looks similar", 10.0), edge("has a similar description", 8.0)]
    assert _said([*likeness, edge("is also red", 0.3, 0)]) == ["looks similar", "is also red"]
    # Too weak to have anything to do with it, or a commonplace.
    both = ["looks similar", "has a similar description"]
    assert _said([*likeness, edge("is also red", 0.1, 0)]) == both
    assert _said([*likeness, edge("is also wood", 9.0, 0, telling=False)]) == both
    # Two facts: the stronger leads, and a weak second one stays unsaid.
    assert _said([edge("is also red", 5.0, 0), edge("is also linen", 0.3, 1)]) == ["is also red"]
    assert _said([]) == []
