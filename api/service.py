"""What every endpoint is handed: the recommender, the limits, the pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Query, Request
from fastapi.exceptions import RequestValidationError

from api.answers import image_url

if TYPE_CHECKING:
    from api.engine import Engine
    from api.graph_store import GraphStoreHolder
    from api.settings import Settings
    from gnn.recommender import Recommender

Length = Annotated[
    int | None,
    Query(ge=1, description="Length of the list, at most `api.max_k`; a usual length by default."),
]


Offset = Annotated[int, Query(ge=0, le=1_000_000, description="Rows to pass over.")]
Limit = Annotated[
    int | None,
    Query(ge=1, description="Rows of a page, at most `api.max_rows`; 100 by default."),
]
TimeLimit = Annotated[
    float | None,
    Query(gt=0, description="Longest time it may take, in seconds, at most what settings allow."),
]


class Service:
    """The engine, the graph store and the settings of one application."""

    def __init__(self, engine: Engine, store: GraphStoreHolder, settings: Settings) -> None:
        self.engine = engine
        self.store = store
        self.settings = settings.api
        self.graph_schema = settings.kg.schema_for(tuple(settings.kg.catalog.items.entities))

    async def recommender(self) -> Recommender:
        """The recommender; ArtifactError (503) says what is missing."""
        return await self.engine.recommender()

    def length(self, asked: int | None, default: int, *, name: str = "k") -> int:
        """How long a list is to be; 422 where more than ``api.max_k`` is asked for."""
        return int(_bounded(asked, default, self.settings.max_k, name=name))

    def page_size(self, asked: int | None) -> int:
        """Rows of a page; 422 where more than ``api.max_rows`` are asked for."""
        return int(_bounded(asked, 100, self.settings.max_rows, name="limit"))

    def seconds(self, asked: float | None, longest: float) -> float:
        """How long a query may take; 422 where more than ``longest`` is asked for."""
        return _bounded(asked, longest, longest, name="timeout_s")

    def images(self, recommender: Recommender) -> Callable[[str], str | None]:
        """Item id -> path of its picture on this server, or None."""
        return lambda item_id: image_url(recommender.item(item_id))


def _bounded(asked: float | None, default: float, longest: float, *, name: str) -> float:
    if asked is not None and asked > longest:
        message = f"Input should be less than or equal to {longest:g}"
        raise RequestValidationError([{"loc": ("query", name), "msg": message}])
    return min(default, longest) if asked is None else asked


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


ServiceOf = Annotated[Service, Depends(_service)]
