"""From the recommender's dataclasses to the documented answers (see api/models.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import quote

if TYPE_CHECKING:
    from gnn.artifact import ItemCard, ItemFact
    from gnn.explanation import ExplainedPath, Explanation, PathNode, Reason
    from gnn.recommender import HistoryEvent, Recommendations

Json: TypeAlias = dict[str, Any]
#: Item id -> path of its picture on this server, or None.
ImageUrl: TypeAlias = Callable[[str], str | None]


def image_url(card: ItemCard) -> str | None:
    """Path of the item's picture on this server; None where the catalogue has none."""
    return f"/v1/items/{quote(card.id, safe='')}/image" if card.image else None


def item_summary(card: ItemCard, language: str) -> Json:
    """ItemSummary."""
    return {
        "id": card.id,
        "title": card.title_in(language),
        "price": card.price,
        "image_url": image_url(card),
    }


def item_answer(card: ItemCard, language: str) -> Json:
    """ItemAnswer: attributes by kind, the surest first."""
    facts = sorted(card.facts, key=lambda fact: (fact.entity.kind, -fact.confidence))
    return {
        **item_summary(card, language),
        "titles": dict(card.titles),
        "group": card.group,
        "attributes": [_fact(fact, language) for fact in facts],
    }


def recommendations_answer(
    found: Recommendations,
    *,
    language: str,
    artifact: str,
    images: ImageUrl,
    user_id: str | None = None,
    item_id: str | None = None,
) -> Json:
    """RecommendationsAnswer."""
    return {
        "user_id": user_id,
        "item_id": item_id,
        "language": language,
        "strategy": found.strategy,
        "artifact": artifact,
        "items": [
            {
                **item_summary(place.item, language),
                "title": place.title,
                "score": place.score,
                "strategy": place.strategy,
                "reason": _reason(place.reason, images),
            }
            for place in found.items
        ],
    }


def explanation_answer(found: Explanation, card: ItemCard, *, images: ImageUrl) -> Json:
    """ExplanationAnswer."""
    return {
        "user_id": found.user_id,
        "item": item_summary(card, found.language),
        "score": found.score,
        "strategy": found.strategy,
        "language": found.language,
        "sentence": found.sentence,
        "paths": [_path(path, images) for path in found.paths],
        "owned": [
            {
                "item_id": owned.item_id,
                "title": owned.title,
                "image_url": images(owned.item_id),
                "event": owned.event,
                "credit": owned.credit,
                "share": owned.share,
            }
            for owned in found.owned
        ],
        "constant": found.constant,
        "unexplained": found.unexplained,
    }


def history_answer(user_id: str, events: tuple[HistoryEvent, ...], *, language: str) -> Json:
    """HistoryAnswer."""
    return {
        "user_id": user_id,
        "events": [
            {
                "item": item_summary(event.item, language),
                "event": event.event,
                "at_s": event.at_s,
            }
            for event in events
        ],
    }


def _fact(fact: ItemFact, language: str) -> Json:
    return {
        "kind": fact.entity.kind,
        "id": fact.entity.id,
        "name": fact.entity.names.get(language) or fact.entity.name,
        "confidence": fact.confidence,
        "modalities": list(fact.modalities),
    }


def _reason(reason: Reason | None, images: ImageUrl) -> Json | None:
    if reason is None:
        return None
    path = None if reason.path is None else _path(reason.path, images)
    return {"text": reason.text, "path": path}


def _path(path: ExplainedPath, images: ImageUrl) -> Json:
    return {
        "relation": path.relation,
        "credit": path.credit,
        "share": path.share,
        "text": path.text,
        "steps": [
            {
                "start": _node(step.start, images),
                "relationship": step.relationship,
                "end": _node(step.end, images),
                "properties": dict(step.properties),
            }
            for step in path.steps
        ],
    }


def _node(node: PathNode, images: ImageUrl) -> Json:
    return {
        "label": node.label,
        "id": node.id,
        "name": node.name,
        "kind": node.kind,
        "image_url": images(node.id) if node.label == "Item" else None,
    }
