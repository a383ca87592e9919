"""Combining what text, pictures and columns say: worked out by hand, learned, and its laws."""

from __future__ import annotations

import random
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.agreement import (
    Agreement,
    Claim,
    Guess,
    calibration_error,
    independent,
    learn_agreement,
    log_loss,
    shares,
    surest,
)


def text(confidence: float) -> Claim:
    return Claim("words/1", "text", confidence)


def image(confidence: float) -> Claim:
    return Claim("pixels/1", "image", confidence)


def guess(*claims: Claim, kind: str = "colour", against: float = 0.0) -> Guess:
    return Guess(kind, claims, against)


def test_text_and_picture_that_agree_strengthen_each_other() -> None:
    # Doubts .2 and .5 leave .1.
    assert independent(guess(text(0.8), image(0.5))) == pytest.approx(0.9)


def test_two_extractors_of_one_modality_do_not() -> None:
    assert independent(guess(text(0.8), text(0.5))) == pytest.approx(0.8)


def test_values_that_exclude_each_other_share_the_belief() -> None:
    # Text says red with .9, odds 9; the picture says blue with .8, odds 4.
    assert independent(guess(text(0.9), against=4.0)) == pytest.approx(9 / 14)
    assert independent(guess(image(0.8), against=9.0)) == pytest.approx(4 / 14)


def test_parts_give_the_combined_confidence_back() -> None:
    # Doubts .1 and .5 are 3.32 to 1 in logarithms.
    parts = shares(0.6, [text(0.9), image(0.5)])
    assert (1 - parts["text"]) * (1 - parts["image"]) == pytest.approx(0.4)
    assert parts["text"] > 0.6 * 0.8 > parts["image"]
    assert shares(0.9, [text(0.8), image(0.5)]) == pytest.approx({"text": 0.8, "image": 0.5})
    assert shares(0.3, [text(0.8)]) == {"text": 0.3}


claims = st.lists(
    st.builds(
        Claim,
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["text", "image", "audio"]),
        st.floats(0, 1),
    ),
    min_size=1,
    max_size=5,
)


@given(claims, st.floats(0.01, 0.99))
def test_whatever_is_said_parts_multiply_to_the_combined(
    said: list[Claim], combined: float
) -> None:
    parts = shares(combined, said)
    assert set(parts) == set(surest(said))
    assert all(0 <= one <= 1 for one in parts.values())
    whole = 1 - prod(1 - one for one in surest(said).values())
    if whole < 1 or len(parts) == 1:
        assert 1 - prod(1 - one for one in parts.values()) == pytest.approx(combined)


@given(claims, st.floats(0, 50))
def test_what_speaks_against_only_weakens(said: list[Claim], against: float) -> None:
    both = independent(Guess("colour", tuple(said)))
    assert independent(Guess("colour", tuple(said), against)) <= max(both, 0.01) + 1e-12


def test_calibration_error_by_hand() -> None:
    confidence = np.array([0.2, 0.2, 0.9, 0.9])
    right = np.array([0.0, 1.0, 1.0, 1.0])
    # Two bins: |.5 - .2| and |1 - .9|, half the mass each.
    assert calibration_error(confidence, right, bins=2) == pytest.approx(0.2)
    # The last bin's 0.99 is the cap of what a confidence of 1 may cost.
    assert log_loss(np.array([1.0]), np.array([1.0])) == pytest.approx(-np.log(0.99))


def world(count: int, *, seed: int = 3) -> list[tuple[str, Guess, bool]]:
    """Text says .9 and is right 6 times in 10; the picture says .5 and is right 9 in 10."""
    draw = random.Random(seed)
    found = []
    for number in range(count):
        if number % 2:
            found.append((f"i{number}", guess(text(0.9)), draw.random() < 0.6))
        else:
            found.append((f"i{number}", guess(image(0.5)), draw.random() < 0.9))
    return found


def test_columns_teach_whom_to_believe() -> None:
    learned = learn_agreement(world(2000))
    report = learned.report["colour"]
    assert report.kept
    assert report.guesses == 2000
    # Independent confidences are wrong by .3 and .4, of the learned ones chance is left.
    assert report.ece_before == pytest.approx(0.35, abs=0.03)
    assert report.ece_after < 0.05
    assert learned.combined(guess(text(0.9))) == pytest.approx(0.6, abs=0.04)
    assert learned.combined(guess(image(0.5))) == pytest.approx(0.9, abs=0.04)
    assert learned.combined(guess(text(0.9), image(0.5))) > learned.combined(guess(image(0.5)))
    # Of a kind that nothing taught, and of an extractor that nobody has seen.
    assert learned.combined(guess(text(0.9), kind="style")) == pytest.approx(0.9)


def test_too_few_examples_teach_nothing() -> None:
    assert learn_agreement(world(149)) == Agreement()


def test_what_is_no_better_than_independence_is_not_kept() -> None:
    draw = random.Random(5)
    fair = []
    for number in range(600):
        said = draw.uniform(0.05, 0.95)
        fair.append((f"i{number}", guess(text(said)), draw.random() < said))
    learned = learn_agreement(fair)
    report = learned.report["colour"]
    assert report.kept == (report.loss_after < report.loss_before)
    assert ("colour" in learned.weights) == report.kept
    assert abs(learned.combined(guess(text(0.5))) - 0.5) < 0.08


def test_the_order_of_examples_does_not_matter() -> None:
    examples = world(400)
    shuffled = list(examples)
    random.Random(1).shuffle(shuffled)
    assert learn_agreement(shuffled) == learn_agreement(examples)
