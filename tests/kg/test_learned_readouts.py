"""Read-outs, decoding, known values and rivals, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from kg.extraction.learned.candidates import Candidate
from kg.extraction.learned.checkpoints import Checkpoints, pack, unpack
from kg.extraction.learned.choice import choose
from kg.extraction.learned.crf_features import crf_features
from kg.extraction.learned.decoding import best_spans
from kg.extraction.learned.examples import AttributeSpace, Example, build_space, to_examples
from kg.extraction.learned.gazetteer import Gazetteer
from kg.extraction.learned.labelled import Labelled
from kg.extraction.learned.neighbours import Neighbours
from kg.extraction.learned.readouts import SpanReadout, TagReadout, span_readout, tag_readout
from kg.extraction.learned.token_features import Memory
from kg.extraction.learned.tokens import tokenize


def examples(*labelled: Labelled) -> tuple[list[Example], AttributeSpace]:
    space = build_space(labelled)
    return to_examples(labelled, space), space


def test_decoding_is_the_best_legal_sequence() -> None:
    """Tags none, B, I. Greedily token 0 is none (.5) and token 1 inside (.6): not legal.

    B I has .4 * .6 = .24, none B .5 * .3 = .15, none none .5 * .1 = .05: B I it is.
    """
    p = np.array([[0.5, 0.4, 0.1], [0.1, 0.3, 0.6]], np.float32)
    assert best_spans(TagReadout(np.log(p))) == {0: [(0, 1)]}
    p[1] = (0.1, 0.8, 0.1)
    # none B .5 * .8 = .40 before B B .4 * .8 = .32
    assert best_spans(TagReadout(np.log(p))) == {0: [(1, 1)]}
    # I I .7 * .8 would be likeliest and has no begin: B I .2 * .8 it is.
    p = np.array([[0.1, 0.2, 0.7], [0.1, 0.1, 0.8]], np.float32)
    assert best_spans(TagReadout(np.log(p))) == {0: [(0, 1)]}
    assert best_spans(TagReadout(np.zeros((0, 3), np.float32))) == {}


def test_span_probability_of_tags() -> None:
    """B at 0, I at 1, not I at 2: .4 * .6 * (1 - .25)."""
    p = np.array([[0.5, 0.4, 0.1], [0.1, 0.3, 0.6], [0.5, 0.25, 0.25]], np.float32)
    logp = TagReadout(np.log(p)).span_logp((0, 1), 0)
    assert np.exp(logp) == pytest.approx(0.4 * 0.6 * 0.75, rel=1e-5)


def test_tags_are_those_of_the_category() -> None:
    """Attribute 1 of two alone, of three rows two: none, B1, I1 renormalised."""
    logits = np.log(np.array([[0.2, 0.3, 0.1, 0.1, 0.3]] * 3, np.float32))
    readout = tag_readout(logits, (1,), 2)
    assert np.exp(readout.logp) == pytest.approx(np.array([[0.2, 0.1, 0.3]] * 2) / 0.6, rel=1e-5)


def test_spans_are_normalised_with_not_said() -> None:
    """Two tokens, longest 2: three spans and "not said", all logits 0 but one of ln 5.

    Of 1 + 1 + 5 + 1 = 8 parts the span of both tokens has 5; a span past the end has none.
    """
    zero = np.zeros((3, 1), np.float32)
    length = np.array([[0.0, np.log(5.0)]], np.float32)
    readout = span_readout(
        zero, zero, zero, zero, np.zeros(1, np.float32),
        pair=np.zeros((1, 1), np.float32), length=length, attributes=(0,), size=2,
    )  # fmt: skip
    assert np.exp(readout.unsaid[0]) == pytest.approx(1 / 8)
    assert np.exp(readout.span_logp((0, 1), 0)) == pytest.approx(5 / 8)
    assert readout.best(0, 2)[0][0] == (0, 1)
    assert readout.span_logp((0, 5), 0) == readout.span_logp((1, 2), 0) == -20.0


def test_known_values_leave_the_text_itself_out() -> None:
    """ "red" is a colour in texts 1 and 2, stands in text 3 without being one.

    For text 1: known from one other text, standing in two others. For a new text: 2 of 3.
    """
    found, space = examples(
        Labelled("red mug", "", {"Colour": ("red",)}),
        Labelled("a red cup", "", {"Colour": ("red",)}),
        Labelled("Red Bull can", "", {"Brand": ("Red Bull",)}),
    )
    gazetteer = Gazetteer(found, space)
    (own,) = gazetteer.known(found[0], own=True)
    assert (own.first, own.last, own.count, own.texts) == (0, 0, 1, 2)
    assert space.attributes[own.attribute] == "Colour"
    new = Example(tokenize("old RED hat"), 0)
    (other,) = gazetteer.known(new, own=False)
    assert (other.first, other.count, other.texts) == (1, 2, 3)
    assert other.precision == 2 / 4
    # "Red Bull" is known from text 3 alone: to itself it is unknown.
    assert {one.last for one in gazetteer.known(found[2], own=True)} == {0}


def test_evidence_of_tokens() -> None:
    """Of "dark red", a colour in its one text, 1/(1 + 1): begins at 1 and goes on at 2.

    Of the near texts, the one with these words labels "dark" as a begin, all of its weight.
    """
    found, space = examples(
        Labelled("mug dark red", "", {"Colour": ("dark red",)}),
        Labelled("red ox", "", {"Brand": ("red ox",)}),
    )
    (evidence,) = Memory(found, space).evidence([Example(tokenize("A dark red mug"), 0)], own=False)
    colour = space.attributes.index("Colour")
    assert evidence.begin[:, colour].tolist() == [0, 0.5, 0, 0]
    assert evidence.inside[:, colour].tolist() == [0, 0, 0.5, 0]
    assert evidence.near_begin[1, colour] == pytest.approx(1, abs=0.02)
    assert 0.5 < evidence.near_inside[2, colour] < 1  # the other text has "red" as a brand
    features = crf_features(Example(tokenize("A dark red mug"), 0), evidence, space)
    assert features[1][f"gb{colour}"] == 0.5
    assert {"w=dark", "-1=a", "1=red", "-2=^", "2=mug", "f=xx"} <= set(features[1])


def test_neighbours_and_the_category_they_give() -> None:
    found, space = examples(
        Labelled("green tea bags", "Tea", {"x": ("green",)}),
        Labelled("black tea bags", "Tea", {"x": ("black",)}),
        Labelled("leather shoes", "Shoes", {"x": ("leather",)}),
    )
    neighbours = Neighbours(found)
    ((row, similarity),) = neighbours.nearest(found[:1] + found[1:], k=1, own=True)[0]
    assert row == 1
    assert 0 < similarity < 1
    asked = [Example(tokenize("white tea bags"), -1), Example(tokenize("suede shoes"), -1)]
    guessed = [space.categories[one.category] for one in neighbours.with_category(asked)]
    assert guessed == ["Tea", "Shoes"]
    ((row, similarity),) = neighbours.nearest([found[2]], k=3, own=False)[0]
    assert (row, similarity) == (2, pytest.approx(1.0, abs=1e-5))


def test_choice() -> None:
    """One colour only, its best; two flavours that do not overlap; the threshold; last mention."""
    space = AttributeSpace(("Colour", "Flavour"), ("",), ((0, 1),), (False, True), 2)
    tokens = tokenize("red mint red lemon mint")
    spans = [(0, (0, 0), 0.8), (0, (2, 2), 0.8), (0, (1, 1), 0.5), (1, (1, 1), 0.9),
             (1, (3, 3), 0.6), (1, (3, 4), 0.4), (1, (4, 4), 0.7), (1, (0, 0), 0.2)]  # fmt: skip
    candidates = [Candidate(a, a, span, ()) for a, span, _ in spans]
    scores = np.array([each for _, _, each in spans])
    found = choose(tokens, candidates, scores, space, threshold=0.3)
    assert [(one.attribute, one.value, one.start) for one in found] == [
        ("Colour", "red", 9), ("Flavour", "mint", 4), ("Flavour", "lemon", 13),
    ]  # fmt: skip
    assert [one.confidence for one in found] == [0.8, 0.9, 0.6]
    assert choose(tokens, candidates, scores, space, threshold=0.95) == []


def test_checkpoints_survive_and_damage_is_noticed(tmp_path) -> None:  # type: ignore[no-untyped-def]
    generator = np.random.default_rng(0)

    def random(*shape: int) -> np.ndarray:
        return generator.normal(size=shape).astype(np.float32)

    readouts = [
        (
            TagReadout(random(n, 5)),
            SpanReadout(random(2, n, 3), random(2)),
            TagReadout(random(n, 5)),
        )
        for n in (4, 1, 7)
    ]
    checkpoints = Checkpoints(tmp_path, key="k")
    assert checkpoints.load("fold-0") is None
    checkpoints.save("fold-0", pack(readouts), seconds=1.5)
    stored = Checkpoints(tmp_path, key="k").load("fold-0")
    assert stored is not None
    assert stored[1] == 1.5
    for (tags, spans, crf), (tags_, spans_, crf_) in zip(readouts, unpack(stored[0]), strict=True):
        assert tags_ is not None
        assert spans_ is not None
        assert np.array_equal(tags.logp, tags_.logp)
        assert np.array_equal(crf.logp, crf_.logp)
        assert np.array_equal(spans.logp, spans_.logp)
        assert np.array_equal(spans.unsaid, spans_.unsaid)
    assert Checkpoints(tmp_path, key="other").load("fold-0") is None
    file = tmp_path / "k" / "fold-0.npz"
    file.write_bytes(file.read_bytes()[:200])
    assert checkpoints.load("fold-0") is None
    alone = unpack(pack([(None, None, readouts[0][2])]))
    assert alone[0][:2] == (None, None)
