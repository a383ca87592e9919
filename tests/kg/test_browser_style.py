"""What the Browser loads, without a browser: every name of the schema has its style."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from importlib.resources import files
from pathlib import Path

import pytest

from cypher.browser.saved_scripts import saved_scripts, scripts
from kg.queries import all_queries, query_names
from kg.schema import (
    BROADER,
    DEFAULT_SCHEMA,
    INTERACTED,
    ITEM_ITEM_TYPES,
    NODE_LABELS,
    REVIEWED,
    SAME_AS,
)

BROWSER = files("cypher") / "browser"
GRASS = (BROWSER / "style.grass").read_text(encoding="utf-8")
KINDS = DEFAULT_SCHEMA.kinds.values()
LABELS = [*NODE_LABELS, "Graph", *(kind.label for kind in KINDS)]
TYPES = [INTERACTED, REVIEWED, BROADER, SAME_AS, *ITEM_ITEM_TYPES]
TYPES += [kind.relationship for kind in KINDS]


def rules() -> dict[str, dict[str, str]]:
    """Selector -> property -> value, read as the Browser reads it: no comments, no nesting."""
    found: dict[str, dict[str, str]] = {}
    blocks = re.findall(r"([\w.]+) \{\n((?:  [\w-]+: [^\n]+;\n)+)\}\n", GRASS)
    for selector, body in blocks:
        assert selector not in found, f"{selector} twice"
        lines = (line.strip().removesuffix(";") for line in body.splitlines())
        found[selector] = dict(line.split(": ", 1) for line in lines)
    assert len(blocks) == GRASS.count("}\n"), "a rule of another form"
    return found


@pytest.mark.parametrize(
    "selector", [f"node.{label}" for label in LABELS] + [f"relationship.{type_}" for type_ in TYPES]
)
def test_every_name_of_the_schema_has_a_colour_and_a_caption(selector: str) -> None:
    rule = rules()[selector]
    assert re.fullmatch(r"#[0-9A-F]{6}", rule["color"])
    assert re.fullmatch(r'"[^"]+"', rule["caption"])


def test_the_style_names_nothing_that_the_schema_lacks() -> None:
    known = {"node", "relationship"} | {f"node.{label}" for label in LABELS}
    assert set(rules()) == known | {f"relationship.{type_}" for type_ in TYPES}


def test_kinds_of_entities_are_told_apart() -> None:
    colours = [rules()[f"node.{label}"]["color"] for label in LABELS]
    assert len(set(colours)) == len(colours)


@pytest.mark.parametrize("selector", sorted(rules().keys() - {"relationship"}))
def test_captions_can_be_read_on_their_colour(selector: str) -> None:
    """WCAG 2.2, contrast of text: at least 4.5."""
    rule = rules()[selector]
    low, high = sorted((luminance(rule["color"]), luminance(rule["text-color-internal"])))
    assert (high + 0.05) / (low + 0.05) >= 4.5


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2: white is 1, black 0."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_contrast_is_measured_right() -> None:
    assert luminance("#FFFFFF") == pytest.approx(1)
    assert luminance("#000000") == 0
    # (1.05) / (0.2158605 + 0.05), worked out by hand: grey of half the range on white
    assert 1.05 / (luminance("#808080") + 0.05) == pytest.approx(3.95, abs=0.01)


def test_saved_scripts_hold_the_library_as_it_is_and_are_no_part_of_it() -> None:
    with zipfile.ZipFile(io.BytesIO(saved_scripts())) as archive:
        found = {name: archive.read(name).decode() for name in archive.namelist()}
    assert found == scripts()
    library = {
        f"Shopgraph {query.name}.cypher": query.text
        for query in all_queries()
        if query.access == "read"
    }
    assert library.items() <= found.items()
    rest = found.keys() - library.keys()
    assert {name.rpartition("/")[0] for name in rest} == {"Shopgraph"}
    assert "Shopgraph administration/promote.cypher" not in found  # it writes
    # The Browser calls a script by its first line.
    assert all(found[name].startswith("// ") for name in rest)
    assert not any(name.startswith("browser/") for name in query_names())
    assert saved_scripts() == saved_scripts()


def test_one_saved_script_sets_every_parameter_of_the_library() -> None:
    """Picked from the graph, or else the default; a list of maps is written by programs only."""
    text = scripts()["Shopgraph/parameters.cypher"]
    statements = re.findall(r"^:param \[\{(.+)\}\] => ", text, re.MULTILINE)
    names = [name for statement in statements for name in statement.split(", ")]
    assert len(set(names)) == len(names)
    wanted = {
        name
        for query in all_queries()
        for name, kind in query.params.items()
        if query.access == "read" and kind != "LIST<MAP>"
    }
    assert wanted <= set(names)


def test_a_command_writes_all_of_it_into_a_folder(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cypher.browser", tmp_path / "new"],
        check=True,
        capture_output=True,
        text=True,
    )
    written = sorted((tmp_path / "new").iterdir())
    assert [path.name for path in written] == ["guide.md", "saved-scripts.zip", "style.grass"]
    assert sorted(done.stdout.split()) == [str(path) for path in written]
    assert (tmp_path / "new" / "style.grass").read_text("utf-8") == GRASS
