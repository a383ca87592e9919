"""The HTTP service as one FastAPI application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from fastapi import FastAPI

from api import cypher, graph, health, items, queries, recommendations, search, users
from api.engine import Engine, GraphCheck, engine_for, who_is
from api.graph_store import GraphStoreHolder, open_existing
from api.ids import ExactSegments
from api.page import install_page
from api.problems import install_problem_handlers
from api.security import SecurityHeaders
from api.service import Service
from api.settings import Settings

if TYPE_CHECKING:
    from kg.stores.bolt import BoltStore

#: How long the start waits for the graph, to check the artifact against it before it answers.
FIRST_LOOK_S = 2.5

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
    wanted = settings.api.check_graph

    def check_graph() -> GraphCheck:
        if not wanted:
            return GraphCheck(None, "not checked")
        return GraphCheck(None, store.words) if store.store is None else who_is(store.store)

    def on_open(opened: BoltStore) -> None:
        if wanted:
            answering.meet(who_is(opened))

    answering = engine or engine_for(settings, check_graph=check_graph)
    store = GraphStoreHolder(
        lambda: open_existing(settings),
        url=settings.kg.store.url,
        threads=settings.api.graph_threads,
        on_open=on_open,
    )
    service = Service(answering, store, settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await store.start()
        if wanted:
            # A graph that is away or slow to open does not hold up the service: it is met later.
            await store.first_look(FIRST_LOOK_S)
        await service.engine.start()
        try:
            yield
        finally:
            await store.stop()

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
    for room in (recommendations, users, search, items, queries, graph, cypher, health):
        app.include_router(room.router)
    install_page(app)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(ExactSegments)
    return app
