"""A learned model in use: texts in, attributes with confidence and their place out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kg.errors import ConfigError
from kg.extraction.learned.checkpoints import Readouts
from kg.extraction.learned.choice import Found, choose
from kg.extraction.learned.crf import CrfTagger
from kg.extraction.learned.examples import AttributeSpace, Example
from kg.extraction.learned.implied import Implied
from kg.extraction.learned.network_reader import NetworkReader
from kg.extraction.learned.ranker import Ranker
from kg.extraction.learned.ranking import SPEEDS, Speed, to_ranked
from kg.extraction.learned.token_features import Memory, TokenEvidence
from kg.extraction.learned.tokens import tokenize
from kg.extraction.learned.word_counts import WordCounts

_TOGETHER = 256


@dataclass(frozen=True, slots=True, eq=False)
class RankerInForce:
    """A ranker and the least probability at which it speaks."""

    ranker: Ranker
    threshold: float


class LearnedModel:
    """Made by `artifact.load_model`; ``info`` is the manifest without the list of files."""

    def __init__(
        self,
        *,
        space: AttributeSpace,
        examples: Sequence[Example],
        crf: CrfTagger,
        network: NetworkReader | None,
        rankers: Mapping[Speed, RankerInForce],
        implied: Implied,
        version: str,
        info: Mapping[str, Any],
    ) -> None:
        self.space = space
        self.version = version
        self.info = info
        self._crf, self._network, self._rankers = crf, network, dict(rankers)
        self._implied = implied
        self._memory = Memory(examples, space)
        self._counts = WordCounts(examples)
        self._categories = {name: index for index, name in enumerate(space.categories)}

    def extract(
        self,
        texts: Sequence[str],
        categories: Sequence[str] | None = None,
        *,
        speed: Speed = "best",
    ) -> list[list[Found]]:
        """Values of each text, by attribute, then by place; ``value`` is the text from ``start``
        to ``end``, or what the words there imply.

        A category that is not known (or none given) is taken from the most similar labelled
        texts. ConfigError: unknown ``speed``.
        """
        if speed not in SPEEDS:
            raise ConfigError(f"speed {speed!r}: known are {', '.join(SPEEDS)}")
        found: list[list[Found]] = [[] for _ in texts]
        tokens = [tokenize(text) for text in texts]
        rows = [row for row, one in enumerate(tokens) if len(one)]
        for at in range(0, len(rows), _TOGETHER):
            chosen = rows[at : at + _TOGETHER]
            named = [categories[row] if categories is not None else "" for row in chosen]
            examples = [
                Example(tokens[row], self._categories.get(name, -1))
                for row, name in zip(chosen, named, strict=True)
            ]
            examples = self._memory.neighbours.with_category(examples)
            for row, values in zip(chosen, self._some(examples, speed), strict=True):
                found[row] = values
        return found

    def _some(self, examples: Sequence[Example], speed: Speed) -> list[list[Found]]:
        evidence = self._memory.evidence(examples, own=False)
        in_force = self._rankers.get(speed) or self._rankers["fast"]
        texts = to_ranked(
            examples, evidence, self._read(examples, evidence, speed),
            memory=self._memory, counts=self._counts, own=False,
        )  # fmt: skip
        scores = in_force.ranker.score(texts)
        found = [
            choose(one.tokens, one.candidates, each, self.space, threshold=in_force.threshold)
            for one, each in zip(texts, scores, strict=True)
        ]
        return [
            self._implied.add_to(example, each)
            for example, each in zip(examples, found, strict=True)
        ]

    def _read(
        self, examples: Sequence[Example], evidence: Sequence[TokenEvidence], speed: Speed
    ) -> list[Readouts]:
        crf = [
            self._crf.read(example, seen) for example, seen in zip(examples, evidence, strict=True)
        ]
        if speed == "fast" or self._network is None:
            return [(None, None, one) for one in crf]
        both = self._network.read(examples, evidence)
        return [(tags, spans, one) for (tags, spans), one in zip(both, crf, strict=True)]
