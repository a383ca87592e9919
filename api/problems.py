"""Errors as RFC 9457 problem documents, `application/problem+json`, whatever went wrong."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from api.json_response import encode
from kg.errors import (
    ArtifactError,
    ConfigError,
    DataError,
    NotFound,
    QueryError,
    ShopgraphError,
    StoreTimeout,
    StoreUnavailable,
)

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

log = logging.getLogger("shopgraph.api")

_STATUS: tuple[tuple[type[ShopgraphError], HTTPStatus, str], ...] = (
    (NotFound, HTTPStatus.NOT_FOUND, "not-found"),
    (ArtifactError, HTTPStatus.SERVICE_UNAVAILABLE, "artifact"),
    (StoreTimeout, HTTPStatus.GATEWAY_TIMEOUT, "query-timeout"),
    (StoreUnavailable, HTTPStatus.SERVICE_UNAVAILABLE, "store-unavailable"),
    (QueryError, HTTPStatus.UNPROCESSABLE_ENTITY, "query"),
    (DataError, HTTPStatus.UNPROCESSABLE_ENTITY, "data"),
    (ConfigError, HTTPStatus.UNPROCESSABLE_ENTITY, "config"),
)


class InvalidParameter(BaseModel):
    """One parameter that was refused."""

    model_config = ConfigDict(frozen=True)

    place: str = Field(description="Where it stands: `query.k`, `path.item_id`.")
    message: str = Field(description="What was expected.")


class Problem(BaseModel):
    """RFC 9457: what went wrong, for people and for programs."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(description="Kind of problem, `urn:shopgraph:problem:<kind>`.")
    title: str = Field(description="The HTTP status in words.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What happened, with the value that was refused.")
    instance: str = Field(description="Path of the request.")
    errors: tuple[InvalidParameter, ...] = Field(
        default=(), description="The refused parameters, for status 422."
    )


def _documented(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    return {int(status): {"model": Problem, "description": status.phrase} for status in statuses}


#: Problems of every endpoint that answers from the artifact.
ABSENT = _documented(HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE)
#: The same, and an id that does not exist.
UNKNOWN = {**_documented(HTTPStatus.NOT_FOUND), **ABSENT}
#: An unknown name, where neither artifact nor graph is asked.
UNKNOWN_NAME = _documented(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY)
#: Problems of every endpoint that asks the graph: away or overloaded (503), too slow (504).
GRAPH = {**UNKNOWN, **_documented(HTTPStatus.GATEWAY_TIMEOUT)}
#: Where the admin key is asked for: missing or wrong (401), or none configured (403).
ADMIN = _documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


def install_problem_handlers(app: FastAPI) -> None:
    """Make every error of ``app`` a problem document."""
    app.add_exception_handler(ShopgraphError, _shopgraph_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected)


def problem(
    request: Request,
    status: HTTPStatus,
    *,
    kind: str,
    detail: str,
    errors: tuple[InvalidParameter, ...] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """A problem response; ``headers`` are added to it."""
    body: dict[str, object] = {
        "type": f"urn:shopgraph:problem:{kind}",
        "title": status.phrase,
        "status": int(status),
        "detail": detail,
        "instance": request.url.path,
        "errors": [error.model_dump() for error in errors],
    }
    return Response(
        encode(body), status_code=status, media_type="application/problem+json", headers=headers
    )


async def _shopgraph_error(request: Request, error: Exception) -> Response:
    for kind, status, name in _STATUS:
        if isinstance(error, kind):
            # What is missing now may be there in a moment: clients may simply ask again.
            again = {"Retry-After": "5"} if status == HTTPStatus.SERVICE_UNAVAILABLE else None
            return problem(request, status, kind=name, detail=str(error), headers=again)
    log.error("%s: %s", request.url.path, error)
    return problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, kind="internal", detail=str(error))


async def _invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = tuple(
        InvalidParameter(place=".".join(map(str, item["loc"])), message=item["msg"])
        for item in error.errors()
    )
    detail = "; ".join(f"{item.place}: {item.message}" for item in errors)
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return problem(request, status, kind="invalid-request", detail=detail, errors=errors)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    kind = status.phrase.lower().replace(" ", "-")
    headers = dict(error.headers) if error.headers else None
    detail = error.detail
    if status == HTTPStatus.NOT_FOUND and detail == status.phrase:
        detail = f"{request.url.path} is not a path of this service; /docs lists them"
    return problem(request, status, kind=kind, detail=detail, headers=headers)


async def _unexpected(request: Request, error: Exception) -> Response:
    # Starlette logs the traceback and raises on; the client learns no internals.
    return problem(
        request,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        kind="internal",
        detail=f"an unexpected {type(error).__name__}; the server's log has the details",
    )
