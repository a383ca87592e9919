"""`export`: the graph as files for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.cli.options import ConfigOption, JsonOption, settings_of
from api.cli.screen import Screen

if TYPE_CHECKING:
    from kg.export_rows import NodeKey

Format = Literal["graphml", "node-link", "gexf", "csv"]


def export(
    out: Annotated[Path, typer.Argument(help="File to write; for csv, an absent or empty folder.")],
    *,
    format: Annotated[
        Format, typer.Option(help="csv is what neo4j-admin database import takes.")
    ] = "graphml",
    around: Annotated[
        str | None,
        typer.Option(help="Only what is around this node: LABEL:ID, Item, User or Entity."),
    ] = None,
    hops: Annotated[int, typer.Option(min=1, max=4, help="How far from --around.")] = 2,
    max_nodes: Annotated[int, typer.Option(min=1, help="Nodes at most, with --around.")] = 500,
    embeddings: Annotated[
        bool, typer.Option("--embeddings", help="Also the learned embeddings of nodes.")
    ] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Write the graph, or a node's neighbourhood, as files: GraphML, node-link, GEXF or CSV.

    Example: shopgraph export --format gexf --around Item:p0001 --hops 2 around.gexf
    """
    from api.shop import open_graph
    from kg.export import export_graph

    node = None if around is None else _node(around)
    settings = settings_of(config)
    screen = Screen(as_json=json)
    with screen.waiting("writing the graph"), open_graph(settings) as store:
        summary = export_graph(
            store,
            out,
            format=format,
            node=node,
            hops=hops,
            max_nodes=max_nodes,
            embeddings=embeddings,
        )
    if json:
        screen.document({"out": str(out), "format": format, "summary": summary})
        return
    screen.line(f"{summary.nodes} nodes, {summary.relationships} relationships in {out}")
    if summary.arguments:
        screen.line(f"the command that imports them stands in {out / 'import.txt'}")


def _node(given: str) -> NodeKey:
    """``Item:p0001``; ids may hold colons themselves."""
    label, colon, id_ = given.partition(":")
    if not colon or label not in ("Item", "User", "Entity") or not id_:
        raise typer.BadParameter(
            f"{given!r} is not LABEL:ID with label Item, User or Entity", param_hint="--around"
        )
    return label, id_
