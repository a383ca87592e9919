"""The rows of a query, ordered for a person."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gnn.recommender import Recommender

#: The column that makes a row an item.
ITEM_COLUMN = "item_id"
#: The column that ranking adds; many queries have a ``score`` of their own.
SCORE_COLUMN = "rank_score"


async def ranked(
    recommender: Recommender, user_id: str, rows: list[dict[str, Any]]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """(RankingAnswer but for ``complete``, rows best first, each with ``rank_score``).

    Equal scores keep the query's order. Rows of items that the artifact does not know come
    last, in the query's order, with a score of None.
    """
    items = [str(row[ITEM_COLUMN]) for row in rows]
    found = await asyncio.to_thread(recommender.rank, user_id, items)
    scored = [{**row, SCORE_COLUMN: score} for row, score in zip(rows, found.scores, strict=True)]
    scored.sort(key=_order)
    ranking = {
        "user_id": user_id,
        "strategy": found.strategy,
        "artifact": recommender.version,
        "ranked": len(rows),
        "unknown": sum(score is None for score in found.scores),
    }
    return ranking, scored


def _order(row: dict[str, Any]) -> tuple[bool, float]:
    score = row[SCORE_COLUMN]
    return score is None, -(score or 0.0)
