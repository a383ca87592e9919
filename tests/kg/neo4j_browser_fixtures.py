"""Neo4j Browser of a real server in Debian's Chromium, used the way a person uses it."""

from __future__ import annotations

import base64
import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from store_world import PASSWORD, asked

from kg.stores.bolt import BoltStore

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

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
_FRAME = "[data-testid=frame]"
_DROP = """([name, content]) => {
  const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name));
  document.querySelector(".filedrop").dispatchEvent(
    new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
}"""
# Of each drawn node: its caption, which the Browser breaks into lines, and its circle's colours.
_DRAWN = """nodes => nodes.map((node) => {
  const lines = [...node.querySelectorAll("text.caption")].map((line) => line.textContent.trim());
  const circle = node.querySelector("circle.b-outline");
  return [lines.filter(Boolean).join(" "), circle.getAttribute("fill"), circle.getAttribute("r")];
})"""


class BrowserWindow:
    """Neo4j Browser, connected; every foreign address is out of its reach."""

    def __init__(self, browser: Browser, url: str, bolt: str, password: str | None) -> None:
        self.wrong: list[str] = []
        self.context = browser.new_context(
            viewport={"width": 1400, "height": 1000},
            permissions=["clipboard-read", "clipboard-write"],
        )
        host = urlsplit(url).hostname
        self.context.route(lambda asked: urlsplit(asked).hostname != host, lambda way: way.abort())
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.goto(url)
        self._connect(urlsplit(bolt).netloc, password)

    def _connect(self, address: str, password: str | None) -> None:
        def field(name: str) -> Locator:
            return self.page.locator(f"[data-testid={name}]")

        field("connect").wait_for()
        field("boltaddress").fill(address)
        field("username").fill("neo4j")
        field("password").fill(password or "")
        field("connect").click()
        self.page.get_by_text("You are connected as user").wait_for()

    def drop(self, name: str, content: bytes) -> None:
        """A file let go over the window."""
        self.page.evaluate(_DROP, [name, base64.b64encode(content).decode()])

    def type(self, text: str) -> None:
        """Put ``text`` into the editor from the clipboard, and press Ctrl+Enter."""
        self.page.evaluate("text => navigator.clipboard.writeText(text)", text)
        self.page.click("#monaco-main-editor")
        self.page.keyboard.press("Control+A")
        self.page.keyboard.press("Control+V")
        self.page.keyboard.press("Control+Enter")

    def paste(self, text: str) -> Locator:
        """``type`` on a cleared page; the frame that answers."""
        self.type(":clear")
        self.page.wait_for_function(f"document.querySelectorAll('{_FRAME}').length === 0")
        self.type(text)
        return self.page.locator(_FRAME).first

    def drawn(self, text: str) -> dict[str, tuple[str, float]]:
        """Caption -> (colour, radius in pixels) of the nodes that the answer to ``text`` draws."""
        frame = self.paste(text)
        frame.locator("svg g.node").first.wait_for()
        found: list[list[Any]] = frame.locator("svg g.node").evaluate_all(_DRAWN)
        assert len({caption for caption, *_ in found}) == len(found), found
        return {caption: (fill, float(radius)) for caption, fill, radius in found}


def browser_window(store: BoltStore) -> Iterator[BrowserWindow]:
    """The Browser of the server behind ``store``; skips where there is no Chromium."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        given = "SHOPGRAPH_TEST_NEO4J_URL" in os.environ
        password = os.environ.get("SHOPGRAPH_TEST_NEO4J_PASSWORD") if given else PASSWORD
        window = BrowserWindow(browser, browser_url(store), store.url, password)
        yield window
        window.context.close()
        browser.close()
    assert window.wrong == []


def browser_url(store: BoltStore) -> str:
    """Where the server says that its Browser is."""
    settings = asked(
        store, "SHOW SETTINGS 'server.http.advertised_address' YIELD value RETURN value"
    )
    host, _, port = str(settings[0]["value"]).rpartition(":")
    return f"http://{host or urlsplit(store.url).hostname}:{port}/browser/"
