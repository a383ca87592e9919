"""What a recommender owes, on the checkerboard and on a shop small enough to count by hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from checkerboard_fixtures import DAY, START, checkerboard, people, squares, withheld

from gnn.artifact import Artifact
from gnn.item_item import ItemItem
from gnn.recommender import Recommender
from gnn.settings import GnnSettings
from gnn.training import train
from gnn.training_artifact import build_artifact
from kg.errors import NotFound
from kg.snapshot import EntityRow, ItemRow, build_snapshot

MODELS = ("attribute_cosine", "collective_ease", "fused_graph_convolution", "relational_attention")


@pytest.fixture(scope="module", params=MODELS)
def trained(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Recommender:
    """Trained on the board without the withheld squares, written, and loaded again."""
    directory = tmp_path_factory.mktemp(request.param)
    settings = GnnSettings(
        model=request.param, baselines=False, k=5, threads=1, artifact_dir=directory
    )
    train(checkerboard(split=False), None, settings, graph_identity="board")
    return Recommender.load(directory, expect_graph="board")


def test_the_two_missing_squares_of_ones_own_colour_come_first(trained: Recommender) -> None:
    for colour in ("black", "white"):
        for user in people(colour):
            answer = trained.recommend(user, k=3)
            owned = {event.item.id for event in trained.history(user)}
            missing = set(squares(colour)) - owned
            assert {place.item.id for place in answer.items[:2]} == missing
            assert withheld(user) in missing
            assert answer.strategy == trained.strategy
            assert not owned & {place.item.id for place in answer.items}


def test_a_newcomer_with_one_black_square_gets_black_ones(trained: Recommender) -> None:
    answer = trained.recommend_history(["black-00"], k=17)
    assert {place.item.id for place in answer.items} == set(squares("black")) - {"black-00"}


def test_what_is_similar_to_a_white_square_is_white(trained: Recommender) -> None:
    answer = trained.similar("white-01", k=17)
    assert {place.item.id for place in answer.items} == set(squares("white")) - {"white-01"}


def test_scores_fall_and_k_is_kept(trained: Recommender) -> None:
    answer = trained.recommend(people("black")[0], k=7)
    scores = [place.score for place in answer.items]
    assert len(scores) == 7
    assert scores == sorted(scores, reverse=True)
    everything = trained.recommend(people("black")[0], k=999, exclude_seen=False)
    assert len(everything.items) == trained.n_items == 36


def test_the_same_question_has_the_same_answer(trained: Recommender) -> None:
    user = people("white")[4]
    assert trained.recommend(user) == trained.recommend(user)


def shop() -> Artifact:
    """Four items, three people; p bought a and b, q bought b, r did nothing."""
    titles = {
        "a": {"en": "Red linen dress", "zh": "红色亚麻连衣裙"},
        "b": {"en": "Blue mug", "zh": "蓝色马克杯"},
        "c": {"en": "Red mug", "zh": "红色马克杯"},
        "d/é 1": {"en": "Redwood lamp", "zh": "红木灯"},
    }
    snapshot = build_snapshot(
        items=[ItemRow(key, names["en"], names, price=2.5) for key, names in titles.items()],
        users=[("p", {}), ("q", {}), ("r", {})],
        entities=[EntityRow("colour:red", "colour", "red", {"en": "red", "zh": "红色"})],
        interactions=[
            ("p", "a", "view", 1.0, START, None),
            ("p", "a", "purchase", 1.0, START + DAY, None),
            ("p", "b", "view", 1.0, START + 2 * DAY, None),
            ("q", "b", "purchase", 1.0, START, None),
        ],
        item_entities=[
            ("a", "colour:red", 0.5, "text"),
            ("a", "colour:red", 0.5, "image"),
            ("c", "colour:red", 0.9, "text"),
        ],
    )
    weights = np.zeros((4, 4), dtype=np.float32)
    weights[0] = [0, 1, 3, 0]  # a speaks for b and, three times as much, for c
    weights[1] = [1, 0, 0, 0]
    return build_artifact(
        snapshot,
        ItemItem(weights, np.zeros(4, dtype=np.float32)),
        strategy="ease",
        graph_identity="shop",
        vectors_fingerprint="none",
        settings={},
        report={},
    )


@pytest.fixture(scope="module")
def small() -> Recommender:
    return Recommender(shop())


def test_an_item_that_nothing_speaks_for_is_marked_popular(small: Recommender) -> None:
    places = small.recommend("p", k=4).items
    assert [(one.item.id, one.score, one.strategy) for one in places] == [
        ("c", 3.0, "ease"),
        ("d/é 1", 0.0, "popular"),
    ]


@pytest.mark.parametrize("user", ["r", "nobody", "", "zzz"])
def test_without_a_history_the_popular_come_first_and_it_is_said(
    small: Recommender, user: str
) -> None:
    answer = small.recommend(user, k=2)
    assert answer.strategy == "popular"
    assert [(one.item.id, one.score) for one in answer.items] == [("b", 2.0), ("a", 1.0)]
    assert {one.strategy for one in answer.items} == {"popular"}
    reason = answer.items[0].reason
    assert reason is not None
    # Two people are too few to be counted aloud.
    assert reason.text == "popular in this shop; nothing is known of your taste yet"


def test_a_card_combines_what_text_and_picture_say(small: Recommender) -> None:
    card = small.item("a")
    assert (card.title, card.title_in("zh"), card.price) == (
        "Red linen dress",
        "红色亚麻连衣裙",
        2.5,
    )
    (fact,) = card.facts
    assert (fact.entity.id, fact.confidence) == ("colour:red", 0.75)  # 1 - .5 * .5
    assert set(fact.modalities) == {"text", "image"}


def test_history_is_newest_first(small: Recommender) -> None:
    events = [(one.item.id, one.event, one.at_s) for one in small.history("p")]
    assert events == [
        ("b", "view", START + 2 * DAY),
        ("a", "purchase", START + DAY),
        ("a", "view", START),
    ]
    assert small.history("p", limit=1)[0].item.id == "b"
    assert small.history("r") == ()


def test_unknown_ids_are_named(small: Recommender) -> None:
    with pytest.raises(NotFound, match="'x'"):
        small.item("x")
    with pytest.raises(NotFound, match="'x'"):
        small.similar("x")
    with pytest.raises(NotFound, match="'x'"):
        small.explain("p", "x")
    with pytest.raises(NotFound, match="'x'"):
        small.recommend_history(["a", "x"])
    with pytest.raises(NotFound, match="'x'"):
        small.history("x")


def test_users_are_paged(small: Recommender) -> None:
    assert small.users(limit=2) == ("p", "q")
    assert small.users(limit=2, after="q") == ("r",)
    assert small.users(after="r") == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mug", ["b", "c"]),  # b has more buyers
        ("red", ["a", "c", "d/é 1"]),
        ("RED mug", ["c"]),
        ("ed", []),  # a Latin token starts a word
        ("马克", ["b", "c"]),
        ("红色 马克杯", ["c"]),
        ("红", ["a", "c", "d/é 1"]),
        ("d/é", ["d/é 1"]),
        ("  ", []),
        ("mug) OR (x", []),
    ],
)
def test_search(small: Recommender, text: str, found: list[str]) -> None:
    assert [card.id for card in small.search(text)] == found


def test_serving_imports_no_torch() -> None:
    code = "import sys, gnn.recommender; sys.exit('torch' in sys.modules or 'spacy' in sys.modules)"
    root = Path(__file__).resolve().parent.parent.parent
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
