"""The entities of a catalogue's statements as nodes, with the wider ones above them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kg.canonical import Canonicaliser
from kg.graph import NodeRow, PropertyValue, RelationshipRow
from kg.resolution import Statement
from kg.schema import BROADER, GraphSchema, entity_id


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
