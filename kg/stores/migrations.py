"""The versions of a store: what each adds, which one a store has, how it becomes the newest.

The number of the last migration that ran stands on the node (:Graph). Every statement does
nothing the second time, so a migration that was interrupted is finished by running it again.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from kg.errors import StoreError
from kg.schema import NODE_LABELS
from kg.stores.connection import Connection
from kg.stores.engine import IndexState

Indexes = Literal["text", "range", "none"]


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the store's structure: constraints, then indexes, then data."""

    version: int
    purpose: str
    constraints: tuple[str, ...] = ()
    #: Which of the engine's indexes: their DDL differs between the engines.
    indexes: Indexes = "none"
    data: tuple[str, ...] = ()


def _unique_id(label: str) -> str:
    return (
        f"CREATE CONSTRAINT {label.lower()}_id IF NOT EXISTS FOR (n:{label}) REQUIRE n.id IS UNIQUE"
    )


#: In order. A store of release 0.1 carries no number and is what the first makes.
MIGRATIONS = (
    Migration(
        1,
        "unique ids, full-text index of titles, the graph's identity",
        constraints=tuple(_unique_id(label) for label in (*NODE_LABELS, "Graph")),
        indexes="text",
        data=("MERGE (g:Graph {id: 'graph'}) ON CREATE SET g.identity = $identity",),
    ),
    Migration(
        2,
        "indexes of prices and entity kinds, the graph's revision",
        indexes="range",
        data=("MATCH (g:Graph {id: 'graph'}) SET g.revision = coalesce(g.revision, 0)",),
    ),
)
VERSION = MIGRATIONS[-1].version


@dataclass(frozen=True, slots=True)
class Meta:
    """What the store says of itself; ``version`` 0 and no identity before the first migrate."""

    identity: str | None
    vector_dim: int | None
    version: int


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """Versions of store and program, the migrations and the indexes of the engine."""

    url: str
    version: int
    newest: int
    vector_dim: int | None
    #: (version, purpose, whether the store has it)
    migrations: tuple[tuple[int, str, bool], ...]
    indexes: tuple[IndexState, ...]


META = (
    "MATCH (g:Graph {id: 'graph'}) RETURN g.identity AS identity, g.vector_dim AS vector_dim, "
    "g.version AS version"
)


def read_meta(connection: Connection) -> Meta:
    """StoreError, with both versions, for a store that is newer than this program."""
    rows, agent = connection.greeted(META)
    connection.engine.check_server(agent)
    if not rows:
        return Meta(None, None, 0)
    [row] = rows
    version = 1 if row["version"] is None else int(row["version"])
    if version > VERSION:
        raise StoreError(
            f"store {connection.url}: it has version {version}, made by a newer Shopgraph; this "
            f"one knows versions up to {VERSION}: update Shopgraph, or use another store"
        )
    return Meta(row["identity"], row["vector_dim"], version)


def pending(connection: Connection, version: int) -> Iterator[tuple[Migration, list[str]]]:
    """The migrations that a store of ``version`` lacks, each with its statements in order."""
    for migration in MIGRATIONS:
        if migration.version > version:
            yield (
                migration,
                [
                    *migration.constraints,
                    *connection.engine.index_statements(migration.indexes),
                    *migration.data,
                    _stamp(migration),
                ],
            )


def bring_up_to_date(connection: Connection, version: int) -> None:
    """Run what a store of ``version`` lacks; its number rises with each migration."""
    for migration, _ in pending(connection, version):
        for text in migration.constraints:
            connection.statement(text)
        for text in connection.engine.index_statements(migration.indexes):
            connection.engine.define(text, connection.statement)
        for text in migration.data:
            given = {"identity": str(uuid.uuid4())} if "$identity" in text else {}
            connection.call("write", text, given)
        connection.statement(_stamp(migration))


def store_status(connection: Connection) -> StoreStatus:
    """How the store stands to this program."""
    meta = read_meta(connection)
    return StoreStatus(
        connection.url,
        meta.version,
        VERSION,
        meta.vector_dim,
        tuple((each.version, each.purpose, each.version <= meta.version) for each in MIGRATIONS),
        tuple(connection.engine.index_states(lambda text: connection.call("read", text, {}))),
    )


def _stamp(migration: Migration) -> str:
    return f"MATCH (g:Graph {{id: 'graph'}}) SET g.version = {migration.version}"
