"""Ids of any text in a path: slashes, spaces, emoji, and endings that look like a route.

A server decodes `%2F` before routes are matched, so that item `a/similar` and the items similar
to `a` would be one path. `ExactSegments` routes on the path as it was sent: a segment is decoded
but for its slashes and percent signs, which `ExternalId` decodes last. A slash sent as such still
reaches the id, because the routes use the path convertor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from urllib.parse import unquote

from fastapi import Path
from pydantic import AfterValidator

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


def exact_path(raw: bytes) -> str:
    """`/v1/items/a%2Fb%20c` -> `/v1/items/a%2Fb c`."""
    segments = raw.partition(b"?")[0].decode("latin-1").split("/")
    return "/".join(
        unquote(segment).replace("%", "%25").replace("/", "%2F") for segment in segments
    )


class ExactSegments:
    """ASGI middleware that sets the path of `/v1/` requests by `exact_path`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        raw = scope.get("raw_path")
        if scope["type"] == "http" and raw and raw.startswith(b"/v1/"):
            scope = {**scope, "path": exact_path(raw)}
        await self.app(scope, receive, send)


ItemId = Annotated[
    str, Path(description="Id of an item, as the catalogue has it."), AfterValidator(unquote)
]
UserId = Annotated[
    str, Path(description="Id of a user, as the shop has it."), AfterValidator(unquote)
]
