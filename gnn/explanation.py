"""The shape of a reason: paths through the graph with what each adds to the score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

NodeLabel: TypeAlias = Literal["User", "Item", "Entity"]


@dataclass(frozen=True, slots=True)
class PathNode:
    """A node of a path; ``kind`` is the entity's kind (``colour``), empty for the others."""

    label: NodeLabel
    id: str
    name: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class PathStep:
    """One relationship as the graph has it: ``start -relationship-> end``.

    A path is drawn from the user to the item; a step whose ``start`` lies nearer to the item
    (item -HAS_COLOUR-> entity, at the far end) is walked against its arrow. ``stored`` is
    False for what the model computed (similar pictures, co-purchase) and the graph does not
    hold as a relationship. ``properties``: event, at_s, confidence, people (5 or more).
    """

    start: PathNode
    relationship: str
    end: PathNode
    properties: Mapping[str, str | float] = field(default_factory=dict)
    stored: bool = True


@dataclass(frozen=True, slots=True)
class ExplainedPath:
    """user -INTERACTED-> owned item -...-> item, with what it adds to the score.

    ``relation``: the evidence's name (entity kind, ``text``, ``image``, ``bought_together``,
    ...). ``credit``: score lost when this evidence alone is taken away. ``share``: of the
    whole score, in [0, 1]. ``text``: the path in words.
    """

    steps: tuple[PathStep, ...]
    relation: str
    credit: float
    share: float
    text: str


@dataclass(frozen=True, slots=True)
class Reason:
    """The one-line reason beside a recommended item and the best path behind it."""

    text: str
    path: ExplainedPath | None = None


@dataclass(frozen=True, slots=True)
class OwnedCredit:
    """Exact credit of one owned item: these and the constant add up to the score."""

    item_id: str
    title: str
    event: str
    credit: float
    share: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why ``item_id`` for ``user_id``: best path first.

    ``sum(o.credit for o in owned) + constant == score``. Shares are of all that speaks for
    the item (positive credits and constant). ``unexplained``: the share in [0, 1] that no
    shown path accounts for. ``language`` is the one asked for.
    """

    user_id: str
    item_id: str
    score: float
    strategy: str
    language: str
    sentence: str
    paths: tuple[ExplainedPath, ...]
    owned: tuple[OwnedCredit, ...]
    constant: float
    unexplained: float
