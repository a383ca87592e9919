"""What a model says of one text: probabilities of tags and of spans, over its category."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax

from kg.extraction.learned.examples import Span

FloatArray = NDArray[np.float32]
_NEVER = np.float32(-1e4)


@dataclass(frozen=True, slots=True, eq=False)
class TagReadout:
    """``logp`` (n, 1 + 2 a): of none, then begin and inside of each of the a attributes."""

    logp: FloatArray

    @property
    def begin(self) -> FloatArray:
        """(n, a) log-probabilities that a value begins here."""
        return self.logp[:, 1::2]

    @property
    def inside(self) -> FloatArray:
        """(n, a) log-probabilities that a value goes on here."""
        return self.logp[:, 2::2]

    def span_logp(self, span: Span, attribute: int) -> float:
        """Log-probability of exactly this span, tokens taken as independent."""
        first, last = span
        total = float(self.begin[first, attribute])
        total += float(self.inside[first + 1 : last + 1, attribute].sum())
        if last + 1 < len(self.logp):
            after = float(np.exp(self.inside[last + 1, attribute]))
            total += float(np.log(max(1.0 - after, 1e-6)))
        return total


@dataclass(frozen=True, slots=True, eq=False)
class SpanReadout:
    """``logp[a, s, l]`` (a, n, longest): of the span of l + 1 tokens from s; ``unsaid`` (a,)."""

    logp: FloatArray
    unsaid: FloatArray

    def span_logp(self, span: Span, attribute: int) -> float:
        """Log-probability of the span, -20 where it is longer than any that was learned."""
        first, last = span
        if last - first >= self.logp.shape[2]:
            return -20.0
        return max(float(self.logp[attribute, first, last - first]), -20.0)

    def best(self, attribute: int, count: int) -> list[tuple[Span, float]]:
        """The ``count`` likeliest spans with their log-probabilities."""
        flat = self.logp[attribute].ravel()
        longest = self.logp.shape[2]
        count = min(count, len(flat))
        top = np.argpartition(-flat, count - 1)[:count] if count else np.zeros(0, int)
        top = top[np.argsort(-flat[top], kind="stable")]
        return [
            ((int(place // longest), int(place // longest + place % longest)), float(flat[place]))
            for place in top
        ]


def tag_readout(logits: FloatArray, attributes: tuple[int, ...], size: int) -> TagReadout:
    """From (N, 1 + 2A) logits over all attributes: those of a category, the first ``size`` rows."""
    columns = [0, *(1 + 2 * a + inside for a in attributes for inside in (0, 1))]
    return TagReadout(log_softmax(logits[:size][:, columns], axis=1).astype(np.float32))


def span_readout(
    start: FloatArray,
    end: FloatArray,
    left: FloatArray,
    right: FloatArray,
    unsaid: FloatArray,
    *,
    pair: FloatArray,
    length: FloatArray,
    attributes: tuple[int, ...],
    size: int,
) -> SpanReadout:
    """The same numbers as `network.TokenNetwork.span_logits`, normalised, for one text."""
    chosen = list(attributes)
    start, end = start[:size][:, chosen], end[:size][:, chosen]
    left, right = left[:size], right[:size]
    longest = length.shape[1]
    logits = np.full((len(chosen), size, longest), _NEVER, np.float32)
    for more in range(min(longest, size)):
        rows = size - more
        together = (left[:rows] * right[more:]) @ pair[chosen].T
        total = start[:rows] + end[more:] + together + length[chosen, more]
        logits[:, :rows, more] = total.T
    flat = np.concatenate([unsaid[chosen][:, np.newaxis], logits.reshape(len(chosen), -1)], axis=1)
    logp = log_softmax(flat, axis=1).astype(np.float32)
    return SpanReadout(logp[:, 1:].reshape(logits.shape), logp[:, 0])
