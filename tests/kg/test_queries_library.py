"""The library as a whole: each file has a test of its answer, and answers in its own columns."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from query_fixtures import library_store
from store_world import ENGINES

from kg.queries import GRAPH, Query, all_queries, load_query, query_names
from kg.schema import DEFAULT_SCHEMA
from kg.stores.bolt import BoltStore

TESTS = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module", params=ENGINES)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BoltStore]:
    for store in library_store(request.param, tmp_path_factory.mktemp(request.param)):
        store.migrate(DEFAULT_SCHEMA, vector_dim=2)
        vectors = {"a": [1.0, 0.0], "b": [0.8, 0.6], "c": [0.0, 1.0], "d": [-1.0, 0.0]}
        store.write_embeddings(("Item", id_, vector, "v1") for id_, vector in vectors.items())
        store.write_embeddings([("User", "u5", [0.6, 0.8], "v1")])
        store.run(load_query("administration/promote"), version="v1", at_s=1.0)
        yield store


def named_in_tests() -> set[str]:
    """Names of queries that a test function says as a text of its own."""
    names = set()
    for path in TESTS.rglob("test_*.py"):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef) and function.name.startswith("test_"):
                names |= {
                    node.value
                    for node in ast.walk(function)
                    if isinstance(node, ast.Constant) and isinstance(node.value, str)
                }
    return names


def test_every_query_has_a_test_of_its_own() -> None:
    assert set(query_names()) - named_in_tests() == set()


ARGUMENTS: dict[str, object] = {
    "user_id": "u5",
    "item_id": "c",
    "other_id": "a",
    "from_id": "a",
    "to_id": "b",
    "item_ids": ["b"],
    "entity_id": "colour:red",
    "entity_ids": ["colour:red"],
    "all_of": ["colour:red"],
    "kind": "colour",
    "text": "shoe",
    "label": "Item",
    "id": "b",
    "nodes": [{"label": "Item", "id": "b"}],
    "high": 100.0,
    "since_s": 2000.0,
    "now_s": 500.0,
}
#: Nothing in so small a world answers them; the tests of their own topic have what does.
MAY_BE_EMPTY = frozenset({"recommendations/along_broader", "quality/conflicts"})
ONE_ROW = {
    "administration/artifact",
    "administration/identity",
    "catalogue/entity",
    "catalogue/item",
    "explanations/people_between",
    "graph/node",
    "users/price_band",
}
READS = [query for query in all_queries() if query.access == "read"]


@pytest.mark.parametrize("query", READS, ids=lambda query: query.name)
def test_columns_are_those_of_the_header(store: BoltStore, query: Query) -> None:
    params = {
        name: ARGUMENTS[name]
        for name in query.params
        if name not in query.defaults or name == "all_of"
    }
    answer = store.answer(query, params)
    # The embedded engine does not name the columns of an answer without rows.
    assert answer.columns == query.returns or (not answer.rows and not answer.columns)
    assert answer.rows or query.name in MAY_BE_EMPTY
    assert all(tuple(row) == query.returns for row in answer.rows)


@pytest.mark.parametrize("query", READS, ids=lambda query: query.name)
def test_an_answer_that_names_nodes_can_be_drawn(query: Query) -> None:
    names_nodes = any(column == "id" or column.endswith("_id") for column in query.returns)
    internal = query.name.startswith("administration/") or query.name == "catalogue/statements"
    assert query.returns[-1] == GRAPH or internal or not names_nodes


@pytest.mark.parametrize("query", READS, ids=lambda query: query.name)
def test_the_order_of_an_answer_is_said(query: Query) -> None:
    assert query.name in ONE_ROW or "ORDER BY" in query.text
