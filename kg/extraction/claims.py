"""Mentions turned into statements, and statements of several texts into attributes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod

from kg.extraction.lexicon import Canonical
from kg.items import Attribute, Evidence

#: Kinds in the order in which attributes are returned.
KINDS = (
    "category", "brand", "colour", "material", "pattern", "style", "use", "function", "audience",
    "measurement",
)  # fmt: skip
#: A title that states one of these settles it: the description's are about details.
_SETTLED = frozenset({"category", "colour", "pattern"})
#: How far a statement is believed by where it stands.
STATED, TITLE, COMPOSED, VERBATIM, DESCRIPTION, IMPLIED, DETAIL = 0.95, 0.9, 0.9, 0.8, 0.7, 0.6, 0.5


@dataclass(frozen=True, slots=True)
class Claim:
    """One mention turned into a statement; ``stated`` when a spec table's key names its kind."""

    entity: Canonical
    confidence: float
    evidence: Evidence
    title: bool
    stated: bool = False


def merge(claims: Sequence[Claim], refused: set[tuple[str, str]]) -> list[Attribute]:
    """One attribute per (kind, value); titles first, then what descriptions may add.

    ``refused`` are (kind, value) that a description denies; a title's word outweighs it.
    """
    best: dict[tuple[str, str], dict[str, Claim]] = {}
    titled = [claim for claim in claims if claim.title]
    settled = {claim.entity.kind for claim in titled if claim.confidence == TITLE}
    for claim in titled + [_description_claim(one, settled) for one in claims if not one.title]:
        key = (claim.entity.kind, claim.entity.value)
        # In a settled kind a description may confirm a value and not add one; a spec line may.
        added = key not in best and key[0] in settled & _SETTLED and not claim.stated
        if not claim.title and (key in refused or added):
            continue
        rivals = best.setdefault(key, {})
        language = claim.evidence.field.rpartition(".")[2]
        if language not in rivals or claim.confidence > rivals[language].confidence:
            rivals[language] = claim
    found = []
    for (kind, value), by_language in best.items():
        strongest = max(by_language.values(), key=lambda one: one.confidence)
        doubt = prod(1 - claim.confidence for claim in by_language.values())
        confidence = round(min(1 - doubt, 0.97), 4)
        names = {
            language: name
            for claim in by_language.values()
            for language, name in claim.entity.names.items()
        } | dict(strongest.entity.names)
        found.append(Attribute(kind, value, confidence, strongest.evidence, names))
    return sorted(found, key=lambda one: (KINDS.index(one.name), -one.confidence, one.value))


def _description_claim(claim: Claim, settled: set[str]) -> Claim:
    if claim.entity.kind not in settled or claim.stated or claim.entity.kind == "measurement":
        return claim
    return replace(claim, confidence=min(claim.confidence, DETAIL))
