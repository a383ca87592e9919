"""Conditional random fields, one a category (Lafferty et al. 2001; crfsuite): quick to learn.

Categories with few examples share one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pycrfsuite  # type: ignore[import-untyped]

from kg.extraction.learned.crf_features import crf_features
from kg.extraction.learned.examples import AttributeSpace, Example
from kg.extraction.learned.readouts import TagReadout
from kg.extraction.learned.token_features import TokenEvidence

_SMALLEST = 1e-6
#: Examples from which on a category has a model of its own.
_ENOUGH = 40


@dataclass(frozen=True, slots=True)
class CrfConfig:
    """Penalties and iterations of L-BFGS."""

    l1: float = 0.02
    l2: float = 0.2
    iterations: int = 60


class CrfTagger:
    """``models``: category -> model; ``read`` gives marginals in the form the network gives."""

    def __init__(self, models: Mapping[int, bytes], space: AttributeSpace) -> None:
        self.models = dict(models)
        self._space = space
        self._taggers = {}
        opened: dict[int, Any] = {}
        for category, model in self.models.items():
            # Categories that share a model share its bytes. crfsuite reads from this memory
            # and does not keep it: `models` does.
            if id(model) not in opened:
                opened[id(model)] = pycrfsuite.Tagger()
                opened[id(model)].open_inmemory(model)
            self._taggers[category] = opened[id(model)]

    def read(self, example: Example, evidence: TokenEvidence) -> TagReadout:
        """Marginal log-probabilities (n, 1 + 2 a), at least log 1e-6.

        Where no model knows the category, none of the attributes is anywhere.
        """
        attributes = self._space.of_category[example.category]
        names = ["O", *(f"{kind}{a}" for a in attributes for kind in "BI")]
        size = len(example.tokens)
        found = np.full((size, len(names)), _SMALLEST, np.float32)
        tagger = self._taggers.get(example.category)
        if tagger is None or not size:
            found[:, 0] = 1.0
            return TagReadout(np.log(found))
        tagger.set(crf_features(example, evidence, self._space))
        known = set(tagger.labels())
        for column, name in enumerate(names):
            if name in known:
                for index in range(size):
                    found[index, column] = max(tagger.marginal(name, index), _SMALLEST)
        return TagReadout(np.log(found))


def train_crfs(
    examples: Sequence[Example],
    evidence: Sequence[TokenEvidence],
    *,
    space: AttributeSpace,
    config: CrfConfig,
    on_model: Callable[[int, int], None],
) -> CrfTagger:
    """Category -> model; ``on_model(done, total)`` after each."""
    rows: dict[int, list[int]] = {}
    for row, example in enumerate(examples):
        rows.setdefault(example.category, []).append(row)
    large = {category: each for category, each in rows.items() if len(each) >= _ENOUGH}
    groups: list[tuple[tuple[int, ...], list[int]]] = [
        ((category,), each) for category, each in sorted(large.items())
    ]
    small = sorted(set(rows) - set(large))
    if small:
        groups.append((tuple(small), [row for category in small for row in rows[category]]))
    models: dict[int, bytes] = {}
    for done, (categories, chosen) in enumerate(groups, start=1):
        model = _train(
            [examples[row] for row in chosen],
            [evidence[row] for row in chosen],
            space=space,
            config=config,
        )
        models.update(dict.fromkeys(categories, model))
        on_model(done, len(groups))
    return CrfTagger(models, space)


def _train(
    examples: Sequence[Example],
    evidence: Sequence[TokenEvidence],
    *,
    space: AttributeSpace,
    config: CrfConfig,
) -> bytes:
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params(
        {
            "c1": config.l1,
            "c2": config.l2,
            "max_iterations": config.iterations,
            "feature.possible_transitions": True,
        }
    )
    for example, known in zip(examples, evidence, strict=True):
        if len(example.tokens):
            trainer.append(crf_features(example, known, space), _tags(example))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        trainer.train(str(path))
        return path.read_bytes()


def _tags(example: Example) -> list[str]:
    """A tag a token: O, B and I with the attribute's index; the longer of two that overlap."""
    tags = ["O"] * len(example.tokens)
    spans = [(last - first, first, last, a) for a, each in example.spans.items()
             for first, last in each]  # fmt: skip
    for _, first, last, attribute in sorted(spans):
        tags[first : last + 1] = [f"B{attribute}"] + [f"I{attribute}"] * (last - first)
    return tags
