"""Spans that may be an attribute's value: what any of the models or the known values propose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from kg.extraction.learned.decoding import best_spans
from kg.extraction.learned.examples import AttributeSpace, Example, Span
from kg.extraction.learned.readouts import SpanReadout, TagReadout
from kg.extraction.learned.token_features import TokenEvidence

_BEST = 6
_LEAST = -7.0  # log-probability
_KNOWN = 0.15


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """All that is known of one text before the ranker: evidence and the models' read-outs."""

    example: Example
    evidence: TokenEvidence
    tags: tuple[TagReadout, ...]
    spans: tuple[SpanReadout, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """``slot`` is the attribute's place in its category; ``votes``: which tag models chose it."""

    attribute: int
    slot: int
    span: Span
    votes: tuple[bool, ...]


#: Spans by attribute's place -> which models' best tags they are.
Votes: TypeAlias = dict[tuple[int, Span], tuple[bool, ...]]


def candidates(reading: Reading, space: AttributeSpace) -> list[Candidate]:
    """By attribute, then by place. A mention that stands again later is left to its last."""
    example = reading.example
    size = len(example.tokens)
    attributes = space.of_category[example.category]
    votes: Votes = {}
    for model, readout in enumerate(reading.tags):
        for slot, spans in best_spans(readout).items():
            for span in spans:
                for near in _around(span, size):
                    _vote(votes, slot, near, model if near == span else None, reading)
    for spans_readout in reading.spans:
        for slot in range(len(attributes)):
            best = spans_readout.best(slot, _BEST)
            for span, logp in best:
                if logp > _LEAST and span[1] < size:
                    _vote(votes, slot, span, None, reading)
    slots = {attribute: slot for slot, attribute in enumerate(attributes)}
    for one in reading.evidence.known:
        if one.precision >= _KNOWN and one.attribute in slots:
            _vote(votes, slots[one.attribute], (one.first, one.last), None, reading)
    return [
        Candidate(attributes[slot], slot, span, votes[slot, span]) for slot, span in sorted(votes)
    ]


def _vote(votes: Votes, slot: int, span: Span, model: int | None, reading: Reading) -> None:
    before = votes.get((slot, span), (False,) * len(reading.tags))
    votes[slot, span] = tuple(voted or index == model for index, voted in enumerate(before))


def _around(span: Span, size: int) -> Sequence[Span]:
    first, last = span
    shifted = [(first + left, last + right) for left in (-1, 0, 1) for right in (-1, 0, 1)]
    return [(a, b) for a, b in shifted if 0 <= a <= b < size]
