"""Graph rows of a catalogue: the one translation, for the store and for a snapshot alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kg.canonical import Canonicaliser
from kg.conflicts import Conflict
from kg.graph import NodeRow, PropertyValue, RelationshipRow
from kg.ingest_entities import Entities
from kg.items import CatalogItem, Interaction, Review
from kg.readers import Catalog
from kg.resolution import Statement
from kg.schema import (
    INTERACTED,
    LINKED_TO,
    REVIEWED,
    VARIANT_OF,
    GraphSchema,
    relationship_keys,
)


@dataclass(frozen=True, slots=True)
class ItemContent:
    """What encoding and extraction found for one item; None where there is nothing to see."""

    text_hash: str | None
    image_hash: str | None
    image: str | None
    statements: Sequence[Statement]
    conflicts: Sequence[Conflict] = ()


@dataclass(frozen=True, slots=True)
class GraphRows:
    """Every row of the graph, in an order that depends on the rows alone."""

    nodes: tuple[NodeRow, ...]
    relationships: tuple[RelationshipRow, ...]


def graph_rows(
    catalog: Catalog,
    contents: Sequence[ItemContent],
    *,
    schema: GraphSchema,
    canonical: Canonicaliser,
) -> GraphRows:
    """Rows of ``catalog``; ``contents[i]`` belongs to ``catalog.items[i]``.

    ``canonical`` also says which entities are wider than those that items have.
    """
    entities = Entities(schema)
    nodes = []
    relationships: list[RelationshipRow] = []
    for item, content in zip(catalog.items, contents, strict=True):
        nodes.append(_item_node(item, content))
        for statement in content.statements:
            entities.add(statement)
            relationships.append(statement_row(statement, schema))
    nodes += [NodeRow("User", user.id, dict(user.profile)) for user in catalog.users]
    relationships += [_interaction_row(event) for event in catalog.interactions]
    relationships += [_review_row(review) for review in catalog.reviews]
    relationships += _variant_rows(catalog.items)
    relationships += _link_rows(catalog.items)
    relationships += entities.widen(canonical)
    return GraphRows(
        nodes=(*sorted(nodes, key=lambda row: (row.label, row.id)), *entities.rows()),
        relationships=tuple(sorted(relationships, key=identity)),
    )


def identity(row: RelationshipRow) -> tuple[str, ...]:
    """What tells a relationship from every other; so an order that no file's order changes."""
    keys = (str(row.properties[key]) for key in relationship_keys(row.type))
    return row.type, row.start_id, row.end_id, *keys


def _item_node(item: CatalogItem, content: ItemContent) -> NodeRow:
    # None removes a property that an earlier ingest set and the catalogue no longer states.
    properties: dict[str, PropertyValue] = {
        **item.properties,
        "title": item.title,
        "price": None if item.price is None else float(item.price),
        "image": content.image,
        "text_hash": content.text_hash,
        "image_hash": content.image_hash,
        "group": item.group,
        "conflicts": [conflict.line() for conflict in content.conflicts] or None,
    }
    for text in item.texts:
        properties[f"title_{text.language}"] = text.title or None
        properties[f"description_{text.language}"] = text.description or None
    return NodeRow("Item", item.id, properties)


def statement_row(statement: Statement, schema: GraphSchema) -> RelationshipRow:
    """The relationship that keeps a statement; SchemaError for a kind outside the schema."""
    raw = statement.raw if statement.raw != statement.confidence else None
    kind = schema.kind(statement.kind)
    return RelationshipRow(
        type=kind.relationship,
        start_label="Item",
        start_id=statement.item_id,
        end_label=kind.label,
        end_id=statement.entity,
        properties={
            "modality": statement.modality,
            "confidence": statement.confidence,
            "combined": statement.combined,
            "raw_confidence": raw,
            "extractor": statement.extractor,
            "evidence": statement.evidence,
        },
    )


def _interaction_row(event: Interaction) -> RelationshipRow:
    properties: dict[str, PropertyValue] = {
        "event": event.event,
        "at_s": float(event.at_s),
        "weight": float(event.weight),
        "split": event.split,
    }
    return RelationshipRow(INTERACTED, "User", event.user_id, "Item", event.item_id, properties)


def _review_row(review: Review) -> RelationshipRow:
    properties: dict[str, PropertyValue] = {
        "review_id": review.id,
        "rating": None if review.rating is None else float(review.rating),
        "title": review.title or None,
        "text": review.text or None,
        "at_s": float(review.at_s),
    }
    return RelationshipRow(REVIEWED, "User", review.user_id, "Item", review.item_id, properties)


def _variant_rows(items: Sequence[CatalogItem]) -> Iterator[RelationshipRow]:
    first: dict[str, str] = {}
    for item in items:
        if item.group is not None:
            first[item.group] = min(item.id, first.get(item.group, item.id))
    for item in items:
        if item.group is not None and (target := first[item.group]) != item.id:
            yield RelationshipRow(VARIANT_OF, "Item", item.id, "Item", target, {"score": 1.0})


def _link_rows(items: Sequence[CatalogItem]) -> Iterator[RelationshipRow]:
    for item in items:
        for link in item.links:
            properties: dict[str, PropertyValue] = {"kind": link.kind, "position": link.position}
            yield RelationshipRow(LINKED_TO, "Item", item.id, "Item", link.item_id, properties)
