"""A graph, or the neighbourhood of a node, into files that other programs read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from kg.errors import ConfigError
from kg.export_csv import CsvExport
from kg.export_rows import NodeKey, around, everything, nodes, relationships
from kg.graph import GraphStore

ExportFormat: TypeAlias = Literal["graphml", "node-link", "gexf", "csv"]


@dataclass(frozen=True, slots=True)
class ExportSummary:
    """What was written; ``arguments`` are those of ``neo4j-admin database import full``."""

    nodes: int
    relationships: int
    arguments: tuple[str, ...] = ()


def export_graph(
    store: GraphStore,
    out: Path,
    /,
    *,
    format: ExportFormat,
    node: NodeKey | None = None,
    hops: int = 2,
    max_nodes: int = 500,
    embeddings: bool = False,
) -> ExportSummary:
    """Write items, users and entities and what links them to ``out``.

    ``csv``: a folder, absent or empty, of files for ``neo4j-admin database import``; the graph is
    streamed, only ids are held. ``graphml``, ``node-link`` (JSON), ``gexf``: a file, written whole
    or not at all; networkx holds the graph meanwhile. ``node``: only what is around it (see
    `kg.export_rows.around`). Embeddings are left out unless asked for; the store's own node
    (identity, version, revision) always: an imported graph is another graph, and `migrate` makes
    it ready.

    ConfigError for another format; DataError for what the format cannot hold.
    """
    if format not in get_args(ExportFormat):
        known = ", ".join(get_args(ExportFormat))
        raise ConfigError(f"export format {format!r} is not one of: {known}")
    chosen = (
        everything(store) if node is None else around(store, node, hops=hops, max_nodes=max_nodes)
    )
    node_rows = nodes(store, chosen, embeddings=embeddings)
    relationship_rows = relationships(store, chosen)
    if format == "csv":
        with CsvExport(out) as files:
            n_nodes = files.nodes(node_rows)
            n_relationships = files.relationships(relationship_rows)
            return ExportSummary(n_nodes, n_relationships, files.finish())
    from kg.export_networkx import to_networkx, write_graph

    graph = to_networkx(node_rows, relationship_rows)
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f"{out.name}.part")
    try:
        write_graph(graph, part, format=format)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return ExportSummary(graph.number_of_nodes(), graph.number_of_edges())
