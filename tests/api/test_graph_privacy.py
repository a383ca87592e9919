"""No answer names other people unless the admin key is given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from graph_fixtures import ADMIN, ENGINES, served_world, settings_for

from api.app import create_app
from api.people import hide_people
from kg.queries import Query, all_queries, parse_query

#: A value for every parameter without a default, by its name, about u2 and what u2 has.
ASKED: dict[str, object] = {
    "user_id": "u2",
    "item_id": "a",
    "other_id": "b",
    "from_id": "a",
    "to_id": "d",
    "entity_id": "colour:red",
    "entity_ids": ["colour:red"],
    "item_ids": ["a", "b"],
    "kind": "colour",
    "text": "red",
    "high": 100.0,
    "since_s": 50.0,
    "now_s": 1000.0,
    "label": "Item",
    "id": "a",
    "nodes": [{"label": "Item", "id": "a"}],
}
OTHERS = {"u1", "u3", "u4"}
#: They need the index of embeddings, which the world has none of.
OF_VECTORS = {"recommendations/nearest_to_item", "recommendations/nearest_to_user"}
READ = [query for query in all_queries() if query.access == "read" and query.name not in OF_VECTORS]


@pytest.fixture(scope="module", params=ENGINES)
def client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp(f"served-{request.param}")
    with served_world(request.param, folder) as client:
        yield client


def parameters(query: Query) -> dict[str, object]:
    return {name: ASKED[name] for name in query.params if name not in query.defaults}


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


@pytest.mark.parametrize("query", READ, ids=lambda query: query.name)
def test_a_query_of_the_library_names_nobody_else(client: TestClient, query: Query) -> None:
    url = f"/v1/queries/{query.name}?graph=true"
    answer = client.post(url, json=parameters(query))
    if query.people is not None:
        assert answer.status_code == 401, answer.text
        assert "names other people" in answer.json()["detail"]
        # A mark that is never true would keep an answer from everybody for nothing.
        answer = client.post(url, json=about_u1(query), headers=ADMIN)
        assert answer.status_code == 200, answer.text
        assert set(texts(answer.json()["rows"])) & {"u2", "u4"}
    else:
        assert answer.status_code == 200, answer.text
        assert set(texts(answer.json()["rows"])) & OTHERS == set()


def about_u1(query: Query) -> dict[str, object]:
    """u1 and u2 both chose a, and u2 chose b; u4 chose nothing."""
    of_u1: dict[str, object] = {"user_id": "u1", "item_id": "b", "people": True}
    given = {name: value for name, value in of_u1.items() if name in query.params}
    return {**parameters(query), **given}


def test_what_is_drawn_shows_the_person_who_is_asked_about(client: TestClient) -> None:
    answer = client.post("/v1/queries/users/history?graph=true", json={"user_id": "u2"}).json()
    assert "u2" in set(texts([row["graph"] for row in answer["rows"]]))


def test_a_query_that_draws_people_unmarked_is_held_to_those_asked_about(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (
        "// Draws everybody who chose an item\n// :param user_id STRING\n"
        "// :returns item_id, graph\n// :access read\n"
        "MATCH (u:User)-[r:INTERACTED]->(i:Item {id: 'a'}) WHERE $user_id <> '' "
        "RETURN i.id AS item_id, [i, r, u] AS graph ORDER BY u.id"
    )
    drawing = parse_query("users/drawing", text)
    monkeypatch.setattr("api.queries.all_queries", lambda: (drawing,))
    url = "/v1/queries/users/drawing?graph=true"
    answer = client.post(url, json={"user_id": "u2"}).json()
    drawn = [[part.get("id", part.get("type")) for part in row["graph"]] for row in answer["rows"]]
    assert drawn == [["a"], ["a", "INTERACTED", "u2"]]
    whole = client.post(url, json={"user_id": "u2"}, headers=ADMIN).json()
    assert "u1" in set(texts(whole["rows"]))


ITEM = {"labels": ["Item"], "id": "a", "properties": {}}
KNOWN = {"labels": ["User"], "id": "u2", "properties": {}}
OTHER = {"labels": ["User"], "id": "u1", "properties": {}}
BOUGHT = {"type": "INTERACTED", "start": "u1", "end": "a", "properties": {}}
MINE = {"type": "INTERACTED", "start": "u2", "end": "a", "properties": {}}


def test_people_are_taken_out_of_drawings_with_their_relationships_and_paths() -> None:
    with_other = {"nodes": [ITEM, OTHER], "relationships": [BOUGHT]}
    with_known = {"nodes": [ITEM, KNOWN], "relationships": [MINE]}
    drawn = [ITEM, KNOWN, OTHER, BOUGHT, MINE, with_other, with_known, [OTHER, ITEM]]
    assert hide_people(drawn, {"u2"}) == [ITEM, KNOWN, MINE, with_known, [ITEM]]
    # The driver does not always know where a relationship starts.
    assert hide_people([{**BOUGHT, "start": None}], {"u2"}) == []
    assert hide_people(None, {"u2"}) is None


def test_without_a_key_of_the_house_nobody_may(tmp_path: Path) -> None:
    settings = settings_for("embedded:nowhere", tmp_path, admin_key=None)
    with TestClient(create_app(settings)) as client:
        for url, body in (
            ("/v1/cypher", {"query": "RETURN 1"}),
            ("/v1/queries/users/similar_users", {"user_id": "u1"}),
        ):
            for headers in ({}, {"X-API-Key": ""}, {"X-API-Key": "None"}, ADMIN):
                answer = client.post(url, json=body, headers=headers)
                assert answer.status_code == 403
                assert "SHOPGRAPH_API__ADMIN_KEY" in answer.json()["detail"]


def test_a_wrong_key_is_said_even_where_less_would_be_shown_without(tmp_path: Path) -> None:
    with TestClient(create_app(settings_for("embedded:nowhere", tmp_path))) as client:
        place = "/v1/graph/nodes/Item/a/neighbours"
        answer = client.get(place, headers={"X-API-Key": "wrong"})
        assert answer.status_code == 401
        assert "wrong" in answer.json()["detail"]
        both = {**ADMIN, "Authorization": "Bearer wrong"}
        assert client.get(place, headers=both).status_code == 401
        # A key of other letters is compared like any other.
        odd = {"Authorization": "Bearer schlüssel".encode()}
        assert client.get(place, headers=odd).status_code == 401
