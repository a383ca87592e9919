"""Neo4j Browser in a real Chromium: the style, the saved scripts, and the library as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files

import pytest
from neo4j_browser_fixtures import BrowserWindow, browser_window
from store_world import empty_store, world

from cypher.browser.saved_scripts import saved_scripts, scripts
from kg.stores.bolt import BoltStore

pytestmark = pytest.mark.browser
CYPHER = files("cypher")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BoltStore]:
    for store in empty_store("neo4j", tmp_path_factory.mktemp("neo4j")):
        store.write(world())
        yield store


@pytest.fixture(scope="module")
def window(store: BoltStore) -> Iterator[BrowserWindow]:
    yield from browser_window(store)


@pytest.fixture
def styled(window: BrowserWindow) -> BrowserWindow:
    window.drop("style.grass", (CYPHER / "browser" / "style.grass").read_bytes())
    window.page.locator("[data-testid=frame] pre").get_by_text("node.Item").wait_for()
    return window


def library(name: str) -> str:
    """A file of the library as a person pastes it, comments included."""
    return (CYPHER / f"{name}.cypher").read_text(encoding="utf-8")


def set_parameters(window: BrowserWindow, **values: object) -> None:
    for name, value in values.items():
        # JSON text of a string or a whole number is Cypher text, too.
        frame = window.paste(f":param {name} => {json.dumps(value)}")
        frame.get_by_text(f'"{name}": {json.dumps(value)}').first.wait_for()


def test_the_style_colours_and_names_every_node(styled: BrowserWindow) -> None:
    """Colours and radii (half a diameter) are those of the file; captions titles, names, ids."""
    assert styled.drawn("MATCH (n) WHERE NOT n:Graph RETURN n") == {
        **dict.fromkeys(("Red shirt", "Red shoe", "Blue shirt", "Blue shoe"), ("#1F6FB2", 40.0)),
        **dict.fromkeys(("u1", "u2", "u3", "u4"), ("#F28E2B", 32.5)),
        **dict.fromkeys(("red", "blue"), ("#C0392B", 25.0)),
        **dict.fromkeys(("shirt", "shoe"), ("#1B7F4B", 25.0)),
    }


def test_a_users_history_is_drawn(styled: BrowserWindow) -> None:
    set_parameters(styled, user_id="u2", limit=20)
    assert set(styled.drawn(library("users/history"))) == {"u2", "Red shirt", "Red shoe"}


def test_an_item_with_its_statements_is_drawn(styled: BrowserWindow) -> None:
    set_parameters(styled, item_id="b")
    assert set(styled.drawn(library("catalogue/item"))) == {"Red shoe", "red", "shoe"}


def test_what_an_item_shares_with_those_of_a_user_is_drawn(styled: BrowserWindow) -> None:
    """u1 owns the red shirt alone: with the red shoe it shares its colour, not its kind."""
    set_parameters(styled, user_id="u1", item_id="b")
    drawn = set(styled.drawn(library("explanations/shared_entities")))
    assert {"Red shirt", "red"} <= drawn <= {"u1", "Red shirt", "red", "Red shoe"}


def test_saved_scripts_are_imported_by_folder_and_one_sets_the_parameters(
    window: BrowserWindow,
) -> None:
    """u2 and u3 have two items each: u2 is first by id, and did the red shoe (b) last."""
    window.drop("saved-scripts.zip", saved_scripts())
    page = window.page
    page.click("[data-testid=navigationFavorites]")
    folders = {each.name for each in CYPHER.iterdir() if each.is_dir()}
    for topic in sorted(folders - {"browser", "__pycache__"}):
        page.get_by_text(f"Shopgraph {topic}", exact=True).wait_for()
    page.get_by_text("Shopgraph", exact=True).click()
    page.get_by_text("1 Set parameters").wait_for()
    page.click("[data-testid=navigationFavorites]")
    frame = window.paste(scripts()["Shopgraph/parameters.cypher"])
    # One statement for what is picked, one for the library's defaults.
    for place in (0, 1):
        frame.get_by_title("Status: success").nth(place).wait_for()
    shown = json.loads(window.paste(":params").locator("pre").first.inner_text())
    expected = {
        "user_id": "u2",
        "item_id": "b",
        "other_id": "a",
        "item_ids": ["b", "a"],
        "entity_id": "category:shoe",  # certain, the colour .75
        "entity_ids": ["category:shoe", "colour:red"],
        "id": "b",
        "label": "Item",
        "from_id": "a",
        "to_id": "b",
        "kind": "category",
        "text": "shoe",
        "low": 10.0,
        "high": 20.5,
        "now_s": 200.0,
        "since_s": 200.0 - 30 * 24 * 3600,
        "limit": 20,
        "threshold": 0.5,
    }
    assert {name: shown[name] for name in expected} == expected
    assert shown.keys() - expected.keys(), "no defaults of the library"
