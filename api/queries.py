"""The query library over HTTP: what there is, and its answers, by page or for a person."""

from __future__ import annotations

import time
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Body, Path, Query
from pydantic import AfterValidator

from api.admin import CallerOf
from api.graph_models import QueriesAnswer, QueryAnswer, QueryDescription
from api.json_response import JsonResponse
from api.people import hide_people
from api.problems import ADMIN, GRAPH, UNKNOWN_NAME
from api.ranking import ITEM_COLUMN, ranked
from api.service import Limit, Offset, ServiceOf, TimeLimit
from kg.errors import NotFound, QueryError
from kg.queries import GRAPH as DRAWN
from kg.queries import Query as LibraryQuery
from kg.queries import all_queries

router = APIRouter(prefix="/v1/queries", tags=["graph"])

QueryName = Annotated[
    str,
    Path(description="Name of a query, `topic/name`.", examples=["users/history"]),
    AfterValidator(unquote),
]
_HISTORY = {"summary": "A user's history", "value": {"user_id": "u0001", "limit": 5}}


@router.get("", response_model=QueriesAnswer)
async def queries() -> JsonResponse:
    """Every query that may be asked, with its parameters and columns."""
    return JsonResponse({"queries": [_described(query) for query in _offered().values()]})


@router.get("/{name:path}", response_model=QueryDescription, responses=UNKNOWN_NAME)
async def describe(name: QueryName) -> JsonResponse:
    """One query of the library."""
    return JsonResponse(_described(_query(name)))


@router.post("/{name:path}", response_model=QueryAnswer, responses={**GRAPH, **ADMIN})
async def ask(
    name: QueryName,
    *,
    service: ServiceOf,
    caller: CallerOf,
    parameters: Annotated[
        dict[str, Any],
        Body(
            description="The query's parameters by name; those with a default may be left out.",
            openapi_examples={"history": _HISTORY},
        ),
    ] = {},  # noqa: B006 - never written to; what stands here is documented as the default
    offset: Offset = 0,
    limit: Limit = None,
    timeout_s: TimeLimit = None,
    graph: Annotated[
        bool, Query(description="Also the column `graph`: nodes and relationships to draw.")
    ] = False,
    rank_for: Annotated[
        str | None,
        Query(
            description="A user's id: the rows are ordered for them by the model. The query must "
            "have a column `item_id`; its own limit says how many rows there are to order."
        ),
    ] = None,
) -> JsonResponse:
    """Rows of a query of the library.

    A query that may name other people asks for the admin key. Without it, people other than
    those named in the parameters are left out of the column `graph`.
    """
    query = _query(name)
    if query.people is not None:
        caller.require_admin(f"query {name}, which names other people,")
    values = query.bind(parameters)
    if rank_for is not None and ITEM_COLUMN not in query.returns:
        raise QueryError(
            f"query {name}: rank_for needs a column {ITEM_COLUMN}, it has: "
            f"{', '.join(query.columns)}"
        )
    size = service.page_size(limit)
    seconds = service.seconds(timeout_s, service.settings.query_timeout_s)
    first, most = (offset, size) if rank_for is None else (0, service.settings.max_ranked)
    began = time.perf_counter()
    answer = await service.store.call(
        lambda store: store.answer(query, values, offset=first, max_rows=most, timeout_s=seconds),
        timeout_s=seconds,
    )
    took_ms = 1000 * (time.perf_counter() - began)
    columns = [column for column in answer.columns if graph or column != DRAWN]
    rows = [{column: row[column] for column in columns} for row in answer.rows]
    more, ranking = answer.more, None
    if rank_for is not None:
        ranking, rows = await ranked(await service.recommender(), rank_for, rows)
        ranking["complete"] = not answer.more
        more = len(rows) > offset + size
        rows = rows[offset : offset + size]
        columns.append("rank_score")
    if graph and not caller.admin:
        known = _texts(values) | ({rank_for} if rank_for is not None else set())
        rows = [
            {**row, DRAWN: hide_people(row[DRAWN], known)} if DRAWN in row else row for row in rows
        ]
    return JsonResponse(
        {
            "query": name,
            "columns": columns,
            "rows": rows,
            "next_offset": offset + size if more else None,
            "took_ms": round(took_ms, 2),
            "ranking": ranking,
        }
    )


def _offered() -> Mapping[str, LibraryQuery]:
    """By name; what writes is not offered."""
    return {query.name: query for query in all_queries() if query.access == "read"}


def _query(name: str) -> LibraryQuery:
    offered = _offered()
    if name in offered:
        return offered[name]
    close = get_close_matches(name, offered, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(close)}? " if close else ""
    raise NotFound(f"no query {name!r} in the library; {hint}GET /v1/queries lists all")


def _described(query: LibraryQuery) -> dict[str, Any]:
    return {
        "name": query.name,
        "purpose": query.purpose,
        "params": [
            {
                "name": name,
                "type": kind,
                "required": name not in query.defaults,
                "default": query.defaults.get(name),
            }
            for name, kind in query.params.items()
        ],
        "columns": list(query.columns),
        "graph": DRAWN in query.returns,
        "rankable": ITEM_COLUMN in query.returns,
        "people": query.people,
        "access": query.access,
        "slow": query.slow,
    }


def _texts(values: Mapping[str, object]) -> set[str]:
    """Every text among parameters: the people that the question names itself."""
    texts: set[str] = set()
    for value in values.values():
        texts |= {
            one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)
        }
    return texts
