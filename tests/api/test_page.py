"""The page in Debian's Chromium, against a real server, with the network cut."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import uvicorn
from page_fixtures import Visit, address, browser, ids, until, url, visit  # noqa: F401
from serving_fixtures import BLUE, RED, STRANGER, fan, shop  # noqa: F401

from api.app import create_app
from api.server import address_of, bind
from api.settings import load_settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# Fixtures are imported by name, and a test names those that it wants.
# ruff: noqa: F811

pytestmark = pytest.mark.browser


def test_a_shopper_sees_what_is_missing_first_and_why(visit: Visit) -> None:
    page = visit.open(address(fan("red", 2)))
    assert ids(page, ".recommended")[0] == RED[2]
    assert set(ids(page, ".history")) == set(RED) - {RED[2]}
    first = page.locator(".recommended .card").first
    assert "red" in first.locator(".because").inner_text()
    assert first.locator(".price").inner_text() == "€12.00"
    assert page.locator("#user").input_value() == fan("red", 2)
    assert "relational attention" in page.locator(".strategy").inner_text()


def test_pictures_are_shown_and_a_missing_one_is_a_letter(visit: Visit) -> None:
    page = visit.open(address(fan("blue", 0)))
    until(page, "document.querySelector('.recommended img')?.naturalWidth === 8")
    gone = page.locator('.history a[href$="/b7"] .letter')
    gone.wait_for()
    assert gone.inner_text() == "B"


def test_the_fact_that_the_sentence_says_is_drawn_beside_stronger_likenesses(visit: Visit) -> None:
    """Of what the strongest paths start from, the first shared fact; of no other start."""
    page = visit.open(address(fan("red", 2)))
    drawn = page.evaluate(
        """async () => {
            const { toDraw } = await import("/static/panel.js");
            const path = (name, owned, ...ends) => ({
                name,
                steps: [
                    { end: { label: "Item", id: owned } },
                    ...ends.map((label) => ({ end: { label } })),
                ],
            });
            const paths = [
                path("likeness of a", "a", "Item"),
                path("likeness of b", "b", "Item"),
                path("another likeness of b", "b", "Item"),
                path("likeness of c", "c", "Item"),
                path("first fact of a", "a", "Entity", "Item"),
                path("second fact of a", "a", "Entity", "Item"),
                path("fact of c", "c", "Entity", "Item"),
            ];
            return toDraw(paths, 2).map((each) => each.name);
        }"""
    )
    assert drawn == ["likeness of a", "likeness of b", "first fact of a"]


def test_a_click_opens_the_path_and_back_closes_it(visit: Visit) -> None:
    page = visit.open(address(fan("red", 2)))
    page.locator(".recommended .card a").first.click()
    page.wait_for_selector("dialog[open] .graph .wires path")
    assert page.locator("#panel-title").inner_text() == "Red thing 2"
    graph = page.locator(".graph")
    assert graph.locator(".user .dot").inner_text() == "You"
    assert "red" in graph.locator(".entity").first.inner_text()
    assert graph.locator(".target").count() == 1
    assert "bought" in graph.locator(".wires").text_content()
    assert "%" in graph.locator(".wires .credit").first.text_content()
    assert "wood" in page.locator(".facts").inner_text()
    assert RED[2] not in ids(page, "dialog .strip")
    page.go_back()
    page.wait_for_selector("dialog:not([open])", state="attached")
    page.go_forward()
    page.wait_for_selector("dialog[open] .graph")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog:not([open])", state="attached")


def test_every_edge_ends_at_its_nodes(visit: Visit) -> None:
    page = visit.open(address(fan("red", 2), RED[2]))
    page.wait_for_selector("dialog[open] .graph .wires path")
    ends = page.evaluate(
        """() => {
          const graph = document.querySelector('.graph').getBoundingClientRect();
          const [you, target] = ['.user .dot', '.target .picture'].map((found) => {
            const box = document.querySelector(`.graph ${found}`).getBoundingClientRect();
            return {left: box.left - graph.left, right: box.right - graph.left};
          });
          const paths = [...document.querySelectorAll('.graph path')].map((path) => {
            const length = path.getTotalLength();
            return [path.getPointAtLength(0).x, path.getPointAtLength(length).x];
          });
          return {you: you.right, target: target.left,
                  from: Math.min(...paths.map((path) => path[0])),
                  to: Math.max(...paths.map((path) => path[1]))};
        }"""
    )
    assert ends["from"] == pytest.approx(ends["you"], abs=1)
    assert ends["to"] == pytest.approx(ends["target"], abs=1)


def test_search_in_chinese_and_back(visit: Visit) -> None:
    page = visit.open(address(fan("red", 2)))
    page.locator(".search input").fill("蓝色")
    page.wait_for_selector(".results .card")
    assert set(ids(page, ".results")) >= {*BLUE[:7]}
    page.locator(".search input").fill("submarine")
    page.wait_for_selector(".results .notice")
    page.locator(".back").click()
    page.wait_for_selector(".recommended .card")
    assert page.locator(".search input").input_value() == ""


def test_the_language_is_switched_and_remembered(visit: Visit) -> None:
    page = visit.open(address(fan("red", 2)))
    page.get_by_role("button", name="中文").click()
    until(page, "document.querySelector('.recommended .title')?.textContent.includes('红色')")
    assert "红色" in page.locator(".because").first.inner_text()
    assert page.locator("html").get_attribute("lang") == "zh"
    page = visit.open(address(fan("red", 3)))
    page.reload()
    page.wait_for_selector(".recommended .card")
    assert "为您推荐" in page.locator(".recommended h2").inner_text()


def test_the_theme_is_switched(visit: Visit) -> None:
    page = visit.open(address(fan("red", 2)))
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.locator(".theme").click()
    assert page.evaluate(background) != light
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_shopper_is_picked_with_the_keyboard(visit: Visit) -> None:
    page = visit.open(address(fan("red", 2)))
    box = page.locator("#user")
    box.fill("blue/")
    page.wait_for_selector("#users [role=option]")
    until(page, "document.querySelectorAll('#users [role=option]').length === 8")
    box.press("ArrowDown")
    box.press("ArrowDown")
    box.press("Enter")
    until(page, "document.querySelector('#user').value === 'blue/fan🙂1'")
    page.wait_for_selector('.recommended .card:first-child a[href$="/b1"]')


def test_a_stranger_is_told_so(visit: Visit) -> None:
    page = visit.open(address(fan("red", 2)))
    page.locator("#user").fill(STRANGER)
    page.locator("#user").press("Enter")
    until(page, "document.querySelector('.strategy').textContent.includes('nobody/')")
    assert "Popular now" in page.locator("h2").first.inner_text()
    page.wait_for_selector(".history .notice")


def test_the_first_page_picks_a_shopper(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.url)
    page.wait_for_selector(".recommended .card")
    assert page.locator("#user").input_value()


def test_an_unknown_product_says_what_the_service_said(visit: Visit) -> None:
    page = visit.page
    page.goto(visit.url + address(fan("red", 2), "never-was"))
    page.wait_for_selector("dialog[open] .failure")
    assert "never-was" in page.locator("dialog .failure").inner_text()


@pytest.mark.parametrize("place", ["", "/"])
def test_a_phone_shows_it_all_within_its_width(browser: Browser, url: str, place: str) -> None:
    visit = Visit(
        browser, url, locale="zh-CN", viewport={"width": 390, "height": 844}, has_touch=True
    )
    parts = (fan("red", 2), RED[2]) if place else (fan("red", 2),)
    page = visit.open(address(*parts))
    if place:
        page.wait_for_selector("dialog[open] .graph .wires path")
        scroller = "document.querySelector('dialog')"
    else:
        scroller = "document.documentElement"
    assert page.evaluate(f"{scroller}.scrollWidth") <= 390
    # Whatever a finger aims at is large enough for it (WCAG 2.2, 24 CSS pixels).
    small = page.evaluate(
        """[...document.querySelectorAll('button, input, .card a')]
             .map((node) => [node.className, node.getBoundingClientRect()])
             .filter(([, box]) => box.width > 0 && Math.min(box.width, box.height) < 24)
             .map(([name]) => name)"""
    )
    assert small == []
    assert "推荐" in page.locator("h2").first.inner_text() or place
    visit.context.close()
    assert visit.wrong == []


def test_without_an_artifact_the_page_says_so_and_recovers(
    browser: Browser,
    shop: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("api.engine.RETRY_S", 0.0)
    shutil.copy(shop / "shopgraph.toml", tmp_path)
    listener = bind("127.0.0.1", 0)
    app = create_app(load_settings(tmp_path / "shopgraph.toml"))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    visit = Visit(browser, address_of(listener), locale="en-GB")
    try:
        visit.page.goto(visit.url)
        visit.page.wait_for_selector(".failure")
        assert "not ready" in visit.page.locator(".failure").inner_text()
        assert "train" in visit.page.locator(".failure p").inner_text()
        shutil.copytree(shop / "artifact", tmp_path / "artifact")
        visit.page.get_by_role("button", name="Try again").click()
        visit.page.wait_for_selector(".recommended .card")
    finally:
        visit.context.close()
        server.should_exit = True
        thread.join()
    assert visit.wrong == []


def test_the_openapi_page_works_without_internet(visit: Visit) -> None:
    page = visit.page
    page.goto(f"{visit.url}docs")
    page.wait_for_selector(".opblock")
    assert page.locator(".opblock").count() >= 10
