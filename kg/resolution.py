"""What columns, texts and pictures say about one item, as statements about entities.

A column is the shop's own word: confidence 1, and where columns state a kind, extractors
only confirm it: a guess of another value of that kind is left out. Column values go through
the lexicon, so that 红色, Red and RED are one entity.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from kg.graph import NodeRow, PropertyValue, RelationshipRow
from kg.items import Attribute, CatalogItem, Evidence, Modality
from kg.schema import BROADER, GraphSchema, entity_id

COLUMN_EXTRACTOR = "column"


class CanonicalValue(Protocol):
    """A value that the lexicon knows: its canonical spelling and its names by language."""

    @property
    def value(self) -> str:
        """Canonical spelling, the same for every language."""
        ...

    @property
    def names(self) -> Mapping[str, str]:
        """Language -> display name."""
        ...

    @property
    def broader(self) -> str | None:
        """The canonical value, of the same kind, that is one step wider: navy -> blue."""
        ...


#: (kind, value as written) -> what the lexicon knows of it, None where it knows nothing.
Canonicaliser: TypeAlias = Callable[[str, str], CanonicalValue | None]


@dataclass(frozen=True, slots=True)
class Statement:
    """The strongest evidence of one modality that an item has an entity."""

    item_id: str
    kind: str
    entity: str  # entity id
    modality: Modality
    confidence: float
    extractor: str
    evidence: str  # JSON of field, quote, span, region; only those that are known
    name: str
    names: Mapping[str, str]


def resolve(
    item: CatalogItem, extracted: Iterable[Attribute], *, canonical: Canonicaliser
) -> list[Statement]:
    """Statements sorted by (entity, modality); one for each, the most confident.

    Mentions are not independent (a description repeats its title), so confidences of one
    modality are not added up.
    """
    best: dict[tuple[str, Modality], Statement] = {}
    stated: dict[str, set[str]] = {}
    for kind, values in item.columns.items():
        for value in values:
            known = canonical(kind, value)
            evidence = Evidence("column", COLUMN_EXTRACTOR, field=kind, quote=value)
            attribute = Attribute(
                name=kind,
                value=value if known is None else known.value,
                confidence=1.0,
                evidence=evidence,
                names={} if known is None else known.names,
            )
            statement = _statement(item.id, attribute, shown=value if known is None else None)
            stated.setdefault(kind, set()).add(statement.entity)
            best.setdefault((statement.entity, "column"), statement)
    for attribute in extracted:
        statement = _statement(item.id, attribute, shown=None)
        if statement.kind in stated and statement.entity not in stated[statement.kind]:
            continue
        key = (statement.entity, statement.modality)
        if key not in best or statement.confidence > best[key].confidence:
            best[key] = statement
    return [best[key] for key in sorted(best)]


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


@dataclass(slots=True)
class Entities:
    """Collects the entities of statements; a name does not depend on the order they come in."""

    schema: GraphSchema
    _kinds: dict[str, str] = field(default_factory=dict)
    _names: dict[str, dict[str, int]] = field(default_factory=dict)
    _languages: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, statement: Statement) -> None:
        """SchemaError for a kind outside the schema."""
        self.schema.kind(statement.kind)
        self._add(statement.entity, statement.kind, statement.name, statement.names)

    def _add(self, entity: str, kind: str, name: str, names: Mapping[str, str]) -> None:
        self._kinds[entity] = kind
        counts = self._names.setdefault(entity, {})
        counts[name] = counts.get(name, 0) + 1
        languages = self._languages.setdefault(entity, {})
        for language, spoken in names.items():
            languages[language] = min(spoken, languages.get(language, spoken))

    def widen(self, canonical: Canonicaliser) -> list[RelationshipRow]:
        """Add the entities above those collected, up to the widest, with the lexicon's names.

        Returns BROADER rows, each to the next wider entity (cardigan -> sweater -> tops),
        sorted by narrower id. A wider entity that no item states has no statement, so learning
        gets nothing from it.
        """
        wider: dict[str, str] = {}
        waiting = list(self._kinds)
        while waiting:
            entity = waiting.pop()
            kind = self._kinds[entity]
            known = canonical(kind, entity.removeprefix(f"{kind}:"))
            # A value that is merely a word for a canonical one is an entity of its own.
            if known is None or known.broader is None or entity_id(kind, known.value) != entity:
                continue
            above = entity_id(kind, known.broader)
            wider[entity] = above
            if above not in self._kinds:
                # Stated ones keep the names that their statements give them.
                named = canonical(kind, known.broader)
                names = {} if named is None else named.names
                self._add(above, kind, names.get("en") or known.broader, names)
                waiting.append(above)
        labels = {entity: self.schema.kind(self._kinds[entity]).label for entity in wider}
        return [
            RelationshipRow(BROADER, labels[narrow], narrow, labels[narrow], above)
            for narrow, above in sorted(wider.items())
        ]

    def rows(self) -> list[NodeRow]:
        """Nodes sorted by id; the name is the English one, else the most usual spelling."""
        rows = []
        for entity, kind in sorted(self._kinds.items()):
            counts, languages = self._names[entity], self._languages[entity]
            usual = min(counts, key=lambda name: (-counts[name], name))
            properties: dict[str, PropertyValue] = {"name": languages.get("en") or usual}
            for language, name in sorted(languages.items()):
                properties[f"name_{language}"] = name
            rows.append(NodeRow(self.schema.kind(kind).label, entity, properties))
        return rows
