"""Both ways of counting, worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.extraction.learned.scoring import score


def test_counts_by_hand() -> None:
    """Right: brand, size. Wrong where stated: colour. Unstated: age. Missed: nothing said.

    Text 1 states brand, colour, size: 2 right, colour wrong (also missed). Text 2 states
    colour: nothing said of it, and an age that nobody stated.
    Strict: right 2, said 4, stated 4 -> P = R = F1 = 2/4. Published leaves the age out:
    said 3, P = 2/3, R = 2/4, F1 = 4/7.
    """
    stated = [{"brand": ["A"], "colour": ["red"], "size": ["M"]}, {"colour": ["blue"]}]
    found = [{"brand": ["A"], "colour": ["dark red"], "size": ["M"]}, {"age": ["adult"]}]
    scores = score(stated, found)
    assert (scores.texts, scores.values) == (2, 4)
    assert (scores.strict.precision, scores.strict.recall, scores.strict.micro) == (0.5, 0.5, 0.5)
    assert scores.published.precision == pytest.approx(2 / 3)
    assert scores.published.recall == 0.5
    assert scores.published.micro == pytest.approx(4 / 7)
    # Mean over brand 1, colour 0, size 1; age is stated by nobody.
    assert scores.strict.macro == pytest.approx(2 / 3)
    assert scores.by_attribute["age"] == (0, 0.0, 0.0)
    assert scores.by_attribute["colour"] == (2, 0.0, 0.0)


def test_several_values_each_count() -> None:
    """Two stated, one found and one wrong: right 1 of said 2 and stated 2; F1 1/2."""
    scores = score([{"flavour": ["mint", "lemon"]}], [{"flavour": ["mint", "cocoa"]}])
    assert scores.strict.micro == scores.published.micro == 0.5


def test_white_space_at_the_ends_is_no_difference() -> None:
    assert score([{"a": ["120 Count "]}], [{"a": ["120 Count"]}]).strict.micro == 1.0
    assert score([{"a": ["120  Count"]}], [{"a": ["120 Count"]}]).strict.micro == 0.0


def test_interval_is_of_whole_texts() -> None:
    """Ten equal texts cannot differ when drawn again; one right in two texts can be 0 and 1."""
    same = score([{"a": ["x"]}] * 10, [{"a": ["x"]}] * 10).strict
    assert (same.low, same.high) == (1.0, 1.0)
    mixed = score([{"a": ["x"]}] * 2, [{"a": ["x"]}, {"a": ["y"]}]).strict
    assert (mixed.low, mixed.high) == (0.0, 1.0)


_VALUES = st.dictionaries(st.sampled_from("abc"), st.lists(st.sampled_from("xyz"), max_size=2))


@given(st.lists(st.tuples(_VALUES, _VALUES), min_size=1, max_size=6))
def test_laws(rows: list[tuple[dict[str, list[str]], dict[str, list[str]]]]) -> None:
    """In [0, 1]; the published count never lower than the strict one; the labels score 1."""
    stated, found = [row[0] for row in rows], [row[1] for row in rows]
    scores = score(stated, found)
    assert 0 <= scores.strict.micro <= scores.published.micro <= 1
    assert 0 <= scores.strict.low <= scores.strict.high <= 1
    if any(values for one in stated for values in one.values()):
        assert score(stated, stated).strict.micro == 1.0
