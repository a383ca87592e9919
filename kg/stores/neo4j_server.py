"""Neo4j 5: a server that somebody else runs."""

from __future__ import annotations

from pathlib import Path

from kg.stores.engine import Address, Statement

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

    def prepare(self, statement: Statement) -> None:
        """The full-text index over titles; waits until indexes answer."""
        statement(
            "CREATE FULLTEXT INDEX item_text IF NOT EXISTS "
            "FOR (n:Item) ON EACH [n.title, n.title_en, n.title_zh]"
        )
        statement("CALL db.awaitIndexes(300)")

    def create_vector_index(self, statement: Statement, /, *, dim: int) -> None:
        """``dim`` is checked to be an int: DDL takes no parameters."""
        statement(
            "CREATE VECTOR INDEX item_embedding IF NOT EXISTS FOR (n:Item) ON (n.embedding) "
            f"OPTIONS {{indexConfig: {{`vector.dimensions`: {int(dim)}, "
            "`vector.similarity_function`: 'cosine'}}"
        )
        statement("CALL db.awaitIndexes(300)")

    def drop_vector_index(self, statement: Statement) -> None:
        """Remove ``item_embedding``."""
        statement("DROP INDEX item_embedding IF EXISTS")

    def circumstances(self) -> str:
        """Nothing more is known from here than what the server says."""
        return ""

    def close(self) -> None:
        """Nothing is held."""
