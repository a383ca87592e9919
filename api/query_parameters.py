"""Parameters of a library query as a command line gives them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kg.errors import QueryError

if TYPE_CHECKING:
    from kg.queries import Query


def query_parameters(query: Query, given: Sequence[str]) -> dict[str, object]:
    """``["user_id=u1", "limit=5"]`` -> values of the query's types; QueryError says which is not.

    A LIST or a MAP is written as JSON: ``ids=["a", "b"]``.
    """
    values: dict[str, object] = {}
    for pair in given:
        name, sign, text = pair.partition("=")
        if not sign:
            raise QueryError(f"query {query.name}: --param {pair!r} is not name=value")
        values[name] = _value(text, query.params.get(name, "STRING"))
    return values


def _value(text: str, kind: str) -> object:
    if kind == "STRING":
        return text
    try:
        # TRUE and true are one to Cypher; numbers and lists are JSON's.
        return json.loads(text.lower() if kind == "BOOLEAN" else text)
    except json.JSONDecodeError:
        return text  # Query.bind says what was expected
