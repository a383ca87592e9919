"""Nodes, neighbours, paths and the schema over HTTP, on both engines; answers by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from graph_fixtures import ADMIN, ENGINES, served_world

from api import graph_models
from api.problems import Problem


@pytest.fixture(scope="module", params=ENGINES)
def client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp(f"served-{request.param}")
    with served_world(request.param, folder) as client:
        yield client


def neighbours(
    client: TestClient, place: str, headers: dict[str, str] | None = None
) -> dict[str, object]:
    answer = client.get(f"/v1/graph/nodes/{place}", headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    graph_models.NeighboursAnswer.model_validate(found)
    return found


def listed(found: dict[str, object]) -> list[tuple[str, str, str]]:
    rows = found["neighbours"]
    return [(row["type"], row["direction"], row["node"]["id"]) for row in rows]  # type: ignore[attr-defined]


def paths(
    client: TestClient, start: str, end: str, *, admin: bool = False, **options: object
) -> list[str]:
    """Each path as `a -TYPE-> b <-TYPE- c`."""
    answer = client.get(
        "/v1/graph/paths",
        params={"from": start, "to": end, **options},
        headers=ADMIN if admin else None,
    )
    assert answer.status_code == 200, answer.text
    found = answer.json()
    graph_models.PathsAnswer.model_validate(found)
    said = []
    for path in found["paths"]:
        words = [path["nodes"][0]["id"]]
        for hop, node in zip(path["relationships"], path["nodes"][1:], strict=True):
            arrow = f"-{hop['type']}->" if hop["start"] == words[-1] else f"<-{hop['type']}-"
            words += [arrow, node["id"]]
        said.append(" ".join(words))
    return said


def test_a_node(client: TestClient) -> None:
    item = client.get("/v1/graph/nodes/Item/b").json()
    graph_models.NodeAnswer.model_validate(item)
    assert item["labels"] == ["Item"]
    assert item["properties"] == {
        "id": "b",
        "title": "Red shoe",
        "title_en": "Red shoe",
        "title_zh": "红色鞋",
        "price": 20.5,
    }
    # Red by text and by picture, shoe, and u2 viewed it.
    assert (item["degree"], item["people"]) == (4, 1)
    for label in ("Colour", "Entity"):
        entity = client.get(f"/v1/graph/nodes/{label}/colour%3Ared").json()
        assert (entity["id"], entity["labels"]) == ("colour:red", ["Colour", "Entity"])
    assert client.get("/v1/graph/nodes/User/u2").json()["properties"]["club"] == "gold"


@pytest.mark.parametrize(
    "place", ["Item/never", "Category/colour%3Ared", "Graph/graph", "Item`) DETACH DELETE n/b"]
)
def test_a_node_that_is_not_there_is_404(client: TestClient, place: str) -> None:
    for more in ("", "/neighbours"):
        answer = client.get(f"/v1/graph/nodes/{place}{more}")
        assert answer.status_code == 404, answer.text
        assert "no node" in Problem.model_validate(answer.json()).detail


def test_neighbours_name_no_people(client: TestClient) -> None:
    found = neighbours(client, "Item/b/neighbours")
    assert listed(found) == [
        ("HAS_CATEGORY", "out", "category:shoe"),
        ("HAS_COLOUR", "out", "colour:red"),
        ("HAS_COLOUR", "out", "colour:red"),
    ]
    assert found["people_hidden"] == 1
    said = [row["properties"]["modality"] for row in found["neighbours"][1:]]  # type: ignore[index]
    assert said == ["image", "text"]


def test_neighbours_name_people_to_the_holder_of_the_key(client: TestClient) -> None:
    found = neighbours(client, "Item/b/neighbours", ADMIN)
    assert listed(found)[-1] == ("INTERACTED", "in", "u2")
    assert (len(listed(found)), found["people_hidden"]) == (4, 0)


def test_neighbours_of_a_person_are_what_they_did(client: TestClient) -> None:
    found = neighbours(client, "User/u3/neighbours")
    assert listed(found) == [("INTERACTED", "out", "c"), ("INTERACTED", "out", "d")]


def test_neighbours_by_type_direction_and_page(client: TestClient) -> None:
    both = listed(neighbours(client, "Item/a/neighbours?types=VARIANT_OF, HAS_COLOUR"))
    assert both == [("HAS_COLOUR", "out", "colour:red"), ("VARIANT_OF", "in", "c")]
    inward = listed(neighbours(client, "Item/a/neighbours?direction=in"))
    assert inward == [("VARIANT_OF", "in", "c")]
    outward = listed(neighbours(client, "Item/a/neighbours?direction=out"))
    assert [type_ for type_, _, _ in outward] == ["HAS_CATEGORY", "HAS_COLOUR"]
    first = neighbours(client, "Item/a/neighbours?limit=2")
    rest = neighbours(client, "Item/a/neighbours?limit=2&offset=2")
    assert (first["next_offset"], rest["next_offset"]) == (2, None)
    assert listed(first) + listed(rest) == listed(neighbours(client, "Item/a/neighbours"))


def test_paths_between_items_do_not_pass_through_people(client: TestClient) -> None:
    assert paths(client, "Item:a", "Item:b", max_hops=2) == [
        "a -HAS_COLOUR-> colour:red <-HAS_COLOUR- b"
    ]
    # d shares blue with c and shoe with b. Rarer first: blue 2, d 3 and shoe 2 are 7 together;
    # shirt 2, a 5 and red 4 are 11.
    assert paths(client, "Item:c", "Item:b", max_hops=3) == [
        "c -VARIANT_OF-> a -HAS_COLOUR-> colour:red <-HAS_COLOUR- b",
    ]
    assert paths(client, "Item:c", "Item:b", max_hops=4) == [
        "c -VARIANT_OF-> a -HAS_COLOUR-> colour:red <-HAS_COLOUR- b",
        "c -HAS_COLOUR-> colour:blue <-HAS_COLOUR- d "
        "-HAS_CATEGORY-> category:shoe <-HAS_CATEGORY- b",
        "c -HAS_CATEGORY-> category:shirt <-HAS_CATEGORY- a "
        "-HAS_COLOUR-> colour:red <-HAS_COLOUR- b",
    ]


def test_paths_through_people_are_for_the_holder_of_the_key(client: TestClient) -> None:
    found = paths(client, "Item:a", "Item:b", max_hops=2, admin=True)
    # u2 did two things, red has four relationships: the rarer first.
    assert found == [
        "a <-INTERACTED- u2 -INTERACTED-> b",
        "a -HAS_COLOUR-> colour:red <-HAS_COLOUR- b",
    ]


def test_paths_from_a_person(client: TestClient) -> None:
    assert paths(client, "User:u1", "Item:a", max_hops=1) == ["u1 -INTERACTED-> a"]
    assert paths(client, "User:u1", "Colour:colour:red", max_hops=2) == [
        "u1 -INTERACTED-> a -HAS_COLOUR-> colour:red"
    ]
    assert paths(client, "User:u1", "Item:b", max_hops=3) == [
        "u1 -INTERACTED-> a -HAS_COLOUR-> colour:red <-HAS_COLOUR- b"
    ]
    assert paths(client, "User:u4", "Item:a", max_hops=4) == []


def test_paths_say_how_many_relationships_and_whether_there_are_more(client: TestClient) -> None:
    answer = client.get("/v1/graph/paths?from=Item:a&to=Item:b&max_hops=2").json()
    assert [hop["times"] for hop in answer["paths"][0]["relationships"]] == [1, 2]
    assert [node["name"] for node in answer["paths"][0]["nodes"]] == [
        "Red shirt",
        "red",
        "Red shoe",
    ]
    assert answer["complete"] is True
    fewer = client.get("/v1/graph/paths?from=Item:c&to=Item:b&max_hops=4&limit=2").json()
    assert (len(fewer["paths"]), fewer["complete"]) == (2, False)


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("from=Item:a", "query.to"),
        ("from=a&to=Item:b", "query.from"),
        ("from=Item:a&to=Item:", "query.to"),
        ("from=Item:a&to=Item:a", "query.to"),
        ("from=Item:a&to=Item:b&max_hops=5", "query.max_hops"),
        ("from=Item:a&to=Item:b&max_hops=0", "query.max_hops"),
    ],
)
def test_refused_ends_and_lengths_are_named(client: TestClient, query: str, place: str) -> None:
    answer = client.get(f"/v1/graph/paths?{query}")
    assert answer.status_code == 422
    assert [error.place for error in Problem.model_validate(answer.json()).errors] == [place]


def test_an_end_that_is_not_there_is_404(client: TestClient) -> None:
    answer = client.get("/v1/graph/paths?from=Item:a&to=Item:never")
    assert answer.status_code == 404
    assert "never" in answer.json()["detail"]


def test_the_schema_counts_what_is_there(client: TestClient) -> None:
    found = client.get("/v1/graph/schema").json()
    graph_models.GraphSchemaAnswer.model_validate(found)
    counts = {label["label"]: label["count"] for label in found["labels"]}
    assert counts == {"Category": 2, "Colour": 2, "Entity": 4, "Item": 5, "User": 4}
    (item,) = [label for label in found["labels"] if label["label"] == "Item"]
    prices = [one for one in item["properties"] if one["name"] == "price"]
    # c has no price, nor has e.
    assert [(price["nodes"], price["types"]) for price in prices] == [(3, ["FLOAT"])]
    types = {
        (one["type"], one["start"], one["end"]): one["count"] for one in found["relationship_types"]
    }
    assert types == {
        ("HAS_CATEGORY", "Item", "Category"): 4,
        ("HAS_COLOUR", "Item", "Colour"): 6,
        ("INTERACTED", "User", "Item"): 5,
        ("VARIANT_OF", "Item", "Item"): 1,
    }
    assert {"name": "colour", "label": "Colour", "relationship": "HAS_COLOUR"} in found["kinds"]
    ready = client.get("/readyz").json()
    assert ready["graph"] == "checked"
