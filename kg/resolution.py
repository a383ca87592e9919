"""What columns, people, texts and pictures say about one item, as statements about entities.

A column is the shop's own word: confidence 1, and where columns state a kind, extractors
only confirm it: a guess of another value of that kind is left out, and where its modality has
nothing that fits the column it is kept as a conflict, which learning does not read. A person
stands above columns. Column values go through the lexicon, so that 红色, Red and RED are one
entity.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from kg.agreement import SINGLE_VALUED, Agreement, Claim, Guess, shares, surest
from kg.canonical import Canonicaliser, Fits
from kg.conflicts import Conflict, against, conflicts
from kg.corrections import Correction, evidence_of
from kg.items import Attribute, CatalogItem, Evidence, Modality
from kg.schema import entity_id

COLUMN_EXTRACTOR = "column"
PERSON: Final = "person"  # modality and extractor of what people state


@dataclass(frozen=True, slots=True)
class Statement:
    """The strongest evidence of one modality that an item has an entity.

    ``confidence`` is this modality's part of ``combined``, the probability that the item has the
    entity given all that is said of it: 1 - prod(1 - part). ``raw``: the extractor's own.
    """

    item_id: str
    kind: str
    entity: str  # entity id
    modality: Modality
    confidence: float
    extractor: str
    evidence: str  # JSON of field, quote, span, region; only those that are known
    name: str
    names: Mapping[str, str]
    combined: float = 1.0
    raw: float = 1.0


@dataclass(slots=True)
class Said:
    """Everything said of an item, before it is weighed: (entity, modality) -> the strongest."""

    item_id: str
    best: dict[tuple[str, Modality], Statement] = field(default_factory=dict)
    claims: dict[str, list[Claim]] = field(default_factory=dict)  # of extractors, by entity
    kinds: dict[str, str] = field(default_factory=dict)  # entity -> kind
    settled: dict[str, set[str]] = field(default_factory=dict)  # kind -> entities that may be
    known: set[str] = field(default_factory=set)  # kinds all of whose columns the lexicon knows

    def of_kind(self, kind: str) -> dict[str, list[Claim]]:
        """What extractors claim of ``kind``, by entity."""
        return {one: claims for one, claims in self.claims.items() if self.kinds[one] == kind}


def gather(
    item: CatalogItem,
    extracted: Iterable[Attribute],
    *,
    canonical: Canonicaliser,
    corrections: Sequence[Correction] = (),
) -> Said:
    """All that is said of ``item``; what a person has denied is not."""
    said = Said(item.id)
    denied = {one.entity for one in corrections if one.says == "no"}
    for statement, known in _of_columns(item, canonical):
        if statement.entity not in denied:
            if statement.kind not in said.settled:
                said.known.add(statement.kind)
            if not known:
                said.known.discard(statement.kind)
            said.settled.setdefault(statement.kind, set()).add(statement.entity)
            _keep(said, statement)
    stated: dict[str, set[str]] = {}
    for one in corrections:
        if one.says == "yes":
            _keep(said, person_statement(one, canonical))
            stated.setdefault(one.kind, set()).add(one.entity)
    fits = Fits(canonical)
    for kind, entities in stated.items():
        if kind in SINGLE_VALUED:
            columns = said.settled.get(kind, set())
            fitting = {one for one in columns if any(fits(kind, one, other) for other in entities)}
            said.settled[kind] = entities | fitting
        elif kind in said.settled:
            said.settled[kind] |= entities
    for attribute in extracted:
        statement = _statement(item.id, attribute, shown=None)
        if statement.entity not in denied:
            claim = Claim(statement.extractor, statement.modality, statement.confidence)
            said.claims.setdefault(statement.entity, []).append(claim)
            _keep(said, statement)
    return said


def settle(
    said: Said, agreement: Agreement, *, canonical: Canonicaliser
) -> tuple[list[Statement], list[Conflict]]:
    """Statements sorted by (entity, modality), and conflicts, the surest first.

    Mentions are not independent (a description repeats its title), so confidences of one
    modality are not added up.
    """
    fits = Fits(canonical)
    statements: dict[tuple[str, Modality], Statement] = {}
    for entity, kind in said.kinds.items():
        settled = said.settled.get(kind)
        if settled is not None and entity not in settled:
            continue
        certain = any((entity, sure) in said.best for sure in (COLUMN_EXTRACTOR, PERSON))
        claims = said.claims.get(entity, [])
        combined, parts = 1.0, surest(claims)
        if not certain:
            guess = Guess(kind, tuple(claims), against(entity, kind, said.of_kind(kind), fits))
            combined = agreement.combined(guess)
            parts = shares(combined, claims)
        for (one, modality), statement in said.best.items():
            if one == entity:
                statements[one, modality] = replace(
                    statement,
                    confidence=parts.get(modality, 1.0),
                    combined=combined,
                    raw=statement.confidence,
                )
    return [statements[key] for key in sorted(statements)], conflicts(said.best.values(), fits)


def resolve(
    item: CatalogItem,
    extracted: Iterable[Attribute],
    *,
    canonical: Canonicaliser,
    corrections: Sequence[Correction] = (),
    agreement: Agreement | None = None,
) -> list[Statement]:
    """The statements of ``settle`` about one item by itself."""
    said = gather(item, extracted, canonical=canonical, corrections=corrections)
    return settle(said, agreement or Agreement(), canonical=canonical)[0]


def lessons(said: Said, *, canonical: Canonicaliser) -> Iterator[tuple[str, Guess, bool]]:
    """(item id, guess, whether columns or people agree) of kinds whose truth is stated.

    Only where the lexicon knows every stated value: elsewhere a right guess may be spelled
    otherwise. A wider or a narrower value than the stated one (navy, blue) is right.
    """
    fits = Fits(canonical)
    for entity, claims in said.claims.items():
        kind = said.kinds[entity]
        if kind in said.known:
            right = any(fits(kind, entity, one) for one in said.settled[kind])
            guess = Guess(kind, tuple(claims), against(entity, kind, said.of_kind(kind), fits))
            yield said.item_id, guess, right


def person_statement(correction: Correction, canonical: Canonicaliser) -> Statement:
    """A person's ``yes`` as a statement of its own modality, so that nothing overwrites it."""
    known = canonical(correction.kind, correction.value)
    names = {} if known is None else known.names
    shown = correction.written or correction.value
    return Statement(
        item_id=correction.item_id,
        kind=correction.kind,
        entity=correction.entity,
        modality=PERSON,
        confidence=1.0,
        extractor=PERSON,
        evidence=evidence_of(correction),
        name=names.get("en") or shown,
        names=names,
    )


def _keep(said: Said, statement: Statement) -> None:
    key = (statement.entity, statement.modality)
    said.kinds[statement.entity] = statement.kind
    if key not in said.best or statement.confidence > said.best[key].confidence:
        said.best[key] = statement


def _of_columns(item: CatalogItem, canonical: Canonicaliser) -> Iterator[tuple[Statement, bool]]:
    """What columns state, and whether the lexicon knows it."""
    for kind, values in item.columns.items():
        for value in values:
            known = canonical(kind, value)
            attribute = Attribute(
                name=kind,
                value=value if known is None else known.value,
                confidence=1.0,
                evidence=Evidence("column", COLUMN_EXTRACTOR, field=kind, quote=value),
                names={} if known is None else known.names,
            )
            shown = value if known is None else None
            yield _statement(item.id, attribute, shown=shown), known is not None


def _statement(item_id: str, attribute: Attribute, *, shown: str | None) -> Statement:
    evidence = attribute.evidence
    parts = {
        "field": evidence.field or None,
        "quote": evidence.quote or None,
        "span": evidence.span,
        "region": evidence.region,
    }
    known = {name: part for name, part in parts.items() if part is not None}
    return Statement(
        item_id=item_id,
        kind=attribute.name,
        entity=entity_id(attribute.name, attribute.value),
        modality=evidence.modality,
        confidence=float(attribute.confidence),
        extractor=evidence.extractor,
        evidence=json.dumps(known, ensure_ascii=False),
        name=shown or attribute.names.get("en") or attribute.value,
        names=attribute.names,
    )
