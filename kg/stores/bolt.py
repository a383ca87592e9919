"""The store: one class over the official driver, for every engine that speaks Bolt."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from types import TracebackType

from kg.errors import StoreError
from kg.graph import GraphBatch, Row, WriteSummary
from kg.queries import Query, load_query
from kg.schema import NODE_LABELS, GraphSchema
from kg.snapshot import Snapshot
from kg.stores.connection import Connection
from kg.stores.engine import Engine
from kg.stores.reading import read_snapshot
from kg.stores.writing import EmbeddingRow, forget_item_embeddings, write_batch, write_embeddings


class BoltStore:
    """A GraphStore behind Bolt. Safe to share between threads; writes take turns."""

    def __init__(
        self, url: str, engine: Engine, schema: GraphSchema, /, *, timeout_s: float
    ) -> None:
        self.url = url
        #: For statements that are not in the library: tests, benchmarks and the rooms of kg.stores.
        self.connection = Connection(url, engine, timeout_s=timeout_s)
        self._engine = engine
        self._schema = schema
        self._identity: str | None = None
        self._vector_dim: int | None = None
        try:
            # Says at once when the server is away or the password wrong.
            self.connection.call("read", "RETURN 1 AS one", {})
        except BaseException:
            self.close()
            raise

    @property
    def restarts(self) -> int:
        """How often this store has restarted a crashed engine."""
        return self._engine.restarts

    def __enter__(self) -> BoltStore:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def migrate(self, schema: GraphSchema, *, vector_dim: int | None = None) -> None:
        """Create constraints, indexes and the graph's identity; idempotent.

        Unique ids of Item, User and Entity, full-text index ``item_text`` over titles and,
        given ``vector_dim``, vector index ``item_embedding`` (cosine). Another length than
        before drops the index and the embeddings of the old length with it.
        """
        self._schema = schema
        statement = self.connection.statement
        for label in (*NODE_LABELS, "Graph"):
            statement(
                f"CREATE CONSTRAINT {label.lower()}_id IF NOT EXISTS "
                f"FOR (n:{label}) REQUIRE n.id IS UNIQUE"
            )
        self._engine.prepare(statement)
        self.connection.call(
            "write",
            "MERGE (g:Graph {id: 'graph'}) ON CREATE SET g.identity = $identity",
            {"identity": str(uuid.uuid4())},
        )
        self._read_meta()
        if vector_dim is None or vector_dim == self._vector_dim:
            return
        if self._vector_dim is not None:
            self._engine.drop_vector_index(statement)
            forget_item_embeddings(self.connection)
        self._engine.create_vector_index(statement, dim=vector_dim)
        self.connection.call(
            "write", "MATCH (g:Graph {id: 'graph'}) SET g.vector_dim = $d", {"d": vector_dim}
        )
        self._vector_dim = vector_dim

    def identity(self) -> str:
        """The uuid that migrate gave this graph; StoreError before the first migrate."""
        if self._identity is None:
            self._read_meta()
        if self._identity is None:
            raise StoreError(f"store {self.url}: not made ready yet; migrate comes first")
        return self._identity

    def write(self, batch: GraphBatch) -> WriteSummary:
        """Merge ``batch``, then delete what it withdraws, durably before returning.

        All rows are checked before the first is written: SchemaError for a label or type
        outside the schema, DataError for a value no graph can hold. Merging again creates
        nothing, so an interrupted write is finished by repeating it.
        """
        self.identity()
        return write_batch(self.connection, batch, self._schema)

    def write_embeddings(self, rows: Iterable[EmbeddingRow]) -> int:
        """Set ``embedding`` and ``embedding_version`` of nodes; returns how many were found.

        A row is (label, id, vector, version), label one of Item, User, Entity. DataError when
        an item's vector has another length than the index.
        """
        if self._vector_dim is None:
            self._read_meta()
        return write_embeddings(self.connection, rows, self._vector_dim)

    def run(self, query: Query, /, **params: object) -> list[Row]:
        """Rows of a library query, as plain dictionaries by column."""
        bound = query.bind(params)
        return self.connection.call(query.access, query.text, bound, place=f"query {query.name}")

    def snapshot(self) -> Snapshot:
        """The whole graph as sorted arrays; equal graphs have equal fingerprints."""
        return read_snapshot(lambda text, params: self.connection.call("read", text, params))

    def close(self) -> None:
        """Close the connections; stops the engine when this process started it."""
        self.connection.close()

    def _read_meta(self) -> None:
        rows = self.run(load_query("administration/identity"))
        if rows:
            self._identity, self._vector_dim = rows[0]["identity"], rows[0]["vector_dim"]
