"""Every setting that docker-compose.yml gives Neo4j is one that the real server knows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from store_world import asked, empty_store

from kg.stores.bolt import BoltStore

COMPOSE = Path(__file__).resolve().parents[2] / "docker-compose.yml"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[BoltStore]:
    yield from empty_store("neo4j", tmp_path)


def test_settings_of_the_image_are_settings_of_the_server(store: BoltStore) -> None:
    """The image's rule: NEO4J_ in front, dots as _, underscores as __."""
    given = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]["neo4j"]["environment"]
    names = [
        name.removeprefix("NEO4J_").replace("__", "\0").replace("_", ".").replace("\0", "_")
        for name in given
        if name != "NEO4J_AUTH"
    ]
    known = {row["name"] for row in asked(store, "SHOW SETTINGS YIELD name RETURN name")}
    assert len(names) == 6
    assert [name for name in names if name not in known] == []


def test_the_server_of_the_tests_has_the_version_of_the_image(store: BoltStore) -> None:
    [row] = asked(store, "CALL dbms.components() YIELD versions, edition RETURN versions, edition")
    image = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]["neo4j"]["image"]
    version = ".".join(row["versions"][0].split(".")[:2])
    assert image == f"neo4j:{version}-{row['edition']}"
