"""Modalities that exclude each other: text says red, the picture says blue."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.agreement import SINGLE_VALUED, Claim, Guess, independent, odds
from kg.canonical import Fits
from kg.items import Modality

if TYPE_CHECKING:
    from kg.resolution import Statement

#: Modalities that state; of the two in a conflict they stand second.
_STATED: Mapping[Modality, int] = {"column": 1, "person": 2}


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two modalities that exclude each other; ``score`` in [0, 1]: how sure both are."""

    kind: str
    entity: str
    modality: Modality
    confidence: float
    other: str  # entity id; what columns and people say stands here
    other_modality: Modality
    other_confidence: float

    @property
    def score(self) -> float:
        """Product of the two confidences."""
        return round(self.confidence * self.other_confidence, 4)

    def line(self) -> str:
        """As the graph keeps it in ``Item.conflicts``: fields separated by tabs, in this order:
        score, kind, then entity, modality and confidence of each side. Ids have no tabs."""
        parts = (
            *(self.score, self.kind, self.entity, self.modality, self.confidence),
            *(self.other, self.other_modality, self.other_confidence),
        )
        return "\t".join(map(str, parts))


def conflicts(statements: Iterable[Statement], fits: Fits) -> list[Conflict]:
    """Of one item, the surest first: for each pair of modalities, the surest of each.

    Extractors contradict what columns and people state of any kind, one another only in kinds
    of which an item has one value. Two that agree on something are in no conflict.
    """
    by_kind: dict[str, dict[Modality, list[Statement]]] = {}
    for one in statements:
        by_kind.setdefault(one.kind, {}).setdefault(one.modality, []).append(one)
    found = [
        one
        for kind, by_modality in by_kind.items()
        if len(by_modality) > 1
        for one in _of_kind(kind, by_modality, fits)
    ]
    return sorted(found, key=lambda one: (-one.score, one.kind, one.modality, one.other_modality))


def _of_kind(
    kind: str, by_modality: Mapping[Modality, Sequence[Statement]], fits: Fits
) -> Iterator[Conflict]:
    modalities = sorted(by_modality, key=lambda one: (_STATED.get(one, 0), one))
    for at, first in enumerate(modalities):
        for second in modalities[at + 1 :]:
            stated = second in _STATED and first not in _STATED
            ours, theirs = by_modality[first], by_modality[second]
            if (not stated and kind not in SINGLE_VALUED) or any(
                fits(kind, one.entity, other.entity) for one in ours for other in theirs
            ):
                continue
            one, other = _surest(ours), _surest(theirs)
            yield Conflict(
                *(kind, one.entity, first, one.confidence),
                *(other.entity, second, other.confidence),
            )


def against(entity: str, kind: str, claims: Mapping[str, Sequence[Claim]], fits: Fits) -> float:
    """Odds of the likeliest value that excludes ``entity``: ``Guess.against``.

    ``claims``: by entity of ``kind``. A modality that agrees on something with those that say
    what fits ``entity`` is not against it: red by text, red and orange by picture.
    """
    if kind not in SINGLE_VALUED or len(claims) < 2:
        return 0.0
    fitting = [other for other in claims if fits(kind, entity, other)]
    friendly = {claim.modality for other in fitting for claim in claims[other]}
    said = [other for other in claims if any(one.modality in friendly for one in claims[other])]
    for other, of_other in claims.items():
        if any(fits(kind, other, one) for one in said):
            friendly |= {claim.modality for claim in of_other}
    strongest = max(
        (
            independent(Guess(kind, tuple(one for one in rival if one.modality not in friendly)))
            for other, rival in claims.items()
            if other not in fitting
        ),
        default=0.0,
    )
    return odds(strongest) if strongest > 0.0 else 0.0


def _surest(statements: Sequence[Statement]) -> Statement:
    return min(statements, key=lambda one: (-one.confidence, one.entity))
