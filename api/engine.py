"""What the service answers from: the artifact in memory, and whether it fits the graph."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.errors import ArtifactError, ShopgraphError

if TYPE_CHECKING:
    from api.settings import Settings
    from gnn.recommender import Recommender
    from kg.stores.bolt import BoltStore

log = logging.getLogger("shopgraph.api")

#: A missing artifact is looked for again at most this often, on request.
RETRY_S = 5.0


@dataclass(frozen=True, slots=True)
class GraphCheck:
    """The identity of the graph, or in words why it is not known."""

    identity: str | None
    words: str


class Engine:
    """Holds the recommender, or the reason why there is none.

    A server starts without an artifact, says what is missing and answers as soon as one is
    there: whoever trains does not have to restart it.
    """

    def __init__(
        self,
        load: Callable[[str | None], Recommender],
        *,
        check_graph: Callable[[], GraphCheck],
    ) -> None:
        self._load = load
        self._check_graph = check_graph
        self._recommender: Recommender | None = None
        self._failure = ArtifactError("the artifact is still being loaded; ask again in a moment")
        self._tried_s = 0.0
        self._lock = asyncio.Lock()
        self.graph = GraphCheck(None, "not checked")

    async def start(self) -> None:
        """Ask the graph who it is and load the artifact trained on it."""
        async with self._lock:
            await asyncio.to_thread(self._try)

    async def recommender(self) -> Recommender:
        """The recommender; ArtifactError says what is missing."""
        if self._recommender is None:
            async with self._lock:
                if self._recommender is None and time.monotonic() - self._tried_s > RETRY_S:
                    await asyncio.to_thread(self._try)
        if self._recommender is None:
            raise self._failure
        return self._recommender

    def meet(self, graph: GraphCheck) -> None:
        """The graph is there now: an artifact of another graph is not answered from any more."""
        self.graph = graph
        held = self._recommender
        if graph.identity is None or held is None or held.graph_identity == graph.identity:
            return
        self._recommender, self._tried_s = None, 0.0  # the next request loads it and is told why
        log.warning("artifact %s is of another graph than the store's", held.version)

    def _try(self) -> None:
        self._tried_s = time.monotonic()
        try:
            if self.graph.identity is None:
                self.graph = self._check_graph()
            self._recommender = self._load(self.graph.identity)
        except ArtifactError as error:
            self._failure = error
            log.warning("not ready: %s", error)
        except ShopgraphError as error:
            self._failure = ArtifactError(str(error))
            log.warning("not ready: %s", error)
        else:
            log.info(
                "artifact %s (%s), %d items, %d users",
                self._recommender.version,
                self._recommender.strategy,
                self._recommender.n_items,
                self._recommender.n_users,
            )


def engine_for(settings: Settings, *, check_graph: Callable[[], GraphCheck]) -> Engine:
    """The engine of these settings; nothing is opened yet."""

    def load(identity: str | None) -> Recommender:
        from gnn.recommender import Recommender

        return Recommender.load(settings.gnn.artifact_dir, expect_graph=identity)

    return Engine(load, check_graph=check_graph)


def who_is(store: BoltStore) -> GraphCheck:
    """The identity of an open graph.

    A graph that is away does not stop the service, which answers from memory: the words say
    that the artifact could not be checked against it.
    """
    try:
        return GraphCheck(store.identity(), "checked")
    except ShopgraphError as error:
        log.warning("the artifact could not be checked against its graph: %s", error)
        return GraphCheck(None, f"could not be checked: {error}")
