"""The graph itself: a node, its neighbours, paths between two nodes, what there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast
from urllib.parse import unquote

from fastapi import APIRouter, Path, Query
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator

from api.admin import CallerOf
from api.graph_models import GraphSchemaAnswer, NeighboursAnswer, NodeAnswer, PathsAnswer
from api.json_response import JsonResponse
from api.problems import GRAPH
from api.service import Limit, Offset, Service, ServiceOf, TimeLimit
from kg.errors import NotFound
from kg.paths import GraphPath, NodeRef, Paths, find_paths
from kg.queries import load_query

if TYPE_CHECKING:
    from kg.graph import Answer, Row
    from kg.stores.bolt import BoltStore

router = APIRouter(prefix="/v1/graph", tags=["graph"])

#: Properties that the house keeps for itself.
_INTERNAL = frozenset({"embedding", "embedding_version", "revision"})

Label = Annotated[
    str,
    Path(description="`Item`, `User`, `Entity` or the label of an entity kind."),
    AfterValidator(unquote),
]
NodeId = Annotated[str, Path(description="Id of the node."), AfterValidator(unquote)]
End = Annotated[str, Query(pattern=r"^[^:]+:(?s:.)+$")]


@router.get(
    "/nodes/{label}/{node_id:path}/neighbours", response_model=NeighboursAnswer, responses=GRAPH
)
async def neighbours(
    label: Label,
    node_id: NodeId,
    *,
    service: ServiceOf,
    caller: CallerOf,
    types: Annotated[
        str,
        Query(
            description="Relationship types, separated by commas; all by default.",
            examples=["HAS_COLOUR,HAS_BRAND"],
        ),
    ] = "",
    direction: Annotated[
        Literal["in", "out", "both"], Query(description="As the node sees it.")
    ] = "both",
    offset: Offset = 0,
    limit: Limit = None,
    timeout_s: TimeLimit = None,
) -> JsonResponse:
    """What a node is related to, by type, direction and id, page by page.

    People are listed only for the holder of the admin key; others learn how many they are.
    """
    size = service.page_size(limit)
    seconds = service.seconds(timeout_s, service.settings.query_timeout_s)
    params = {
        "label": label,
        "id": node_id,
        "types": [one.strip() for one in types.split(",") if one.strip()],
        "direction": direction,
        "people": caller.admin,
    }

    def work(store: BoltStore) -> tuple[Row, Answer]:
        found = _node(store, NodeRef(label, node_id), seconds)
        query = load_query("graph/neighbours")
        page = store.answer(query, params, offset=offset, max_rows=size, timeout_s=seconds)
        return found, page

    found, page = await service.store.call(work, timeout_s=seconds)
    return JsonResponse(
        {
            "node": _shown(found["node"]),
            "neighbours": [
                {
                    "type": row["type"],
                    "direction": row["direction"],
                    "properties": row["properties"],
                    "node": _shown(row["node"]),
                }
                for row in page.rows
            ],
            "people_hidden": 0 if caller.admin else found["people"],
            "next_offset": offset + size if page.more else None,
        }
    )


@router.get("/nodes/{label}/{node_id:path}", response_model=NodeAnswer, responses=GRAPH)
async def node(label: Label, node_id: NodeId, service: ServiceOf) -> JsonResponse:
    """A node with its properties."""
    seconds = service.settings.query_timeout_s
    found = await service.store.call(
        lambda store: _node(store, NodeRef(label, node_id), seconds), timeout_s=seconds
    )
    counts = {"degree": found["degree"], "people": found["people"]}
    return JsonResponse({**_shown(found["node"]), **counts})


@router.get("/paths", response_model=PathsAnswer, responses=GRAPH)
async def paths(
    *,
    service: ServiceOf,
    caller: CallerOf,
    start: Annotated[
        End, Query(alias="from", description="`Label:id` of a node.", examples=["User:u0001"])
    ],
    end: Annotated[
        End, Query(alias="to", description="`Label:id` of another.", examples=["Item:p0001"])
    ],
    max_hops: Annotated[int, Query(ge=1, le=4, description="Longest path.")] = 3,
    limit: Annotated[int, Query(ge=1, le=200, description="Most paths.")] = 20,
    timeout_s: TimeLimit = None,
) -> JsonResponse:
    """Simple paths between two nodes, in either direction of each relationship.

    A label is `Item`, `User`, `Entity` or that of an entity kind; what follows its colon is
    the id, colons included: `Colour:colour:red`. No path passes through a node with more than
    1000 relationships, which links nearly everything, nor, without the admin key, through a
    person.
    """
    seconds = service.seconds(timeout_s, service.settings.query_timeout_s)
    ends = [NodeRef(*one.split(":", 1)) for one in (start, end)]
    if start == end:
        message = "Input should be another node than `from`"
        raise RequestValidationError([{"loc": ("query", "to"), "msg": message}])

    def work(store: BoltStore) -> tuple[Paths, dict[NodeRef, str | None]]:
        def ask(query: Any, params: Mapping[str, object]) -> list[Row]:
            return store.answer(query, params, timeout_s=seconds).rows

        nodes = [_node(store, one, seconds)["node"] for one in ends]
        refs = [NodeRef(_main_label(found["labels"]), found["id"]) for found in nodes]
        names = {ref: _name(found) for ref, found in zip(refs, nodes, strict=True)}
        found = find_paths(ask, *refs, max_hops=max_hops, limit=limit, people=caller.admin)
        return found, {**found.names, **names}

    found, names = await service.store.call(work, timeout_s=seconds)
    return JsonResponse(
        {"paths": [_path(path, names) for path in found.paths], "complete": found.complete}
    )


@router.get("/schema", response_model=GraphSchemaAnswer, responses=GRAPH)
async def schema(service: ServiceOf) -> JsonResponse:
    """Labels and relationship types with counts and properties, as the data has them."""
    seconds = service.settings.query_timeout_s

    def work(store: BoltStore) -> tuple[str, list[Row], list[Row], list[Row]]:
        def ask(name: str) -> list[Row]:
            return store.answer(load_query(name), {}, timeout_s=seconds).rows

        return (
            store.identity(),
            ask("administration/counts"),
            ask("administration/node_schema"),
            ask("administration/relationship_schema"),
        )

    identity, counts, nodes, relationships = await service.store.call(work, timeout_s=seconds)
    return JsonResponse(
        {
            "identity": identity,
            "labels": [
                {
                    "label": row["name"],
                    "count": row["count"],
                    "properties": [
                        {"name": one["property"], "nodes": one["nodes"], "types": one["types"]}
                        for one in nodes
                        if one["label"] == row["name"] and one["property"] not in _INTERNAL
                    ],
                }
                for row in counts
                if row["part"] == "node" and row["name"] != "Graph"
            ],
            "relationship_types": [
                {name: row[name] for name in ("type", "start", "end", "count", "properties")}
                for row in relationships
            ],
            "kinds": _kinds(service),
        }
    )


def _kinds(service: Service) -> list[dict[str, str]]:
    return [
        {"name": kind.name, "label": kind.label, "relationship": kind.relationship}
        for kind in service.graph_schema.kinds.values()
    ]


def _node(store: BoltStore, asked: NodeRef, seconds: float) -> Row:
    params = {"label": asked.label, "id": asked.id}
    rows = store.answer(load_query("graph/node"), params, timeout_s=seconds).rows
    if not rows:
        raise NotFound(f"no node {asked.label} {asked.id!r} in the graph")
    return rows[0]


def _shown(node: dict[str, Any]) -> dict[str, Any]:
    properties = {
        name: value for name, value in node["properties"].items() if name not in _INTERNAL
    }
    return {**node, "properties": properties}


def _main_label(labels: list[str]) -> str:
    return next(label for label in ("Item", "User", "Entity") if label in labels)


def _name(node: dict[str, Any]) -> str | None:
    properties = node["properties"]
    return cast("str | None", properties.get("title") or properties.get("name"))


def _path(path: GraphPath, names: Mapping[NodeRef, str | None]) -> dict[str, Any]:
    ids = [node.id for node in path.nodes]
    return {
        "nodes": [
            {"label": node.label, "id": node.id, "name": names.get(node)} for node in path.nodes
        ],
        "relationships": [
            {
                "type": hop.type,
                "start": ids[at] if hop.outgoing else ids[at + 1],
                "end": ids[at + 1] if hop.outgoing else ids[at],
                "times": hop.times,
            }
            for at, hop in enumerate(path.hops)
        ],
        "degree": path.degree,
    }
