"""Every endpoint against a real application and a really trained artifact."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from serving_fixtures import BLUE, RED, STRANGER, fan, shop  # noqa: F401

from api import models
from api.app import create_app
from api.settings import load_settings


@pytest.fixture(scope="module")
def client(shop: Path) -> Iterator[TestClient]:  # noqa: F811
    with TestClient(create_app(load_settings(shop / "shopgraph.toml"))) as client:
        yield client


def path(text: str) -> str:
    return quote(text, safe="")


@pytest.mark.parametrize("place", range(8))
def test_the_missing_thing_comes_first_and_its_colour_is_the_reason(
    client: TestClient, place: int
) -> None:
    user = fan("red", place)
    answer = client.get(f"/v1/users/{path(user)}/recommendations?k=3").json()
    models.RecommendationsAnswer.model_validate(answer)
    first = answer["items"][0]
    assert first["id"] == RED[place]
    assert answer["user_id"] == user
    assert answer["strategy"] == first["strategy"] == "relational_attention"
    assert first["title"] == f"Red thing {place}"
    assert first["price"] == 10.0 + place
    assert first["image_url"] == f"/v1/items/{path(RED[place])}/image"
    assert "red" in first["reason"]["text"]
    assert "wood" not in first["reason"]["text"]
    ends = [step["end"]["id"] for step in first["reason"]["path"]["steps"]]
    assert "colour:red" in ends


def test_a_list_is_as_long_as_asked_and_holds_nothing_owned(client: TestClient) -> None:
    items = client.get(f"/v1/users/{path(fan('red', 0))}/recommendations?k=5").json()["items"]
    assert len(items) == 5
    assert {item["id"] for item in items} <= {RED[0], *BLUE}
    scores = [item["score"] for item in items]
    assert scores == sorted(scores, reverse=True)


def test_a_stranger_gets_popular_items_and_is_told_so(client: TestClient) -> None:
    answer = client.get(f"/v1/users/{path(STRANGER)}/recommendations?k=4").json()
    models.RecommendationsAnswer.model_validate(answer)
    assert answer["user_id"] == STRANGER
    assert answer["strategy"] == "popular"
    assert [item["strategy"] for item in answer["items"]] == ["popular"] * 4
    assert "popular" in answer["items"][0]["reason"]["text"]


def test_language_by_parameter_and_by_header(client: TestClient) -> None:
    url = f"/v1/users/{path(fan('red', 5))}/recommendations?k=1"
    english = client.get(url).json()["items"][0]
    chinese = client.get(f"{url}&lang=zh").json()["items"][0]
    header = client.get(url, headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}).json()
    assert english["title"] == "Red thing 5"
    assert chinese["title"] == header["items"][0]["title"] == "红色物品 5"
    assert "红色" in chinese["reason"]["text"]
    assert header["language"] == "zh"


@pytest.mark.parametrize("item_id", RED)
def test_an_item_by_any_id(client: TestClient, item_id: str) -> None:
    answer = client.get(f"/v1/items/{path(item_id)}").json()
    models.ItemAnswer.model_validate(answer)
    assert answer["id"] == item_id
    assert [(fact["kind"], fact["name"]) for fact in answer["attributes"]] == [
        ("colour", "red"),
        ("material", "wood"),
    ]
    assert answer["attributes"][0]["confidence"] == pytest.approx(0.9)
    assert answer["attributes"][0]["modalities"] == ["image"]


def test_a_slash_that_was_not_encoded_reaches_the_id_too(client: TestClient) -> None:
    assert client.get("/v1/items/r/mug").json()["id"] == "r/mug"


def test_an_id_that_ends_like_a_route_is_not_that_route(client: TestClient) -> None:
    assert client.get("/v1/items/r%2Fmug%2Fsimilar").json()["id"] == "r/mug/similar"
    assert client.get("/v1/items/r%2Fmug/similar").json()["item_id"] == "r/mug"
    assert client.get("/v1/items/r/mug/similar").json()["item_id"] == "r/mug"


def test_similar_items_share_the_colour(client: TestClient) -> None:
    answer = client.get(f"/v1/items/{path('r☕')}/similar?k=7").json()
    models.RecommendationsAnswer.model_validate(answer)
    assert answer["user_id"] is None
    assert {item["id"] for item in answer["items"]} == set(RED) - {"r☕"}


def test_an_explanation_adds_up(client: TestClient) -> None:
    user, item = fan("red", 2), RED[2]
    answer = client.get(f"/v1/users/{path(user)}/recommendations/{path(item)}/explanation").json()
    models.ExplanationAnswer.model_validate(answer)
    assert (answer["user_id"], answer["item"]["id"]) == (user, item)
    total = sum(owned["credit"] for owned in answer["owned"]) + answer["constant"]
    assert total == pytest.approx(answer["score"], rel=1e-4)
    assert {owned["item_id"] for owned in answer["owned"]} <= set(RED) - {item}
    best = answer["paths"][0]
    assert best["steps"][0]["start"]["id"] == user
    assert best["steps"][0]["relationship"] == "INTERACTED"
    assert best["steps"][0]["end"]["image_url"].startswith("/v1/items/")
    assert item in {best["steps"][-1]["start"]["id"], best["steps"][-1]["end"]["id"]}


def test_history_is_newest_first(client: TestClient) -> None:
    answer = client.get(f"/v1/users/{path(fan('blue', 7))}/history?limit=3").json()
    models.HistoryAnswer.model_validate(answer)
    assert [event["item"]["id"] for event in answer["events"]] == ["b6", "b5", "b4"]
    assert answer["events"][0]["event"] == "purchase"
    assert answer["events"][0]["at_s"] == 1_750_000_000.0 + 6 * 86_400.0


def test_users_come_page_by_page_each_once(client: TestClient) -> None:
    everyone = sorted(fan(colour, place) for colour in ("red", "blue") for place in range(8))
    seen: list[str] = []
    after = ""
    for _ in range(4):  # the last page is full, and says that it is the last
        page = client.get("/v1/users", params={"limit": 4, "after": after}).json()
        models.UsersAnswer.model_validate(page)
        seen += page["users"]
        if page["next"] is None:
            break
        after = page["next"]
    assert seen == everyone
    assert page["next"] is None


def test_users_by_prefix(client: TestClient) -> None:
    found = client.get("/v1/users", params={"prefix": "red/", "limit": 20}).json()
    assert found == {"users": [fan("red", place) for place in range(8)], "next": None}
    whole = client.get("/v1/users", params={"prefix": fan("red", 3)}).json()
    assert whole["users"] == [fan("red", 3)]
    assert client.get("/v1/users", params={"prefix": "zzz"}).json()["users"] == []


@pytest.mark.parametrize(("q", "lang"), [("red thing", "en"), ("红色", "zh"), ("RED", "en")])
def test_search_in_both_languages(client: TestClient, q: str, lang: str) -> None:
    answer = client.get("/v1/search", params={"q": q, "lang": lang}).json()
    models.SearchAnswer.model_validate(answer)
    assert {item["id"] for item in answer["items"]} == set(RED)


def test_a_search_that_finds_nothing_is_an_empty_list(client: TestClient) -> None:
    assert client.get("/v1/search", params={"q": "submarine"}).json()["items"] == []


def test_a_picture_is_sent_once(client: TestClient) -> None:
    url = f"/v1/items/{path('r/mug')}/image"
    first = client.get(url)
    assert first.status_code == 200
    assert first.headers["content-type"] == "image/png"
    assert first.content.startswith(b"\x89PNG")
    assert "max-age" in first.headers["cache-control"]
    again = client.get(url, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = client.get(url, headers={"If-None-Match": '"of-another-time"'})
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("item_id", "words"), [("b6", "has no picture"), ("b7", "gone"), ("../../etc/passwd", "not")]
)
def test_a_picture_that_is_not_there(client: TestClient, item_id: str, words: str) -> None:
    answer = client.get(f"/v1/items/{path(item_id)}/image")
    assert answer.status_code == 404
    assert words in answer.json()["detail"]


def test_health_and_readiness(client: TestClient) -> None:
    health = client.get("/healthz").json()
    models.HealthAnswer.model_validate(health)
    ready = client.get("/readyz").json()
    models.ReadyAnswer.model_validate(ready)
    assert ready["status"] == "ready"
    assert (ready["items"], ready["users"]) == (16, 16)
    assert ready["missing"] == []
    # The shop's settings name a graph that was never made; nothing may make it.
    assert "no graph" in ready["graph"]


def test_answers_are_not_kept_by_caches_and_pages_allow_no_foreign_script(
    client: TestClient,
) -> None:
    answer = client.get(f"/v1/items/{path('r1')}")
    assert answer.headers["cache-control"] == "no-store"
    page = client.get("/")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in page.text
    assert "Small &amp; &lt;odd&gt; shop" in page.text
    for url in ("/static/app.js", "/static/page.css", "/docs", "/swagger/swagger-ui-bundle.js"):
        assert client.get(url).status_code == 200, url
