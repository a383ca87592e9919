"""Batches and embeddings into a graph: checked as a whole, then written in small transactions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain, islice
from typing import Any, TypeAlias

import neo4j
import numpy as np
from numpy.typing import NDArray

from kg.errors import DataError, SchemaError, StoreError
from kg.graph import GraphBatch, WriteSummary
from kg.schema import NODE_LABELS, GraphSchema
from kg.stores.connection import Connection
from kg.stores.rows import check_nodes, check_relationships, check_withdrawn
from kg.stores.statements import (
    RAISE,
    Merge,
    node_merges,
    relationship_deletes,
    relationship_merges,
)

#: (label, id, vector, version)
EmbeddingRow: TypeAlias = tuple[str, str, Sequence[float] | NDArray[np.floating[Any]], str]
#: From so many rows on, creating is worth two more round trips.
_CREATE_FROM = 200
_EMBEDDING_ROWS = 500  # 500 rows of 1,024 floats stay below the engines' message size


def write_batch(connection: Connection, batch: GraphBatch, schema: GraphSchema) -> WriteSummary:
    """Merge ``batch``, then delete what it withdraws; each transaction is durable on return.

    All rows are checked before the first is written: SchemaError for a label or type outside
    the schema, DataError for a value no graph can hold.
    """
    check_nodes(batch.nodes, schema)
    check_relationships(batch.relationships, schema)
    check_withdrawn(batch.withdrawn, schema)
    merges = chain(
        node_merges(batch.nodes, schema),
        relationship_merges(batch.relationships, schema),
        relationship_deletes(batch.withdrawn, schema),
    )
    total = WriteSummary()
    for merge in _prepared_ahead(merges):
        many = merge.creation is not None and merge.relationships >= _CREATE_FROM
        total += connection.execute(
            "write", partial(_write, merge, create=many, url=connection.url)
        )
    return total


def _write(merge: Merge, transaction: neo4j.Transaction, *, create: bool, url: str) -> WriteSummary:
    """One statement; with ``create``, what starts at nodes without such relationships is created
    and the rest merged, in one transaction that has locked the graph's node first."""
    rows = merge.rows
    matched = created = 0
    if create and merge.creation is not None:
        raised = transaction.run(RAISE).single()
        if raised is None:
            raise _gone(url)
        starts = [row[0] for row in rows]
        old = merge.creation.twice.union(transaction.run(merge.creation.old, starts=starts).value())
        # A hub that was cut stands in several statements: the second finds it old.
        new = [row for row in rows if row[0] not in old]
        rows = [row for row in rows if row[0] in old]
        if new:
            columns = merge.creation.columns(new)
            result = transaction.run(merge.creation.text, rows=columns, revision=raised["revision"])
            matched = result.single(strict=True)["matched"]
            created = result.consume().counters.relationships_created
        if not rows:
            dangling = merge.relationships - matched
            return WriteSummary(relationships_created=created, relationships_dangling=dangling)
    result = transaction.run(merge.text, rows=rows)
    matched += result.single(strict=True)["matched"]
    counters = result.consume().counters
    if not counters.properties_set:
        raise _gone(url)
    return WriteSummary(
        nodes_created=counters.nodes_created,
        relationships_created=created + counters.relationships_created,
        relationships_dangling=merge.relationships - matched if merge.relationships else 0,
        relationships_deleted=counters.relationships_deleted,
    )


def _gone(url: str) -> StoreError:
    return StoreError(f"store {url}: its node (:Graph) is gone; migrate makes it")


def _prepared_ahead(merges: Iterator[Merge]) -> Iterator[Merge]:
    """``merges``, the next one made while the engine works on the last."""
    with ThreadPoolExecutor(1, thread_name_prefix="statements") as preparing:
        following = preparing.submit(next, merges, None)
        while (merge := following.result()) is not None:
            following = preparing.submit(next, merges, None)
            yield merge


def write_embeddings(connection: Connection, rows: Iterable[EmbeddingRow], dim: int | None) -> int:
    """Set ``embedding`` and ``embedding_version``; returns how many nodes were found.

    ``dim`` is the length that the item index takes, None where there is none. DataError when
    an item's vector has another; SchemaError for a label other than Item, User, Entity.
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
            wanted = dim if label == "Item" else None
            if values.ndim != 1 or (wanted is not None and len(values) != wanted):
                raise DataError(
                    f"{label} {id_}",
                    column="embedding",
                    value=values.shape,
                    expected=f"a vector of length {wanted}" if wanted else "a vector",
                )
            row = {"id": id_, "vector": values.tolist(), "version": version}
            by_label.setdefault(label, []).append(row)
        for label, group in by_label.items():
            text = (
                f"UNWIND $rows AS row MATCH (n:{label} {{id: row.id}}) SET n.embedding = "
                "row.vector, n.embedding_version = row.version RETURN count(*) AS matched"
            )
            found += connection.merge(text, {"rows": group})[0]
    return found


def forget_item_embeddings(connection: Connection) -> None:
    """Remove the embeddings of all items, a thousand a transaction."""
    text = (
        "MATCH (n:Item) WHERE n.embedding IS NOT NULL WITH n LIMIT 1000 "
        "REMOVE n.embedding, n.embedding_version RETURN count(*) AS matched"
    )
    while connection.merge(text, {})[0]:
        pass
