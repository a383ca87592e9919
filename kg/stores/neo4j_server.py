"""Neo4j 5: a server that somebody else runs."""

from __future__ import annotations

from kg.stores.engine import Address, Statement


class Neo4jEngine:
    """A Neo4j server; the driver's own retry bridges its restarts and leader changes."""

    def __init__(self, uri: str, *, user: str, password: str | None, timeout_s: float) -> None:
        self._address = Address(uri, user, password, None)
        self.restarts = 0
        self.retry_s = timeout_s

    def address(self) -> Address:
        """The address in the URL."""
        return self._address

    def recover(self) -> bool:
        """Nothing to restart here, and the driver has already tried again."""
        return False

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
