"""A real server and Debian's Chromium, and a visit on which nothing may go wrong."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import uvicorn

from api.app import create_app
from api.server import address_of, bind
from api.settings import load_settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def url(shop: Path) -> Iterator[str]:
    listener = bind("127.0.0.1", 0)
    app = create_app(load_settings(shop / "shopgraph.toml"))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield address_of(listener)
    server.should_exit = True
    thread.join()


class Visit:
    """A page, and everything that should not have happened on it."""

    def __init__(self, browser: Browser, url: str, **context: Any) -> None:
        self.url = url
        self.wrong: list[str] = []
        self.context = browser.new_context(**context)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.page.on("request", self._request)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", self._console)

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.url, "data:")):
            self.wrong.append(f"foreign request: {request.url}")

    def _console(self, message: Any) -> None:
        # That an answer is 404 is the service's business; scripts and policies are the page's.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.wrong.append(message.text)

    def open(self, place: str = "") -> Page:
        self.page.goto(self.url + place)
        self.page.wait_for_selector("#rows[aria-busy=false]")
        return self.page


@pytest.fixture
def visit(browser: Browser, url: str) -> Iterator[Visit]:
    visit = Visit(browser, url, locale="en-GB", viewport={"width": 1280, "height": 900})
    yield visit
    visit.context.close()
    assert visit.wrong == []


def until(page: Page, condition: str) -> None:
    """Wait until ``condition`` holds on the page.

    Playwright's own wait_for_function evaluates a string within the page, which the page's
    policy forbids.
    """
    deadline = time.monotonic() + 10
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, condition
        page.wait_for_timeout(20)


def address(*parts: str) -> str:
    return "#/" + "/".join(quote(part, safe="") for part in parts)


def ids(page: Page, selector: str) -> list[str]:
    """Ids of the products that the cards under ``selector`` lead to, in order."""
    links = page.eval_on_selector_all(
        f"{selector} .card a",
        "links => links.map(link => decodeURIComponent(link.hash.split('?')[0].split('/').pop()))",
    )
    return [str(link) for link in links]
