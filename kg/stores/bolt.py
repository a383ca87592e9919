"""The store: one class over the official driver, for every engine that speaks Bolt."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from types import TracebackType
from typing import Any, TypeAlias, TypeVar

import neo4j
import numpy as np
from neo4j.exceptions import AuthError, DriverError, Neo4jError, ServiceUnavailable
from numpy.typing import NDArray

from kg.errors import DataError, SchemaError, StoreError
from kg.graph import GraphBatch, Row, WriteSummary
from kg.queries import Query, load_query
from kg.schema import NODE_LABELS, GraphSchema
from kg.snapshot import Snapshot
from kg.stores.engine import Address, Engine
from kg.stores.failures import explained
from kg.stores.reading import read_snapshot
from kg.stores.statements import node_merges, relationship_deletes, relationship_merges

EmbeddingRow: TypeAlias = tuple[str, str, Sequence[float] | NDArray[np.floating[Any]], str]
_EMBEDDING_ROWS = 500  # 500 rows of 1,024 floats stay below the engines' message size
_PAUSE_S = 0.2
_T = TypeVar("_T")


class BoltStore:
    """A GraphStore behind Bolt. Safe to share between threads; writes take turns."""

    def __init__(
        self, url: str, engine: Engine, schema: GraphSchema, /, *, timeout_s: float
    ) -> None:
        self.url = url
        self._engine = engine
        self._schema = schema
        self._timeout_s = timeout_s
        # Two writers at once conflict and are slower than one.
        self._writing = threading.Lock()
        self._connecting = threading.Lock()
        self._closed = False
        self._driver: neo4j.Driver | None = None
        self._bookmarks: neo4j.BookmarkManager | None = None
        self._address: Address | None = None
        self._identity: str | None = None
        self._vector_dim: int | None = None
        try:
            # Says at once when the server is away or the password wrong.
            self._call("read", "RETURN 1 AS one", {})
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
        for label in (*NODE_LABELS, "Graph"):
            self._statement(
                f"CREATE CONSTRAINT {label.lower()}_id IF NOT EXISTS "
                f"FOR (n:{label}) REQUIRE n.id IS UNIQUE"
            )
        self._engine.prepare(self._statement)
        self._call(
            "write",
            "MERGE (g:Graph {id: 'graph'}) ON CREATE SET g.identity = $identity",
            {"identity": str(uuid.uuid4())},
        )
        self._read_meta()
        if vector_dim is None or vector_dim == self._vector_dim:
            return
        if self._vector_dim is not None:
            self._engine.drop_vector_index(self._statement)
            self._forget_embeddings()
        self._engine.create_vector_index(self._statement, dim=vector_dim)
        self._call(
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

        Transactions have at most 1,000 rows.

        All rows are checked before the first is written: SchemaError for a label or type
        outside the schema, DataError for a value no graph can hold. Merging again creates
        nothing, so an interrupted write is finished by repeating it.
        """
        self.identity()
        merges = [
            *node_merges(batch.nodes, self._schema),
            *relationship_merges(batch.relationships, self._schema),
            *relationship_deletes(batch.withdrawn, self._schema),
        ]
        total = WriteSummary()
        for merge in merges:
            matched, counters = self._merge(merge.text, {"rows": merge.rows})
            total += WriteSummary(
                nodes_created=counters.nodes_created,
                relationships_created=counters.relationships_created,
                relationships_dangling=len(merge.rows) - matched if merge.relationships else 0,
                relationships_deleted=counters.relationships_deleted,
            )
        return total

    def write_embeddings(self, rows: Iterable[EmbeddingRow]) -> int:
        """Set ``embedding`` and ``embedding_version`` of nodes; returns how many were found.

        A row is (label, id, vector, version), label one of Item, User, Entity. DataError when
        an item's vector has another length than the index.
        """
        found = 0
        pending = iter(rows)
        while page := list(islice(pending, _EMBEDDING_ROWS)):
            by_label: dict[str, list[dict[str, Any]]] = {}
            for label, id_, vector, version in page:
                if label not in NODE_LABELS:
                    raise SchemaError(
                        "graph", column="label", value=label, expected=f"one of {NODE_LABELS}"
                    )
                values = np.asarray(vector, dtype=np.float64)
                dim = self._vector_dim_known() if label == "Item" else None
                if values.ndim != 1 or (dim is not None and len(values) != dim):
                    raise DataError(
                        f"{label} {id_}",
                        column="embedding",
                        value=values.shape,
                        expected=f"a vector of length {dim}" if dim else "a vector",
                    )
                row = {"id": id_, "vector": values.tolist(), "version": version}
                by_label.setdefault(label, []).append(row)
            for label, group in by_label.items():
                text = (
                    f"UNWIND $rows AS row MATCH (n:{label} {{id: row.id}}) SET n.embedding = "
                    "row.vector, n.embedding_version = row.version RETURN count(*) AS matched"
                )
                found += self._merge(text, {"rows": group})[0]
        return found

    def run(self, query: Query, /, **params: object) -> list[Row]:
        """Rows of a library query, as plain dictionaries by column."""
        bound = query.bind(params)
        return self._call(query.access, query.text, bound, place=f"query {query.name}")

    def snapshot(self) -> Snapshot:
        """The whole graph as sorted arrays; equal graphs have equal fingerprints."""
        return read_snapshot(lambda text, params: self._call("read", text, params))

    def close(self) -> None:
        """Close the connections; stops the engine when this process started it."""
        with self._connecting:
            self._closed = True
            if self._driver is not None:
                self._driver.close()
                self._driver = None
        self._engine.close()

    def _statement(self, text: str) -> list[Row]:
        return self._call("write", text, {})

    def _call(
        self, access: str, text: str, params: dict[str, Any], *, place: str = ""
    ) -> list[Row]:
        def work(transaction: neo4j.ManagedTransaction) -> list[Row]:
            result = transaction.run(text, params)
            return [record.data() for record in result]

        return self._execute(access, work, place=place)

    def _merge(self, text: str, params: dict[str, Any]) -> tuple[int, neo4j.SummaryCounters]:
        """(rows that found their nodes, counters) of a statement that returns ``matched``."""

        def work(transaction: neo4j.ManagedTransaction) -> tuple[int, neo4j.SummaryCounters]:
            result = transaction.run(text, params)
            record = result.single(strict=True)
            return int(record["matched"]), result.consume().counters

        return self._execute("write", work)

    def _execute(
        self, access: str, work: Callable[[neo4j.ManagedTransaction], _T], *, place: str = ""
    ) -> _T:
        """Run ``work`` in a managed transaction; an engine that died is brought back first."""
        bounded = neo4j.unit_of_work(timeout=self._timeout_s)(work)
        deadline = time.monotonic() + self._timeout_s
        where = f"store {self.url}" + (f": {place}" if place else "")
        while True:
            try:
                driver, database = self._connect()
                with driver.session(database=database, bookmark_manager=self._bookmarks) as session:
                    if access == "read":
                        return session.execute_read(bounded)
                    with self._writing:
                        return session.execute_write(bounded)
            except (Neo4jError, DriverError) as error:
                # To repeat is safe: every statement of ours merges, sets, deletes or reads. So
                # too where the driver is not sure whether a commit came through, or where an
                # engine that was ending refused the login and another one answers now.
                again = (
                    error.is_retryable()
                    or isinstance(error, ServiceUnavailable)
                    or (isinstance(error, AuthError) and driver is not self._connect()[0])
                ) and time.monotonic() < deadline
                if not again or not self._engine.recover():
                    raise self._explained(error, where) from error
                time.sleep(_PAUSE_S)

    def _explained(self, error: Neo4jError | DriverError, place: str) -> StoreError:
        more = self._engine.circumstances()
        return explained(error, place, timeout_s=self._timeout_s, circumstances=more)

    def _connect(self) -> tuple[neo4j.Driver, str | None]:
        with self._connecting:
            if self._closed:
                # Not a crash: the engine must not be started again.
                raise StoreError(f"store {self.url}: closed")
            address = self._engine.address()
            if self._driver is not None and address != self._address:
                self._driver.close()
                self._driver = None
            if self._driver is None:
                auth = None if address.password is None else (address.user, address.password)
                self._driver = neo4j.GraphDatabase.driver(
                    address.uri,
                    auth=auth,
                    connection_timeout=5.0,
                    connection_acquisition_timeout=self._timeout_s,
                    max_transaction_retry_time=self._engine.retry_s,
                    # A young graph lacks types and properties that queries name.
                    notifications_disabled_classifications=["UNRECOGNIZED"],
                    user_agent="shopgraph",
                )
                # Reads see this store's own writes, on a cluster too.
                self._bookmarks = neo4j.GraphDatabase.bookmark_manager()
                self._address = address
            return self._driver, address.database

    def _read_meta(self) -> None:
        rows = self.run(load_query("administration/identity"))
        if rows:
            self._identity, self._vector_dim = rows[0]["identity"], rows[0]["vector_dim"]

    def _vector_dim_known(self) -> int | None:
        if self._vector_dim is None:
            self._read_meta()
        return self._vector_dim

    def _forget_embeddings(self) -> None:
        text = (
            "MATCH (n:Item) WHERE n.embedding IS NOT NULL WITH n LIMIT 1000 "
            "REMOVE n.embedding, n.embedding_version RETURN count(*) AS matched"
        )
        while self._merge(text, {})[0]:
            pass
