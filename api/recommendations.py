"""Lists for users, and why."""

from __future__ import annotations

from fastapi import APIRouter

from api.answers import explanation_answer, recommendations_answer
from api.ids import ItemId, UserId
from api.json_response import JsonResponse
from api.language import AnswerLanguage
from api.models import ExplanationAnswer, RecommendationsAnswer
from api.problems import ABSENT, UNKNOWN
from api.service import Length, ServiceOf

router = APIRouter(prefix="/v1", tags=["recommendations"])


@router.get(
    "/users/{user_id:path}/recommendations/{item_id:path}/explanation",
    response_model=ExplanationAnswer,
    responses=UNKNOWN,
)
async def explain(
    user_id: UserId, item_id: ItemId, language: AnswerLanguage, service: ServiceOf
) -> JsonResponse:
    """Why an item is suggested to a user: the paths behind it with their exact credit."""
    recommender = await service.recommender()
    card = recommender.item(item_id)
    found = recommender.explain(user_id, item_id, language=language)
    return JsonResponse(explanation_answer(found, card, images=service.images(recommender)))


@router.get(
    "/users/{user_id:path}/recommendations",
    response_model=RecommendationsAnswer,
    responses=ABSENT,
)
async def recommend(
    user_id: UserId, language: AnswerLanguage, service: ServiceOf, k: Length = None
) -> JsonResponse:
    """What to show a user, best first, each with its reason.

    A user of whom nothing is known gets popular items, and `strategy` says so.
    """
    recommender = await service.recommender()
    found = recommender.recommend(user_id, k=service.length(k, 10), language=language)
    return JsonResponse(
        recommendations_answer(
            found,
            user_id=user_id,
            language=language,
            artifact=recommender.version,
            images=service.images(recommender),
        )
    )
