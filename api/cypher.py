"""Ad-hoc Cypher, for the holder of the admin key, held to reading by the database itself."""

from __future__ import annotations

import time

from fastapi import APIRouter

from api.admin import CallerOf
from api.graph_models import CypherRequest, RowsAnswer
from api.json_response import JsonResponse
from api.problems import ADMIN, GRAPH
from api.service import Limit, Offset, ServiceOf, TimeLimit

router = APIRouter(prefix="/v1", tags=["graph"])


@router.post("/cypher", response_model=RowsAnswer, responses={**GRAPH, **ADMIN})
async def cypher(
    asked: CypherRequest,
    *,
    service: ServiceOf,
    caller: CallerOf,
    offset: Offset = 0,
    limit: Limit = None,
    timeout_s: TimeLimit = None,
) -> JsonResponse:
    """Rows of any Cypher that reads; needs the admin key.

    It runs in a transaction that the database itself holds to reading: a statement that
    writes is refused (422) and nothing has changed. Time is bounded by `api.cypher_timeout_s`
    (504), rows by `api.max_rows` a page.
    """
    caller.require_admin("ad-hoc Cypher")
    size = service.page_size(limit)
    seconds = service.seconds(timeout_s, service.settings.cypher_timeout_s)
    began = time.perf_counter()
    answer = await service.store.call(
        lambda store: store.read(
            asked.query, asked.params, offset=offset, max_rows=size, timeout_s=seconds
        ),
        timeout_s=seconds,
    )
    return JsonResponse(
        {
            "columns": list(answer.columns),
            "rows": answer.rows,
            "next_offset": offset + size if answer.more else None,
            "took_ms": round(1000 * (time.perf_counter() - began), 2),
        }
    )
