"""Reads a whole graph, or what changed since an earlier reading, into a Snapshot.

Nodes first, then relationships between them: one that names a node that came meanwhile waits for
the next snapshot, so none is without its ends. All that was there at the start is in it.
"""

from __future__ import annotations

from dataclasses import replace

from kg.snapshot import Snapshot, build_snapshot, snapshot_of
from kg.stores.connection import Connection
from kg.stores.reading_nodes import read_entities, read_items, read_users
from kg.stores.reading_pages import values
from kg.stores.reading_relationships import read_interactions, read_item_entities, read_item_items


def read_snapshot(connection: Connection, since: Snapshot | None = None) -> Snapshot:
    """The graph as it is now. Of ``since`` is kept what no write has touched after it.

    A write stamps the nodes that it merges, and the start of each relationship that it merges
    or deletes, with the graph's revision: a node whose stamp is not newer than ``since`` has the
    properties and outgoing relationships that it had. Deleted nodes are found by their absence:
    one that was deleted and made again in between keeps, here, what pointed at it. All is read
    where ``since`` is of another graph, or of one put back to an earlier revision.
    """
    rows = values(connection, "MATCH (g:Graph {id: 'graph'}) RETURN g.identity, g.revision", {})
    graph, stamp = rows[0] if rows else ("", None)
    # Asked before anything else: what is written from here on has a higher one.
    revision = -1 if stamp is None else int(stamp)
    if since is None or since.graph != graph or not 0 <= since.revision <= revision:
        since = build_snapshot(items=[], users=[])

    items = read_items(connection, since)
    users = read_users(connection, since)
    entities = read_entities(connection, since)
    if since.revision >= 0 and not (items.changed or users.changed or entities.changed):
        return replace(since, revision=revision)
    return snapshot_of(
        items=items.rows,
        users=users.rows,
        entities=entities.rows,
        interactions=read_interactions(connection, since.interactions, users, items),
        item_entities=read_item_entities(connection, since.item_entities, items, entities),
        item_items=read_item_items(connection, since.item_items, items),
        graph=graph,
        revision=revision,
    )
