"""Graph stores: the only place where database drivers appear."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from kg.schema import DEFAULT_SCHEMA, GraphSchema

if TYPE_CHECKING:
    from kg.stores.bolt import BoltStore

__all__ = ["open_store"]


def open_store(
    url: str,
    *,
    password: str | None = None,
    schema: GraphSchema = DEFAULT_SCHEMA,
    timeout_s: float = 30.0,
    database: str | None = None,
    ca_file: Path | None = None,
) -> BoltStore:
    """Open the graph at ``url``; `GraphStore.migrate` makes an empty one ready.

    ``embedded:relative/folder`` or ``embedded:///absolute/folder`` starts the embedded engine
    on that folder, or joins the one that another process runs there. ``neo4j://host:7687``,
    ``bolt://``, ``neo4j+s://``, ``bolt+s://`` (and ``+ssc``), optionally ``user@``, connect
    to a Neo4j server; ``password`` is its user's, ``database`` one of
    its databases (default: the user's home database), ``ca_file`` the certificates to trust
    (PEM) instead of the system's, with ``+s``. ``timeout_s`` bounds each query.

    ConfigError for a URL of another form; StoreUnavailable when the store does not answer;
    StoreError when it refuses (wrong password, full disk, failed start: with its reason).
    """
    from kg.stores.bolt import BoltStore
    from kg.stores.urls import engine_for

    engine = engine_for(
        url, password=password, timeout_s=timeout_s, database=database, ca_file=ca_file
    )
    return BoltStore(url, engine, schema, timeout_s=timeout_s)
