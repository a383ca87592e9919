"""Neo4j 5: a server that somebody else runs."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Literal

from kg.errors import StoreError
from kg.stores.engine import Address, IndexState, Statement

#: Subqueries with `CALL (variable) { ... }` came then; vector indexes by DDL are older (5.15).
_OLDEST = (5, 23)

#: A server that starts anew needs longer, but who waits for an answer does not wait for that.
_RETRY_S = 5.0


class Neo4jEngine:
    """A Neo4j server; tries again bridge a change of leader and a connection that broke."""

    def __init__(
        self,
        uri: str,
        *,
        user: str,
        password: str | None,
        database: str | None = None,
        ca_file: Path | None = None,
    ) -> None:
        self._address = Address(uri, user, password, database, ca_file=ca_file)
        self.restarts = 0
        self.retry_s = _RETRY_S

    def address(self) -> Address:
        """The address in the URL."""
        return self._address

    def recover(self) -> bool:
        """Nothing to restart here; another try is all."""
        return True

    def stop_query(self, local_port: int) -> None:
        """Nothing to do: the server stops a transaction at the timeout it was given."""

    def check_server(self, agent: str) -> None:
        """``agent`` as in ``Neo4j/5.26.0``; newer ones, numbered by the year, are welcome."""
        found = re.fullmatch(r"Neo4j/(\d+)\.(\d+).*", agent)
        if found and (int(found[1]), int(found[2])) < _OLDEST:
            oldest = ".".join(map(str, _OLDEST))
            raise StoreError(
                f"store {self._address.uri}: the server is {agent.replace('/', ' ')}; Shopgraph "
                f"needs Neo4j {oldest} or newer"
            )

    def migrating(self) -> AbstractContextManager[object]:
        """The server itself has the same change of two at once happen once."""
        return nullcontext()

    def index_statements(self, indexes: Literal["text", "range", "none"]) -> tuple[str, ...]:
        """Cypher."""
        if indexes == "text":
            return (
                "CREATE FULLTEXT INDEX item_text IF NOT EXISTS "
                "FOR (n:Item) ON EACH [n.title, n.title_en, n.title_zh]",
            )
        if indexes == "range":
            return (
                "CREATE INDEX item_price IF NOT EXISTS FOR (n:Item) ON (n.price)",
                "CREATE INDEX entity_kind IF NOT EXISTS FOR (n:Entity) ON (n.kind)",
            )
        return ()

    def define(self, text: str, statement: Statement) -> None:
        """Waits until the index answers."""
        statement(text)
        statement("CALL db.awaitIndexes(300)")

    def index_states(self, statement: Statement) -> list[IndexState]:
        """What SHOW INDEXES says."""
        rows = statement(
            "SHOW INDEXES YIELD name, type, state, labelsOrTypes, properties "
            "WHERE type <> 'LOOKUP' RETURN * ORDER BY name"
        )
        return [
            IndexState(
                row["name"],
                row["type"].lower(),
                f"{row['labelsOrTypes'][0]}({', '.join(row['properties'])})",
                row["state"].lower(),
            )
            for row in rows
        ]

    def create_vector_index(self, statement: Statement, /, *, dim: int) -> None:
        """``dim`` is checked to be an int: DDL takes no parameters."""
        found = statement(
            "SHOW INDEXES YIELD name, options WHERE name = 'item_embedding' "
            "RETURN options.indexConfig['vector.dimensions'] AS dim"
        )
        if found and found[0]["dim"] != dim:
            self.drop_vector_index(statement)
        text = (
            "CREATE VECTOR INDEX item_embedding IF NOT EXISTS FOR (n:Item) ON (n.embedding) "
            f"OPTIONS {{indexConfig: {{`vector.dimensions`: {int(dim)}, "
            "`vector.similarity_function`: 'cosine'}}"
        )
        self.define(text, statement)

    def drop_vector_index(self, statement: Statement) -> None:
        """Remove ``item_embedding``."""
        statement("DROP INDEX item_embedding IF EXISTS")

    def circumstances(self) -> str:
        """The server does not name a full disk, and stays as it is when there is room again."""
        return (
            " (the server's own log says more; when it cannot write, its disk is full most often: "
            "make room and start it again)"
        )

    def close(self) -> None:
        """Nothing is held."""
