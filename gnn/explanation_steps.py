"""One piece of evidence as steps through the graph, from an owned item to the one explained."""

from __future__ import annotations

from dataclasses import dataclass

from gnn.catalogue import Catalogue, Event
from gnn.explanation import PathNode, PathStep
from gnn.reasons import FEWEST_PEOPLE
from gnn.scoring import EvidenceCredit
from kg.schema import VARIANT_OF


@dataclass(frozen=True, slots=True)
class Edge:
    """Evidence by which an owned item speaks for the item explained."""

    user: int
    owned: int
    event: Event
    evidence: EvidenceCredit
    predicate: str
    #: False for an entity that most of the catalogue has: true, but no distinction.
    telling: bool = True


def steps_to(
    catalogue: Catalogue, edge: Edge, item: int, /, *, language: str
) -> tuple[PathStep, ...]:
    """Steps from the owned item to ``item``."""
    evidence = edge.evidence
    source, target = (
        item_node(catalogue, edge.owned, language),
        item_node(catalogue, item, language),
    )
    if evidence.entity >= 0:
        row = catalogue.artifact.entities[evidence.entity]
        name = catalogue.entity_name(evidence.entity, language)
        entity = PathNode("Entity", row.id, name, row.kind)
        kind = catalogue.schema.kind(row.kind).relationship
        return tuple(
            PathStep(node, kind, entity, {"confidence": catalogue.confidence(at, evidence.entity)})
            for node, at in ((source, edge.owned), (target, item))
        )
    if evidence.relation == "bought_together":
        people = catalogue.people_with_both(edge.owned, item, besides=edge.user)
        counted: dict[str, str | float] = {"people": people} if people >= FEWEST_PEOPLE else {}
        return (PathStep(source, "BOUGHT_WITH", target, counted, stored=False),)
    if evidence.relation == "variant":
        group = catalogue.artifact.items[item].group
        head = catalogue.group_head.get(group, item) if group is not None else item
        return tuple(
            PathStep(node, VARIANT_OF, item_node(catalogue, head, language))
            for node, at in ((source, edge.owned), (target, item))
            if at != head
        )
    by: dict[str, str | float] = {"evidence": evidence.relation}
    return (PathStep(source, "SIMILAR_TO", target, by, stored=False),)


def item_node(catalogue: Catalogue, item: int, language: str, /) -> PathNode:
    """An item as a node of a path, titled in ``language``."""
    row = catalogue.artifact.items[item]
    return PathNode("Item", row.id, catalogue.title(item, language))
