"""Labelled texts as the models see them: tokens, attribute indices, spans of tokens."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from kg.errors import DataError
from kg.extraction.learned.labelled import Labelled
from kg.extraction.learned.tokens import Tokens, tokenize
from kg.rejects import Rejects

#: First and last token, both included.
Span: TypeAlias = tuple[int, int]
_LONGEST = 24


@dataclass(frozen=True, slots=True)
class AttributeSpace:
    """What can be said: ``of_category[c]`` are the indices of the attributes seen there.

    ``several[a]``: a text may have more than one value of attribute a. ``longest`` is the
    length in tokens that 99.5 % of the values do not exceed.
    """

    attributes: tuple[str, ...]
    categories: tuple[str, ...]
    of_category: tuple[tuple[int, ...], ...]
    several: tuple[bool, ...]
    longest: int


@dataclass(frozen=True, slots=True)
class Example:
    """``spans[a]``: the last mention of each value of attribute index a, in the text's order."""

    tokens: Tokens
    category: int
    spans: Mapping[int, tuple[Span, ...]] = field(default_factory=dict)
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def mentions(tokens: Tokens, value: str) -> list[Span]:
    """Where ``value`` stands on token boundaries; in other case only where not as written."""
    value = value.strip()
    begins = {start: index for index, start in enumerate(tokens.starts)}
    ends = {end: index for index, end in enumerate(tokens.ends)}
    for text, wanted in ((tokens.text, value), (tokens.text.lower(), value.lower())):
        found = []
        at = text.find(wanted)
        while wanted and at >= 0:
            if at in begins and at + len(wanted) in ends:
                found.append((begins[at], ends[at + len(wanted)]))
            at = text.find(wanted, at + 1)
        if found:
            return found
    return []


def build_space(examples: Sequence[Labelled]) -> AttributeSpace:
    """Attributes and categories in order of name; DataError where there is no attribute."""
    attributes = sorted({name for one in examples for name in one.values})
    if not attributes:
        raise DataError("examples", column="labels", value="none", expected="at least one value")
    index = {name: position for position, name in enumerate(attributes)}
    categories = sorted({one.category for one in examples})
    seen: dict[str, set[int]] = {name: set() for name in categories}
    stated: Counter[str] = Counter()
    several: Counter[str] = Counter()
    lengths = []
    for one in examples:
        for name, values in one.values.items():
            seen[one.category].add(index[name])
            stated[name] += 1
            several[name] += len(values) > 1
            lengths += [len(tokenize(value)) for value in values]
    return AttributeSpace(
        tuple(attributes),
        tuple(categories),
        tuple(tuple(sorted(seen[name])) for name in categories),
        # One row with two values among hundreds is a slip of the pen, not a rule.
        tuple(several[name] > 0.02 * stated[name] for name in attributes),
        int(min(_LONGEST, max(1, np.quantile(lengths, 0.995)))),
    )


def to_examples(labelled: Sequence[Labelled], space: AttributeSpace) -> list[Example]:
    """An example a row; values that are not in the text, on token boundaries, have no span."""
    index = {name: position for position, name in enumerate(space.attributes)}
    categories = {name: position for position, name in enumerate(space.categories)}
    found = []
    for one in labelled:
        tokens = tokenize(one.text)
        spans: dict[int, tuple[Span, ...]] = {}
        for name, values in one.values.items():
            places = [mentions(tokens, value) for value in values]
            last = sorted({where[-1] for where in places if where})
            if last:
                spans[index[name]] = tuple(last)
        found.append(Example(tokens, categories[one.category], spans, one.values))
    return found


def reject_unspelt(
    labelled: Sequence[Labelled],
    examples: Sequence[Example],
    *,
    learned: Set[tuple[str, str]],
    rejects: Rejects,
    source: str,
) -> None:
    """Reject each value that is not in its text, but for those (attribute, value) ``learned``."""
    for one, example in zip(labelled, examples, strict=True):
        for name, values in one.values.items():
            for value in values:
                if (name, value) not in learned and not mentions(example.tokens, value):
                    expected = "a piece of the text, in whole words"
                    rejects.add(
                        DataError(source, row=one.row, column=name, value=value, expected=expected)
                    )
