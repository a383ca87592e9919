"""What every endpoint is handed: the recommender, the limits, the pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Query, Request
from fastapi.exceptions import RequestValidationError

from api.answers import image_url

if TYPE_CHECKING:
    from api.engine import Engine
    from api.settings import ApiSettings
    from gnn.recommender import Recommender

Length = Annotated[
    int | None,
    Query(ge=1, description="Length of the list, at most `api.max_k`; a usual length by default."),
]


class Service:
    """The engine and the settings of one application."""

    def __init__(self, engine: Engine, settings: ApiSettings) -> None:
        self.engine = engine
        self.settings = settings

    async def recommender(self) -> Recommender:
        """The recommender; ArtifactError (503) says what is missing."""
        return await self.engine.recommender()

    def length(self, asked: int | None, default: int, *, name: str = "k") -> int:
        """How long a list is to be; 422 where more than ``api.max_k`` is asked for."""
        longest = self.settings.max_k
        if asked is not None and asked > longest:
            message = f"Input should be less than or equal to {longest}"
            raise RequestValidationError([{"loc": ("query", name), "msg": message}])
        return min(default, longest) if asked is None else asked

    def images(self, recommender: Recommender) -> Callable[[str], str | None]:
        """Item id -> path of its picture on this server, or None."""
        return lambda item_id: image_url(recommender.item(item_id))


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


ServiceOf = Annotated[Service, Depends(_service)]
