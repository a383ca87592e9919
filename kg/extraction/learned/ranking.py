"""From read-outs to a trained ranker: candidates, their features, the threshold, the scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kg.extraction.learned.candidate_features import candidate_features
from kg.extraction.learned.candidates import Candidate, Reading, candidates
from kg.extraction.learned.checkpoints import Readouts
from kg.extraction.learned.choice import as_values, choose
from kg.extraction.learned.examples import AttributeSpace, Example
from kg.extraction.learned.ranker import Ranked, Ranker, RankerConfig, train_ranker
from kg.extraction.learned.scoring import Scores, score
from kg.extraction.learned.token_features import Memory, TokenEvidence
from kg.extraction.learned.word_counts import WordCounts

#: ``fast``: CRF and ranker; ``best``: the network too.
Speed: TypeAlias = Literal["fast", "best"]
SPEEDS: tuple[Speed, ...] = ("fast", "best")
_THRESHOLDS = np.arange(0.15, 0.66, 0.025)


@dataclass(frozen=True, slots=True, eq=False)
class TrainedRanker:
    """``threshold`` is the best strict micro-F1's on held-out folds, ``scores`` are theirs."""

    ranker: Ranker
    threshold: float
    scores: Scores


def to_ranked(
    examples: Sequence[Example],
    evidence: Sequence[TokenEvidence],
    readouts: Sequence[Readouts],
    *,
    memory: Memory,
    counts: WordCounts,
    own: bool,
) -> list[Ranked]:
    """Candidates of each text with features; ``own=True``: the texts are the training itself."""
    space = memory.space
    found = []
    for example, known, (tags, spans, crf) in zip(examples, evidence, readouts, strict=True):
        reading = Reading(
            example,
            known,
            (tags, crf) if tags is not None else (crf,),
            (spans,) if spans is not None else (),
        )
        proposed = candidates(reading, space)
        features = candidate_features(
            reading, proposed, space, counts, memory.neighbours.examples, own=own
        )
        right = _right(example, proposed, space) if own else None
        found.append(Ranked(example.tokens, proposed, features, right))
    return found


def learn_ranker(
    examples: Sequence[Example],
    evidence: Sequence[TokenEvidence],
    readouts: Sequence[Readouts],
    *,
    memory: Memory,
    counts: WordCounts,
    folds: NDArray[np.int64],
    config: RankerConfig,
    seed: int,
) -> TrainedRanker:
    """The ranker of ``readouts`` that were made without each text's fold."""
    texts = to_ranked(examples, evidence, readouts, memory=memory, counts=counts, own=True)
    ranker, outside = train_ranker(texts, folds, config=config, seed=seed)
    stated = [one.values for one in examples]
    tried = []
    for threshold in _THRESHOLDS:
        found = [
            as_values(
                choose(one.tokens, one.candidates, each, memory.space, threshold=float(threshold))
            )
            for one, each in zip(texts, outside, strict=True)
        ]
        tried.append((score(stated, found), float(threshold)))
    best, threshold = max(tried, key=lambda one: one[0].strict.micro)
    return TrainedRanker(ranker, round(threshold, 4), best)


def _right(
    example: Example, proposed: Sequence[Candidate], space: AttributeSpace
) -> NDArray[np.bool_]:
    truth = {name: {one.strip() for one in values} for name, values in example.values.items()}
    return np.array(
        [
            example.tokens.quote(*one.span) in truth.get(space.attributes[one.attribute], ())
            for one in proposed
        ],
        bool,
    )
