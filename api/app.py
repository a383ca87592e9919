"""The HTTP service as one FastAPI application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from api import health, items, recommendations, search, users
from api.engine import Engine, engine_for
from api.ids import ExactSegments
from api.page import install_page
from api.problems import install_problem_handlers
from api.security import SecurityHeaders
from api.service import Service
from api.settings import Settings

_DESCRIPTION = """
Recommendations from a knowledge graph, each with its reason.

Ids are the shop's own. In a path they are percent-encoded, slashes included (`a/b` is `a%2Fb`).
Errors are problem documents (RFC 9457). Titles and reasons come in the language of `lang`, else
of `Accept-Language`: English (`en`) or Chinese (`zh`).
"""


def create_app(settings: Settings, *, engine: Engine | None = None) -> FastAPI:
    """The service. Nothing is opened before it starts: its OpenAPI document needs no artifact.

    ``engine`` replaces the one that ``settings`` describe.
    """
    service = Service(engine or engine_for(settings), settings.api)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await service.engine.start()
        yield

    app = FastAPI(
        title="Shopgraph",
        version=version("shopgraph"),
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.service = service
    install_problem_handlers(app)
    for room in (recommendations, users, search, items, health):
        app.include_router(room.router)
    install_page(app)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(ExactSegments)
    return app
