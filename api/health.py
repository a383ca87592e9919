"""Is the process alive, and is it ready to answer?"""

from __future__ import annotations

from importlib.metadata import version

from fastapi import APIRouter

from api.json_response import JsonResponse
from api.models import HealthAnswer, ReadyAnswer
from api.service import ServiceOf
from kg.errors import ArtifactError

router = APIRouter(tags=["operation"])


@router.get("/healthz", response_model=HealthAnswer)
async def healthz() -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok", "version": version("shopgraph")})


@router.get(
    "/readyz",
    response_model=ReadyAnswer,
    responses={503: {"model": ReadyAnswer, "description": "Something is missing."}},
)
async def readyz(service: ServiceOf) -> JsonResponse:
    """Ready to recommend, or what is missing."""
    graph = service.engine.graph
    try:
        recommender = await service.recommender()
    except ArtifactError as error:
        return JsonResponse(
            {
                "status": "not ready",
                "artifact": None,
                "strategy": None,
                "items": 0,
                "users": 0,
                "graph": service.engine.graph.words,
                "missing": [f"artifact: {error}"],
            },
            status_code=503,
        )
    return JsonResponse(
        {
            "status": "ready",
            "artifact": recommender.version,
            "strategy": recommender.strategy,
            "items": recommender.n_items,
            "users": recommender.n_users,
            "graph": graph.words,
            "missing": [],
        }
    )
