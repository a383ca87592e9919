"""Who the shop's users are, and what they did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query

from api.answers import history_answer
from api.ids import UserId
from api.json_response import JsonResponse
from api.language import AnswerLanguage
from api.models import HistoryAnswer, UsersAnswer
from api.problems import ABSENT, UNKNOWN
from api.service import Length, ServiceOf
from kg.errors import NotFound

if TYPE_CHECKING:
    from gnn.recommender import Recommender

router = APIRouter(prefix="/v1/users", tags=["users"])


@router.get("/{user_id:path}/history", response_model=HistoryAnswer, responses=UNKNOWN)
async def history(
    user_id: UserId, language: AnswerLanguage, service: ServiceOf, limit: Length = None
) -> JsonResponse:
    """What a user did, newest first."""
    recommender = await service.recommender()
    events = recommender.history(user_id, limit=service.length(limit, 50, name="limit"))
    return JsonResponse(history_answer(user_id, events, language=language))


@router.get("", response_model=UsersAnswer, responses=ABSENT)
async def users(
    service: ServiceOf,
    limit: Length = None,
    after: Annotated[str, Query(description="List the ids that follow this one.")] = "",
    prefix: Annotated[str, Query(description="Only ids that begin so.")] = "",
) -> JsonResponse:
    """User ids in order, a page at a time."""
    limit = service.length(limit, 50, name="limit")
    recommender = await service.recommender()
    # Ids that begin with the prefix follow it in order, without a gap; it may be an id itself.
    start = max(after, prefix)
    page = list(recommender.users(limit=limit + 1, after=start))
    if prefix and after < prefix and _is_user(recommender, prefix):
        page.insert(0, prefix)
    page = [user for user in page if user.startswith(prefix)]
    more = page[limit - 1] if len(page) > limit else None
    return JsonResponse({"users": page[:limit], "next": more})


def _is_user(recommender: Recommender, user_id: str) -> bool:
    try:
        recommender.history(user_id, limit=1)
    except NotFound:
        return False
    return True
