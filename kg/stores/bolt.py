"""The store: one class over the official driver, for every engine that speaks Bolt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import TracebackType

from kg.errors import StoreError
from kg.graph import Answer, GraphBatch, Row, WriteSummary
from kg.queries import Query
from kg.schema import GraphSchema
from kg.snapshot import Snapshot
from kg.stores.connection import Connection, Page
from kg.stores.engine import Engine
from kg.stores.migrations import (
    StoreStatus,
    bring_up_to_date,
    pending,
    read_meta,
    store_status,
)
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
        try:
            # Says at once when the server is away, too old, or the password wrong.
            self._meta = read_meta(self.connection)
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
        """Run the migrations that the store lacks (see kg.stores.migrations); idempotent.

        Given ``vector_dim``, also makes the vector index ``item_embedding`` (cosine). Another
        length than before drops the index and the items' embeddings with it. An index that is
        gone, or was left behind with another length, is made anew.
        """
        self._schema = schema
        with self._engine.migrating():
            self._meta = read_meta(self.connection)
            bring_up_to_date(self.connection, self._meta.version)
            self._meta = read_meta(self.connection)
            if vector_dim is not None:
                self._index_vectors(vector_dim)

    def status(self) -> StoreStatus:
        """Versions of store and program, migrations and indexes."""
        return store_status(self.connection)

    def pending(self) -> list[str]:
        """The statements that migrate would run now, in order."""
        version = read_meta(self.connection).version
        return [text for _, texts in pending(self.connection, version) for text in texts]

    def identity(self) -> str:
        """The uuid that migrate gave this graph; StoreError before the first migrate."""
        if self._meta.identity is None:
            self._meta = read_meta(self.connection)
        if self._meta.identity is None:
            raise StoreError(f"store {self.url}: not made ready yet; migrate comes first")
        return self._meta.identity

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
        if self._meta.vector_dim is None:
            self._meta = read_meta(self.connection)
        return write_embeddings(self.connection, rows, self._meta.vector_dim)

    def run(self, query: Query, /, **params: object) -> list[Row]:
        """All rows of a library query, as plain dictionaries by column."""
        return self.answer(query, params).rows

    def answer(
        self,
        query: Query,
        params: Mapping[str, object],
        *,
        offset: int = 0,
        max_rows: int | None = None,
        timeout_s: float | None = None,
    ) -> Answer:
        """Rows ``offset`` to ``offset + max_rows`` of a library query, as plain data.

        Streamed: not more than ``offset + max_rows + 1`` rows are fetched. QueryError for wrong
        parameters, before the engine sees them; StoreUnavailable after ``timeout_s``, by default
        (and, on the embedded engine, at most) the store's own.
        """
        return self.connection.answer(
            query.access,
            query.text,
            query.bind(params),
            page=Page(offset, max_rows),
            timeout_s=timeout_s,
            place=f"query {query.name}",
        )

    def read(
        self,
        text: str,
        params: Mapping[str, object],
        *,
        offset: int = 0,
        max_rows: int | None = None,
        timeout_s: float | None = None,
    ) -> Answer:
        """Like `answer`, for Cypher that is not in the library.

        The database itself refuses to write: QueryError, and nothing has changed.
        """
        return self.connection.answer(
            "read", text, params, page=Page(offset, max_rows), timeout_s=timeout_s, place="query"
        )

    def snapshot(self, since: Snapshot | None = None) -> Snapshot:
        """The whole graph as sorted arrays; equal graphs have equal fingerprints.

        With ``since``, an earlier snapshot of this graph, only what `write` has touched after it
        is read, and the answer is the same. What somebody changed by Cypher of his own carries
        no stamp: such a change is seen without ``since`` only.
        """
        return read_snapshot(self.connection, since)

    def close(self) -> None:
        """Close the connections; stops the engine when this process started it."""
        self.connection.close()

    def _index_vectors(self, dim: int) -> None:
        statement = self.connection.statement
        known = self._meta.vector_dim
        if known is not None and known != dim:
            self._engine.drop_vector_index(statement)
            forget_item_embeddings(self.connection)
        # Also where the graph knows its length: its node and its index can come apart.
        self._engine.create_vector_index(statement, dim=dim)
        if known == dim:
            return
        self.connection.call(
            "write", "MATCH (g:Graph {id: 'graph'}) SET g.vector_dim = $d", {"d": dim}
        )
        self._meta = replace(self._meta, vector_dim=dim)
