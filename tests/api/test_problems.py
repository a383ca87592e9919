"""Whatever goes wrong is a problem document that says what, and with which value."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from serving_fixtures import GRAPH, shop  # noqa: F401

from api.app import create_app
from api.engine import Engine, GraphCheck
from api.problems import Problem
from api.settings import load_settings
from gnn.recommender import Recommender
from kg.errors import StoreUnavailable


@pytest.fixture(scope="module")
def client(shop: Path) -> Iterator[TestClient]:  # noqa: F811
    with TestClient(create_app(load_settings(shop / "shopgraph.toml"))) as client:
        yield client


def problem(client: TestClient, url: str, status: int) -> Problem:
    answer = client.get(url)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return Problem.model_validate(answer.json())


@pytest.mark.parametrize(
    "url",
    [
        "/v1/items/never-was",
        "/v1/items/never-was/similar",
        "/v1/items/never-was/image",
        "/v1/users/u/recommendations/never-was/explanation",
    ],
)
def test_an_unknown_item_is_404_and_named(client: TestClient, url: str) -> None:
    found = problem(client, url, 404)
    assert "never-was" in found.detail
    assert found.type == "urn:shopgraph:problem:not-found"
    assert found.instance == url


def test_the_history_of_an_unknown_user_is_404(client: TestClient) -> None:
    assert "never-was" in problem(client, "/v1/users/never-was/history", 404).detail


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("k=0", "greater than or equal to 1"),
        ("k=21", "less than or equal to 20"),
        ("k=many", "valid integer"),
        ("lang=fr", "'en' or 'zh'"),
    ],
)
def test_a_refused_parameter_is_422_and_named(client: TestClient, query: str, words: str) -> None:
    found = problem(client, f"/v1/users/u/recommendations?{query}", 422)
    assert words in found.detail
    assert [error.place for error in found.errors] == [f"query.{query.partition('=')[0]}"]


def test_a_search_without_words_is_422(client: TestClient) -> None:
    assert "query.q" in problem(client, "/v1/search?q=", 422).detail


def test_a_path_that_is_none_is_404_and_points_to_the_docs(client: TestClient) -> None:
    assert "/docs" in problem(client, "/v2/anything", 404).detail


def test_a_wrong_method_is_405(client: TestClient) -> None:
    answer = client.post("/v1/users")
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["allow"] == "GET"


def test_an_unexpected_error_tells_the_client_no_internals(shop: Path) -> None:  # noqa: F811
    class Broken(Recommender):
        def item(self, item_id: str, /) -> object:
            raise RuntimeError("secret of the house")

    def load(identity: str | None) -> Recommender:
        return Broken.load(shop / "artifact")

    engine = Engine(load, check_graph=lambda: GraphCheck(None, "not checked"))
    app = create_app(load_settings(shop / "shopgraph.toml"), engine=engine)
    with TestClient(app, raise_server_exceptions=False) as client:
        found = problem(client, "/v1/items/r1", 500)
    assert "secret" not in found.model_dump_json()


def test_no_artifact_is_503_until_one_is_there(
    shop: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("api.engine.RETRY_S", 0.0)
    shutil.copy(shop / "shopgraph.toml", tmp_path)
    app = create_app(load_settings(tmp_path / "shopgraph.toml"))
    with TestClient(app) as client:
        assert client.get("/healthz").status_code == 200
        found = problem(client, "/v1/users/u/recommendations", 503)
        assert found.type == "urn:shopgraph:problem:artifact"
        assert "train" in found.detail
        ready = client.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["missing"] == [f"artifact: {found.detail}"]
        assert client.get("/").status_code == 200
        # Whoever trains need not restart the server.
        shutil.copytree(shop / "artifact", tmp_path / "artifact")
        assert client.get("/v1/users/u/recommendations").status_code == 200
        assert client.get("/readyz").json()["status"] == "ready"


def test_an_artifact_of_another_graph_is_503_and_names_both(shop: Path) -> None:  # noqa: F811
    settings = load_settings(shop / "shopgraph.toml")

    def load(identity: str | None) -> Recommender:
        return Recommender.load(settings.gnn.artifact_dir, expect_graph=identity)

    engine = Engine(load, check_graph=lambda: GraphCheck("another-graph", "checked"))
    with TestClient(create_app(settings, engine=engine)) as client:
        found = problem(client, "/v1/items/r1", 503)
        assert GRAPH in found.detail
        assert "another-graph" in found.detail
        assert client.get("/readyz").status_code == 503
        assert client.get("/v1/items/r1").headers["retry-after"] == "5"


def test_a_damaged_artifact_is_503_and_names_the_file(shop: Path, tmp_path: Path) -> None:  # noqa: F811
    shutil.copytree(shop, tmp_path / "shop")
    victim = next((tmp_path / "shop/artifact").glob("*/items.json"))
    victim.write_bytes(victim.read_bytes()[:-1] + b"x")
    with TestClient(create_app(load_settings(tmp_path / "shop/shopgraph.toml"))) as client:
        assert "items.json" in problem(client, "/v1/items/r1", 503).detail


def test_a_store_that_is_away_is_503(shop: Path) -> None:  # noqa: F811
    class Away(Recommender):
        def item(self, item_id: str, /) -> object:
            raise StoreUnavailable("store neo4j://graph: does not answer")

    engine = Engine(
        lambda _: Away.load(shop / "artifact"), check_graph=lambda: GraphCheck(None, "")
    )
    app = create_app(load_settings(shop / "shopgraph.toml"), engine=engine)
    with TestClient(app) as client:
        assert (
            problem(client, "/v1/items/r1", 503).type == "urn:shopgraph:problem:store-unavailable"
        )
