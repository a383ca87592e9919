"""`shopgraph extract show`: every attribute with its evidence, on the screen and as one page."""

from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from api.cli import main
from api.evidence_page import segments
from api.settings import load_settings
from api.shop import ingest_shop, open_graph

SETTINGS = """
[kg]
data_dir = "data"
[kg.store]
url = "embedded:graph"
[kg.encoders]
image = "efficientnet-lite0"
[kg.catalog]
languages = ["en", "zh"]
[kg.catalog.items]
file = "items.jsonl"
title = { en = "title", zh = "title_zh" }
description = { en = "about", zh = "about_zh" }
images = "image"
entities = { colour = "colour", brand = "brand" }
"""
ATTACK = "<script>document.title='owned'</script>"
ROWS = [
    {
        "id": "i1", "title": "Red cotton shirt", "about": "Soft. Waterproof, for hiking.",
        "title_zh": "红色纯棉衬衫", "about_zh": "防水，适合徒步。", "image": "red.png",
        "brand": "Acme",
    },
    {"id": "i2", "title": f"Wool hat {ATTACK}",
     "about": f"{ATTACK} \"><img src=x onerror=alert(1)>", "brand": "A<b>c</b>me&\""},
    {"id": "i3", "title": "Blue shirt", "colour": "green", "image": "red.png"},
    {"id": "i4", "title": "Green hat", "image": "broken.png"},
    {"id": "i5", "title": "", "about": ""},
]  # fmt: skip


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A shop of five items; the picture is white with a red square in its middle."""
    folder = tmp_path_factory.mktemp("show")
    rows = [json.dumps(row, ensure_ascii=False) for row in ROWS]
    (folder / "items.jsonl").write_text("\n".join(rows), encoding="utf-8")
    picture = Image.new("RGB", (100, 100), "white")
    picture.paste((220, 10, 20), (25, 25, 75, 75))
    picture.save(folder / "red.png")
    (folder / "broken.png").write_bytes(b"no picture")
    file = folder / "shopgraph.toml"
    file.write_text(SETTINGS)
    return str(file)


def show(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    try:
        main(["extract", "show", *arguments])
        code = 0
    except SystemExit as stop:
        code = int(stop.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


def findings(out: str) -> dict[tuple[str, str], dict[str, object]]:
    return {
        (one["entity"], one["evidence"]["modality"]): one for one in json.loads(out)["findings"]
    }


def test_every_modality_with_its_evidence(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = show(capsys, "i1", "-c", config, "--json")
    assert code == 0
    found = findings(out)
    assert {entity for entity, _ in found} >= {
        "brand:acme", "category:shirt", "colour:red", "material:cotton", "function:waterproof",
    }  # fmt: skip
    text = found["colour:red", "text"]
    assert text["evidence"]["field"] in ("title.en", "title.zh")
    assert text["evidence"]["span"] in ([0, 3], [0, 2])  # Red; 红色
    left, top, right, bottom = found["colour:red", "image"]["evidence"]["region"]
    assert (left, top, right, bottom) == pytest.approx((0.25, 0.25, 0.75, 0.75), abs=0.03)
    assert text["combined"] > max(text["raw"], found["colour:red", "image"]["raw"])
    assert found["brand:acme", "column"]["combined"] == 1.0


def test_a_table_for_people_in_their_language(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = show(capsys, "i1", "-c", config, "--lang", "zh")
    assert code == 0
    assert "i1: 红色纯棉衬衫" in out
    assert re.search(r"colour\s+红色\s+\S+\s+image\s+\S+\s+box 0\.2", out)
    code, out, _ = show(capsys, "i5", "-c", config)
    assert code == 0
    assert "nothing is known of this item" in out


def test_a_guess_against_a_column_is_shown_as_not_used_and_as_a_conflict(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The column says green, the title blue, the picture red: green holds."""
    code, out, _ = show(capsys, "i3", "-c", config, "--json")
    assert code == 0
    found = findings(out)
    assert found["colour:green", "column"]["taken"] is True
    assert found["colour:blue", "text"]["taken"] is False
    assert found["colour:red", "image"]["taken"] is False
    sides = {(one["entity"], one["other"]) for one in json.loads(out)["conflicts"]}
    assert {("colour:blue", "colour:green"), ("colour:red", "colour:green")} <= sides
    _, out, _ = show(capsys, "i3", "-c", config)
    assert "text says colour:blue, column says colour:green" in out
    assert "not used: a column states otherwise" in out


def test_a_picture_that_cannot_be_read_is_said_and_the_text_still_shown(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "new" / "page.html"
    code, out, _ = show(capsys, "i4", "-c", config, "--html", str(page))
    assert code == 0
    assert "could not be read" in out
    assert "broken.png" in out
    assert "green" in out
    written = page.read_text(encoding="utf-8")
    assert "Could not be read" in written
    assert "<img" not in written


def test_what_is_not_there_is_said(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = show(capsys, "nothing", "-c", config)
    assert code == 1
    assert "item 'nothing' is not among the 5 items" in err
    code, _, err = show(capsys, "I", "-c", config)
    assert code == 1
    assert "ids that hold it: i1, i2" in err
    assert show(capsys, "i1", "-c", config, "--lang", "fr")[0] == 2


class Seen(HTMLParser):
    """Tags, attributes of each tag, and texts of marks."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.marked: list[str] = []
        self._inside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside += tag == "mark"

    def handle_endtag(self, tag: str) -> None:
        self._inside -= tag == "mark"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.marked.append(data)


def test_the_page_marks_texts_of_both_languages_and_the_picture(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    assert show(capsys, "i1", "-c", config, "--html", str(page))[0] == 0
    seen = Seen()
    seen.feed(page.read_text(encoding="utf-8"))
    assert {"Red", "cotton", "shirt", "Waterproof", "红色", "衬衫", "防水"} <= set(seen.marked)
    assert "Soft" not in "".join(seen.marked)
    pictures = [attrs["src"] or "" for tag, attrs in seen.tags if tag == "img"]
    assert [source[:22] for source in pictures] == ["data:image/jpeg;base64"]
    boxes = [attrs for tag, attrs in seen.tags if tag == "rect"]
    assert len(boxes) == 2  # one region: its line and the white line under it
    sides = [float(boxes[1][name] or 0) for name in ("x", "y", "width", "height")]
    assert sides == pytest.approx([25, 25, 50, 50], abs=4)
    # Self-contained: nothing is loaded from anywhere.
    assert not [tag for tag, attrs in seen.tags if tag in ("script", "link") or "href" in attrs]


def test_markup_in_titles_stays_text(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    assert show(capsys, "i2", "-c", config, "--html", str(page))[0] == 0
    seen = Seen()
    seen.feed(page.read_text(encoding="utf-8"))
    tags = {tag for tag, _ in seen.tags}
    assert not tags & {"script", "img"}
    assert not [name for _, attrs in seen.tags for name in attrs if name.startswith("on")]
    assert "A&lt;b&gt;c&lt;/b&gt;me&amp;" in page.read_text(encoding="utf-8")


@pytest.mark.browser
def test_the_page_in_a_browser(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Hostile texts do nothing; a phone needs no sideways scrolling; nothing is asked for."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium here")
    for item in ("i1", "i2"):
        shown = show(capsys, item, "-c", config, "--lang", "zh", "--html", str(tmp_path / item))
        assert shown[0] == 0
        (tmp_path / item).rename(tmp_path / f"{item}.html")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 390, "height": 800})
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for item in ("i2", "i1"):
            page.goto((tmp_path / f"{item}.html").as_uri())
            assert page.title() != "owned"
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= 390
        assert page.locator("figure img").evaluate("one => one.naturalWidth") == 100
        assert page.locator("h1").inner_text() == "红色纯棉衬衫"
        # The box lies over the square: in the middle half of the picture.
        frame = page.locator("figure").bounding_box()
        box = page.locator("rect").last.bounding_box()
        assert frame is not None
        assert box is not None
        assert (box["x"] - frame["x"]) / frame["width"] == pytest.approx(0.25, abs=0.05)
        assert box["height"] / frame["height"] == pytest.approx(0.5, abs=0.07)
        browser.close()
    assert said == []
    assert [one for one in asked if not one.startswith(("file:", "data:"))] == []


def test_pieces_join_to_the_text_and_know_their_spans() -> None:
    """`abcdef` with 1-4 as 0, 2-3 as 1, and 5-99 beyond its end as 2; the shortest is first."""
    assert segments("abcdef", [(1, 4, 0), (2, 3, 1), (5, 99, 2)]) == [
        ("a", ()), ("b", (0,)), ("c", (1, 0)), ("d", (0,)), ("e", ()), ("f", (2,)),
    ]  # fmt: skip
    assert segments("", []) == []


def test_as_the_graph_has_it(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    settings = load_settings(Path(config))
    with open_graph(settings) as store:
        ingest_shop(settings, store, show=lambda *_: None)
    code, out, _ = show(capsys, "i1", "-c", config, "--graph", "--json")
    assert code == 0
    assert json.loads(out)["source"] == "graph"
    found = findings(out)
    assert found["colour:red", "text"]["evidence"]["quote"] in ("Red", "红色")
    assert found["colour:red", "image"]["evidence"]["region"][0] == pytest.approx(0.25, abs=0.03)
    code, out, _ = show(capsys, "i3", "-c", config, "--graph", "--json")
    assert code == 0
    assert ("colour:red", "colour:green") in {
        (one["entity"], one["other"]) for one in json.loads(out)["conflicts"]
    }
    code, _, err = show(capsys, "nothing", "-c", config, "--graph")
    assert code == 1
    assert "is not in the graph" in err
