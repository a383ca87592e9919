"""Numbers of a candidate span, for the ranker: what models, known values and near texts say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from kg.extraction.learned.candidates import Candidate, Reading
from kg.extraction.learned.examples import AttributeSpace, Example
from kg.extraction.learned.readouts import FloatArray, SpanReadout, TagReadout
from kg.extraction.learned.tokens import Tokens
from kg.extraction.learned.word_counts import WordCounts

#: The first two columns are classes, not amounts.
CLASSES = (0, 1)
_LEAST = -20.0


def candidate_features(
    reading: Reading,
    found: Sequence[Candidate],
    space: AttributeSpace,
    counts: WordCounts,
    training: Sequence[Example],
    *,
    own: bool,
) -> FloatArray:
    """(candidates, features) float32; ``own=True``: the text is one of the training itself."""
    if not found:
        return np.zeros((0, 0), np.float32)
    parts = [_place(reading.example, found, counts, own=own)]
    for spans in reading.spans:
        parts.append(_of_spans(spans, found))
    for model, tags in enumerate(reading.tags):
        parts.append(_of_tags(tags, found, model))
    parts.append(_of_known(reading, found))
    parts.append(_of_near(reading, found, training))
    return np.concatenate(parts, axis=1)


def _place(
    example: Example, found: Sequence[Candidate], counts: WordCounts, *, own: bool
) -> FloatArray:
    tokens = example.tokens
    size = len(tokens)
    reader = counts.reader(example, own=own)
    kinds = [_kind(tokens, index) for index in range(-1, size + 1)]
    rates = {a: counts.rate(example, a, own=own) for a in {one.attribute for one in found}}
    lower = tokens.lower
    rows = []
    for one in found:
        a = one.attribute
        first, last = one.span
        words = lower[first : last + 1]
        before = lower[first - 1] if first else ""
        after = lower[last + 1] if last + 1 < size else ""
        shares = [reader.share(a, "in", word) for word in words]
        rows.append(
            (
                a,
                example.category,
                size,
                last - first + 1,
                tokens.ends[last] - tokens.starts[first],
                first,
                size - 1 - last,
                first / size,
                kinds[first],
                kinds[last + 2],
                kinds[first + 1],
                kinds[last + 1],
                any(word in ",()[]" for word in words),
                _again(lower, words, last + 1),
                _again(lower[:first], words, 0),
                rates[a],
                reader.share(a, "begin", words[0]),
                reader.share(a, "end", words[-1]),
                min(shares),
                sum(shares) / len(shares),
                reader.share(a, "in", before) if before else 0.0,
                reader.share(a, "begin", before) if before else 0.0,
                reader.share(a, "in", after) if after else 0.0,
                reader.share(a, "end", after) if after else 0.0,
                reader.seen(words[0]),
                reader.seen(words[-1]),
                min(reader.seen(word) for word in words),
                sum(one.votes),
            )
        )
    return np.array(rows, np.float32)


def _of_spans(spans: SpanReadout, found: Sequence[Candidate]) -> FloatArray:
    size, longest = spans.logp.shape[1:]
    starts = logsumexp(spans.logp, axis=2)
    ends = np.full_like(starts, _LEAST)
    for more in range(min(longest, size)):
        ends[:, more:] = np.logaddexp(ends[:, more:], spans.logp[:, : size - more, more])
    best = spans.logp.max(axis=(1, 2))
    rows = []
    for one in found:
        first, last = one.span
        slot = one.slot
        logp = spans.span_logp(one.span, slot)
        if last - first < longest:
            column = spans.logp[:, first, last - first]
            rival = max(float(np.delete(column, slot).max(initial=_LEAST)), _LEAST)
        else:
            rival = _LEAST
        rows.append(
            (
                logp,
                logp - float(best[slot]),
                float(spans.unsaid[slot]),
                max(float(starts[slot, first]), _LEAST),
                max(float(ends[slot, last]), _LEAST),
                rival,
            )
        )
    return np.array(rows, np.float32)


def _of_tags(tags: TagReadout, found: Sequence[Candidate], model: int) -> FloatArray:
    p = np.exp(tags.logp)
    begin, inside, none = p[:, 1::2], p[:, 2::2], p[:, 0]
    own = begin + inside
    sums = np.concatenate([np.zeros((1, own.shape[1]), np.float32), own.cumsum(axis=0)])
    nones = np.concatenate([[0.0], none.cumsum()])
    size = len(p)
    rows = []
    for one in found:
        first, last = one.span
        slot = one.slot
        length = last - first + 1
        within = float(sums[last + 1, slot] - sums[first, slot])
        without = float(nones[last + 1] - nones[first])
        rows.append(
            (
                tags.span_logp(one.span, slot),
                float(begin[first, slot]),
                within / length,
                float(sums[-1, slot]) - within,
                float(sums[-1, slot] - sums[last + 1, slot]),
                without / length,
                1.0 - (within + without) / length,
                float(inside[last + 1, slot]) if last + 1 < size else 0.0,
                float(own[first - 1, slot]) if first else 0.0,
                float(inside[first, slot]),
                float(none[last + 1]) if last + 1 < size else 1.0,
                float(none[first - 1]) if first else 1.0,
                one.votes[model],
            )
        )
    return np.array(rows, np.float32)


def _of_known(reading: Reading, found: Sequence[Candidate]) -> FloatArray:
    exact = {}
    by_attribute: dict[int, list[tuple[int, int, int]]] = {}
    others: dict[tuple[int, int], int] = {}
    for one in reading.evidence.known:
        exact[one.attribute, one.first, one.last] = one
        by_attribute.setdefault(one.attribute, []).append((one.first, one.last, one.count))
        others[one.first, one.last] = others.get((one.first, one.last), 0) + one.count
    rows = []
    for candidate in found:
        first, last = candidate.span
        same = exact.get((candidate.attribute, first, last))
        count = same.count if same else 0
        wider = narrower = elsewhere = 0
        for start, end, times in by_attribute.get(candidate.attribute, ()):
            if (start, end) == (first, last):
                continue
            if start <= first and end >= last:
                wider = max(wider, times)
            elif start >= first and end <= last:
                narrower = max(narrower, times)
            elif start > last or end < first:
                elsewhere = max(elsewhere, times)
        rows.append(
            (
                count,
                same.precision if same else 0.0,
                same.texts if same else 0,
                others.get((first, last), 0) - count,
                wider,
                narrower,
                elsewhere,
            )
        )
    return np.array(rows, np.float32)


def _of_near(
    reading: Reading, found: Sequence[Candidate], training: Sequence[Example]
) -> FloatArray:
    lower = reading.example.tokens.lower
    near = reading.evidence.near
    total = sum(similarity for _, similarity in near) or 1.0
    same: dict[tuple[int, tuple[str, ...]], float] = {}
    other: dict[tuple[str, ...], float] = {}
    stated: dict[int, float] = {}
    lengths: dict[int, float] = {}
    for row, similarity in near:
        example = training[row]
        for attribute, spans in example.spans.items():
            stated[attribute] = stated.get(attribute, 0.0) + similarity
            for first, last in spans:
                words = example.tokens.lower[first : last + 1]
                same[attribute, words] = max(same.get((attribute, words), 0.0), similarity)
                other[words] = max(other.get(words, 0.0), similarity)
                lengths[attribute] = lengths.get(attribute, 0.0) + similarity * (last - first + 1)
    evidence = reading.evidence
    size = len(lower)
    rows = []
    for one in found:
        first, last = one.span
        a = one.attribute
        words = lower[first : last + 1]
        rows.append(
            (
                same.get((a, words), 0.0),
                other.get(words, 0.0),
                stated.get(a, 0.0) / total,
                lengths.get(a, 0.0) / max(stated.get(a, 0.0), 1e-6),
                near[0][1] if near else 0.0,
                evidence.near_begin[first, a],
                evidence.near_inside[last, a],
                evidence.near_inside[last + 1, a] if last + 1 < size else 0.0,
                evidence.near_begin[first - 1, a] if first else 0.0,
                evidence.near_inside[first, a],
            )
        )
    return np.array(rows, np.float32)


def _kind(tokens: Tokens, index: int) -> int:
    """A class of token, in an order that a tree can cut."""
    if index < 0 or index >= len(tokens):
        return 0
    word = tokens.words[index]
    if not word[0].isalnum():
        return (
            1 if word in ",，、;；" else 2 if word in "([{（【" else 3 if word in ")]}）】" else 4
        )
    if word[0].isdigit():
        return 5
    return 6 if word.islower() else 7 if word.istitle() else 8


def _again(lower: tuple[str, ...], words: tuple[str, ...], start: int) -> bool:
    size = len(words)
    return any(lower[at : at + size] == words for at in range(start, len(lower) - size + 1))


def relative(features: NDArray[np.float32], slots: NDArray[np.int64]) -> NDArray[np.float32]:
    """Each column less its highest value among the candidates of the same slot."""
    highest = np.full((int(slots.max(initial=-1)) + 1, features.shape[1]), -np.inf, np.float32)
    np.maximum.at(highest, slots, features)
    return features - highest[slots]
