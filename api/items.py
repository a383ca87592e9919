"""An item, its picture, and what is like it."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.staticfiles import NotModifiedResponse

from api.answers import item_answer, recommendations_answer
from api.ids import ItemId
from api.json_response import JsonResponse
from api.language import AnswerLanguage
from api.models import ItemAnswer, RecommendationsAnswer
from api.problems import UNKNOWN
from api.service import Length, ServiceOf
from kg.errors import NotFound

router = APIRouter(prefix="/v1/items", tags=["items"])


@router.get(
    "/{item_id:path}/image",
    response_class=Response,
    responses={
        **UNKNOWN,
        200: {"content": {"image/*": {}}, "description": "The picture."},
        304: {"description": "The client's copy is the current one."},
    },
)
async def image(item_id: ItemId, request: Request, service: ServiceOf) -> Response:
    """The item's picture. Only files that the item table names are ever sent."""
    recommender = await service.recommender()
    card = recommender.item(item_id)
    if not card.image:
        raise NotFound(f"item {item_id!r} has no picture")
    path = Path(card.image)
    media_type = mimetypes.guess_type(path.name)[0] or ""
    if not media_type.startswith("image/"):
        raise NotFound(f"item {item_id!r}: {path.name} is not a picture")
    response = await run_in_threadpool(_picture, path, media_type, item_id)
    if _is_current(request.headers, response.headers):
        return NotModifiedResponse(response.headers)
    return response


@router.get(
    "/{item_id:path}/similar",
    response_model=RecommendationsAnswer,
    responses=UNKNOWN,
)
async def similar(
    item_id: ItemId, language: AnswerLanguage, service: ServiceOf, k: Length = None
) -> JsonResponse:
    """Items that go with an item, best first, each with what they share."""
    recommender = await service.recommender()
    found = recommender.similar(item_id, k=service.length(k, 10), language=language)
    return JsonResponse(
        recommendations_answer(
            found,
            item_id=item_id,
            language=language,
            artifact=recommender.version,
            images=service.images(recommender),
        )
    )


# The last of these routes: an id may hold slashes, so this one takes every path.
@router.get("/{item_id:path}", response_model=ItemAnswer, responses=UNKNOWN)
async def item(item_id: ItemId, language: AnswerLanguage, service: ServiceOf) -> JsonResponse:
    """An item with its attributes, what says so and how sure it is."""
    recommender = await service.recommender()
    return JsonResponse(item_answer(recommender.item(item_id), language))


def _picture(path: Path, media_type: str, item_id: str) -> FileResponse:
    try:
        stat = path.stat()
    except OSError as error:
        raise NotFound(f"item {item_id!r}: its picture {path.name} is gone") from error
    # A picture may be replaced under the same name: keep it a day, then ask by its ETag. One
    # drawn as SVG could hold a script, which the sandbox stops.
    headers = {
        "Cache-Control": "public, max-age=86400",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    }
    return FileResponse(path, media_type=media_type, stat_result=stat, headers=headers)


def _is_current(request: Headers, response: Headers) -> bool:
    known = request.get("if-none-match")
    etag = response["etag"].removeprefix("W/")
    return known is not None and any(
        part.strip().removeprefix("W/") in (etag, "*") for part in known.split(",")
    )
