"""Search over titles."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.answers import item_summary
from api.json_response import JsonResponse
from api.language import AnswerLanguage
from api.models import SearchAnswer
from api.problems import ABSENT
from api.service import Length, ServiceOf

router = APIRouter(prefix="/v1", tags=["items"])


@router.get("/search", response_model=SearchAnswer, responses=ABSENT)
async def search(
    q: Annotated[str, Query(min_length=1, max_length=200, description="Words of a title.")],
    language: AnswerLanguage,
    service: ServiceOf,
    k: Length = None,
) -> JsonResponse:
    """Items whose title, English or Chinese, has every word of `q`; prefixes count."""
    recommender = await service.recommender()
    found = [
        item_summary(card, language) for card in recommender.search(q, k=service.length(k, 20))
    ]
    return JsonResponse({"query": q, "items": found})
