"""A graph as networkx's MultiDiGraph, and its files: GraphML, node-link JSON and GEXF.

Nodes are called ``Item:a``, ``User:u1``, ``Entity:colour:red``, with attribute ``labels``; each
relationship is an edge of its own with attribute ``type``. Properties keep their names; one whose
name means something else to a format is called ``property:NAME``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import networkx

from kg.errors import DataError
from kg.export_rows import ExportedNode, ExportedRelationship, NodeKey

GraphFormat = Literal["graphml", "node-link", "gexf"]
#: Names that mean something else in one of the formats, or to networkx.
_RESERVED = frozenset(
    {"id", "label", "labels", "type", "key", "networkx_key", "source", "target", "pid", "parents"}
    | {"start", "end", "viz", "slices", "spells", "for"}
)
_ESCAPE, _JSON = "property:", ":json"
#: Characters that XML cannot hold, and a carriage return, which its readers turn into another.
_NOT_XML = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def node_name(key: NodeKey, /) -> str:
    """``("Item", "a") -> "Item:a"``."""
    return f"{key[0]}:{key[1]}"


def to_networkx(
    nodes: Iterable[ExportedNode], relationships: Iterable[ExportedRelationship]
) -> networkx.MultiDiGraph:
    """The graph with all properties as they are; edge keys are ``e0``, ``e1``, ..."""
    graph = networkx.MultiDiGraph()
    for node in nodes:
        own = {"labels": list(node.labels)} | _named(node.properties)
        # As keywords, names of properties could be those of networkx's own parameters.
        graph.add_nodes_from([(node_name((node.label, node.id)), own)])
    for number, each in enumerate(relationships):
        ends = node_name(each.start), node_name(each.end)
        own = {"type": each.type} | _named(each.properties)
        graph.add_edges_from([(*ends, f"e{number}", own)])
    return graph


def write_graph(graph: networkx.MultiDiGraph, path: Path, /, *, format: GraphFormat) -> None:
    """Write what `to_networkx` made.

    GraphML and GEXF hold no lists, no text that XML cannot hold and one type a name: such a value
    is JSON text under ``NAME:json``. In GEXF a relationship's type is the edge's ``label``, and a
    node's label is its title or name, for Gephi shows these.
    """
    if format == "node-link":
        data = networkx.node_link_data(graph, edges="edges")
        with path.open("w", encoding="utf-8") as file:
            json.dump(data, file, ensure_ascii=False)
    elif format == "graphml":
        networkx.write_graphml(_for_xml(graph, gexf=False), path, infer_numeric_types=False)
    else:
        networkx.write_gexf(_for_xml(graph, gexf=True), path)


def read_graph(path: Path, /, *, format: GraphFormat) -> networkx.MultiDiGraph:
    """What `write_graph` wrote, with equal nodes, edges and properties; keys of edges may differ.

    DataError for a file that is not of that format.
    """
    try:
        if format == "node-link":
            return networkx.node_link_graph(json.loads(path.read_text("utf-8")), edges="edges")
        read: Callable[..., Any] = networkx.read_gexf
        options = {}
        if format == "graphml":
            read, options = networkx.read_graphml, {"force_multigraph": True}
        found = read(path, **options)
    except (ValueError, KeyError, SyntaxError, networkx.NetworkXError) as error:
        raise DataError(str(path), value=str(error), expected=f"a {format} file") from error
    graph = networkx.MultiDiGraph()
    for name, data in found.nodes(data=True):
        # The label of a GEXF node is only shown.
        graph.add_nodes_from([(name, _from_xml(data, {"label"}))])
    for number, (start, end, data) in enumerate(found.edges(data=True)):
        own = _from_xml(data, {"id", "label", "networkx_key"})
        if format == "gexf":
            own["type"] = data["label"]
        graph.add_edges_from([(start, end, f"e{number}", own)])
    return graph


def _named(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        f"{_ESCAPE}{name}"
        if name in _RESERVED or name.startswith(_ESCAPE) or name.endswith(_JSON)
        else name: value
        for name, value in properties.items()
    }


def _for_xml(graph: networkx.MultiDiGraph, *, gexf: bool) -> networkx.MultiDiGraph:
    """A graph whose attributes are single values, each name of one type."""
    made = networkx.MultiDiGraph()
    for name in graph:
        _check(name)
    types: dict[str, type] = {}
    for name, data in graph.nodes(data=True):
        own = dict(_single(data, types))
        if gexf:
            own["label"] = own.get("title", own.get("name", name))
        made.add_nodes_from([(name, own)])
    types = {"weight": float}
    for start, end, key, data in graph.edges(keys=True, data=True):
        own = dict(_single(data, types))
        if gexf:
            own["label"] = own.pop("type")
        made.add_edges_from([(start, end, key, own)])
    return made


def _single(data: Mapping[str, Any], types: dict[str, type]) -> Iterator[tuple[str, Any]]:
    for name, value in data.items():
        plain = isinstance(value, str | bool | int | float)
        if isinstance(value, str):
            # Some readers of GraphML take empty text for no text.
            plain = bool(value) and not _NOT_XML.search(value)
        if plain and types.setdefault(name, type(value)) is type(value):
            yield name, value
        else:
            yield f"{name}{_JSON}", json.dumps(value)


def _from_xml(data: Mapping[str, Any], shown: set[str]) -> dict[str, Any]:
    return {
        name.removesuffix(_JSON) if name.endswith(_JSON) else name: (
            json.loads(value) if name.endswith(_JSON) else value
        )
        for name, value in data.items()
        if name not in shown
    }


def _check(name: str) -> None:
    if _NOT_XML.search(name):
        raise DataError("export", column="id", value=name, expected="text that XML can hold")
