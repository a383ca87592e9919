"""The query library, ranking by person and ad-hoc Cypher over HTTP, on both engines.

Answers are worked out by hand on the checkerboard world (see graph_fixtures).
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from graph_fixtures import ADMIN, ADMIN_KEY, ENGINES, served_world

from api import graph_models
from api.problems import Problem
from kg.queries import all_queries


@pytest.fixture(scope="module", params=ENGINES)
def client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp(f"served-{request.param}")
    with served_world(request.param, folder, max_rows=50) as client:
        yield client


def problem(answer: object, status: int, kind: str) -> Problem:
    assert answer.status_code == status, answer.text  # type: ignore[attr-defined]
    assert answer.headers["content-type"] == "application/problem+json"  # type: ignore[attr-defined]
    found = Problem.model_validate(answer.json())  # type: ignore[attr-defined]
    assert found.type == f"urn:shopgraph:problem:{kind}"
    return found


def red(client: TestClient, options: str = "", **params: object) -> dict[str, object]:
    answer = client.post(
        f"/v1/queries/catalogue/items_by_entity{options}",
        json={"entity_id": "colour:red", **params},
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    graph_models.QueryAnswer.model_validate(found)
    return found


def ids(answer: dict[str, object]) -> list[str]:
    return [row["item_id"] for row in answer["rows"]]  # type: ignore[attr-defined]


def test_the_library_is_listed_with_types_defaults_and_columns(client: TestClient) -> None:
    listed = client.get("/v1/queries").json()
    graph_models.QueriesAnswer.model_validate(listed)
    by_name = {query["name"]: query for query in listed["queries"]}
    assert set(by_name) == {query.name for query in all_queries() if query.access == "read"}
    history = by_name["users/history"]
    assert history["params"] == [
        {"name": "user_id", "type": "STRING", "required": True, "default": None},
        {"name": "limit", "type": "INTEGER", "required": False, "default": 20},
    ]
    assert history["columns"][:2] == ["item_id", "title"]
    assert "graph" not in history["columns"]
    assert (history["graph"], history["rankable"], history["people"]) == (True, True, None)
    assert client.get("/v1/queries/users/history").json() == history
    assert client.get("/v1/queries/users%2Fhistory").json() == history


def test_a_query_is_answered_in_rows(client: TestClient) -> None:
    answer = red(client)
    # a says red by column (1.0), b by text (0.75, more than the picture's 0.5), e by text.
    assert [(row["item_id"], row["confidence"]) for row in answer["rows"]] == [
        ("a", 1.0),
        ("b", 0.75),
        ("e", 0.125),
    ]
    assert "graph" not in answer["columns"]
    assert list(answer["rows"][0]) == answer["columns"]
    assert (answer["query"], answer["next_offset"], answer["ranking"]) == (
        "catalogue/items_by_entity",
        None,
        None,
    )


def test_pages_hold_every_row_once(client: TestClient) -> None:
    first, second = red(client, "?limit=2"), red(client, "?limit=2&offset=2")
    assert (ids(first), first["next_offset"]) == (["a", "b"], 2)
    assert (ids(second), second["next_offset"]) == (["e"], None)
    assert red(client, "?limit=3")["next_offset"] is None
    assert ids(red(client, "?offset=7")) == []


def test_what_is_to_be_drawn_comes_when_asked_for(client: TestClient) -> None:
    answer = red(client, "?graph=true&limit=1")
    drawn = answer["rows"][0]["graph"]
    nodes = [node for part in drawn for node in part.get("nodes", [part])]
    found = {node["id"]: node["labels"] for node in nodes if "labels" in node}
    assert found == {"a": ["Item"], "colour:red": ["Colour", "Entity"]}
    assert answer["columns"][-1] == "graph"


def test_a_query_ordered_for_a_person(client: TestClient) -> None:
    # u1 owns a: b shares the colour (0.5), a is no reason for itself (0), e is unknown.
    answer = red(client, "?rank_for=u1")
    assert [(row["item_id"], row["rank_score"]) for row in answer["rows"]] == [
        ("b", 0.5),
        ("a", 0.0),
        ("e", None),
    ]
    assert answer["columns"][-1] == "rank_score"
    assert answer["ranking"] == {
        "user_id": "u1",
        "strategy": "relational_attention",
        "artifact": answer["ranking"]["artifact"],
        "ranked": 3,
        "unknown": 1,
        "complete": True,
    }
    explained = client.get("/v1/users/u1/recommendations/b/explanation").json()
    assert explained["score"] == 0.5


def test_equal_scores_keep_the_order_of_the_query(client: TestClient) -> None:
    # u3 owns c and d: c says a quarter for a, d a quarter for b.
    answer = red(client, "?rank_for=u3")
    assert [(row["item_id"], row["rank_score"]) for row in answer["rows"]] == [
        ("a", 0.25),
        ("b", 0.25),
        ("e", None),
    ]


def test_an_unknown_item_comes_last_wherever_the_query_has_it(client: TestClient) -> None:
    # By title downwards the query has e, b, a, d, c.
    url, params = "/v1/queries/catalogue/newest", {"property": "title"}
    assert ids(client.post(url, json=params).json()) == ["e", "b", "a", "d", "c"]
    answer = client.post(f"{url}?rank_for=u1", json=params).json()
    assert [(row["item_id"], row["rank_score"]) for row in answer["rows"]] == [
        ("b", 0.5),
        ("c", 0.25),
        ("a", 0.0),
        ("d", 0.0),
        ("e", None),
    ]


def test_the_whole_answer_is_ordered_and_then_paged(client: TestClient) -> None:
    first = red(client, "?rank_for=u1&limit=1")
    assert (ids(first), first["next_offset"]) == (["b"], 1)
    second = red(client, "?rank_for=u1&limit=2&offset=1")
    assert (ids(second), second["next_offset"]) == (["a", "e"], None)


@pytest.mark.parametrize("user", ["u4", "never was"])
def test_of_somebody_unknown_the_strategy_says_so(client: TestClient, user: str) -> None:
    answer = red(client, f"?rank_for={user}")
    assert answer["ranking"]["strategy"] == "popular"
    # Two people have a, one has b.
    assert [(row["item_id"], row["rank_score"]) for row in answer["rows"]] == [
        ("a", 2.0),
        ("b", 1.0),
        ("e", None),
    ]


def test_only_items_can_be_ordered(client: TestClient) -> None:
    answer = client.post("/v1/queries/administration/counts?rank_for=u1")
    assert "item_id" in problem(answer, 422, "query").detail


def test_every_wrong_parameter_is_named_at_once(client: TestClient) -> None:
    answer = client.post("/v1/queries/users/history", json={"limit": "5", "usr": "u1"})
    detail = problem(answer, 422, "query").detail
    for words in ("missing parameter user_id", "unknown parameter usr", "limit '5'"):
        assert words in detail


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ("limit=51", "query.limit"),
        ("limit=0", "query.limit"),
        ("offset=-1", "query.offset"),
        ("timeout_s=11", "query.timeout_s"),
        ("graph=perhaps", "query.graph"),
    ],
)
def test_a_refused_option_is_named(client: TestClient, options: str, place: str) -> None:
    answer = client.post(f"/v1/queries/users/history?{options}", json={"user_id": "u1"})
    errors = problem(answer, 422, "invalid-request").errors
    assert [error.place for error in errors] == [place]


def test_parameters_are_an_object(client: TestClient) -> None:
    answer = client.post("/v1/queries/users/history", json=["u1"])
    problem(answer, 422, "invalid-request")


def test_an_unknown_query_names_those_like_it(client: TestClient) -> None:
    found = problem(client.post("/v1/queries/users/histroy"), 404, "not-found")
    assert "did you mean users/history" in found.detail
    problem(client.get("/v1/queries/x"), 404, "not-found")


def test_cypher_in_a_parameter_stays_data(client: TestClient) -> None:
    text = "colour:red'}) DETACH DELETE n //"
    assert red(client, entity_id=text)["rows"] == []
    assert ids(red(client)) == ["a", "b", "e"]


def test_cypher_for_the_holder_of_the_key(client: TestClient) -> None:
    asked = {
        "query": "MATCH (i:Item)-[:HAS_COLOUR]->(c {id: $id}) WITH DISTINCT i, c "
        "RETURN i.id AS id, c AS colour ORDER BY id",
        "params": {"id": "colour:blue"},
    }
    answers = [
        client.post("/v1/cypher?limit=1", json=asked, headers=headers)
        for headers in (ADMIN, {"Authorization": f"Bearer {ADMIN_KEY}"})
    ]
    for answer in answers:
        assert answer.status_code == 200, answer.text
        found = answer.json()
        graph_models.RowsAnswer.model_validate(found)
        assert (found["columns"], found["next_offset"]) == (["id", "colour"], 1)
        assert found["rows"][0]["id"] == "c"
        assert found["rows"][0]["colour"]["labels"] == ["Colour", "Entity"]


@pytest.mark.parametrize(
    "headers", [{}, {"X-API-Key": "wrong"}, {"Authorization": "Basic eDp5"}, {"X-API-Key": ""}]
)
def test_cypher_without_the_key_is_401(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.post("/v1/cypher", json={"query": "RETURN 1 AS one"}, headers=headers)
    problem(answer, 401, "unauthorized")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "text",
    ["CREATE (n:Item {id: 'x'}) RETURN n", "MATCH (n:Item) DETACH DELETE n", "MATCH (n SET"],
)
def test_cypher_that_writes_is_refused_and_changes_nothing(client: TestClient, text: str) -> None:
    answer = client.post("/v1/cypher", json={"query": text}, headers=ADMIN)
    problem(answer, 422, "query")
    count = {"query": "MATCH (n:Item) RETURN count(n) AS n"}
    answer = client.post("/v1/cypher", json=count, headers=ADMIN)
    assert answer.json()["rows"] == [{"n": 5}]


def test_cypher_that_takes_too_long_is_504(client: TestClient) -> None:
    text = "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b RETURN max(a * b) AS m"
    answer = client.post("/v1/cypher?timeout_s=0.5", json={"query": text}, headers=ADMIN)
    assert "0.5 s" in problem(answer, 504, "query-timeout").detail
    # The store is not away because of that.
    assert ids(red(client)) == ["a", "b", "e"]
