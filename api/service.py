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

Length = Annotated[int, Query(ge=1, description="Length of the list; at most `api.max_k`.")]


class Service:
    """The engine and the settings of one application."""

    def __init__(self, engine: Engine, settings: ApiSettings) -> None:
        self.engine = engine
        self.settings = settings

    async def recommender(self) -> Recommender:
        """The recommender; ArtifactError (503) says what is missing."""
        return await self.engine.recommender()

    def check_length(self, k: int) -> None:
        """422 where a list longer than ``api.max_k`` is asked for."""
        if k > self.settings.max_k:
            message = f"Input should be less than or equal to {self.settings.max_k}"
            raise RequestValidationError([{"loc": ("query", "k"), "msg": message}])

    def images(self, recommender: Recommender) -> Callable[[str], str | None]:
        """Item id -> path of its picture on this server, or None."""
        return lambda item_id: image_url(recommender.item(item_id))


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


ServiceOf = Annotated[Service, Depends(_service)]
