"""The saved scripts of the Browser on a real Neo4j, answers worked out on the checkerboard."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from store_world import asked, empty_store, world

from cypher.browser.saved_scripts import scripts
from kg.queries import all_queries, load_query
from kg.schema import DEFAULT_SCHEMA
from kg.stores.bolt import BoltStore

SAVED = files("cypher") / "browser" / "saved"
# Cosines with a: b .8, c 0, d -1.
EMBEDDINGS = {"a": (1.0, 0.0), "b": (0.8, 0.6), "c": (0.0, 1.0), "d": (-1.0, 0.0)}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BoltStore]:
    for store in empty_store("neo4j", tmp_path_factory.mktemp("neo4j")):
        store.connection.statement("DROP INDEX item_embedding IF EXISTS")
        store.write(world())
        store.migrate(DEFAULT_SCHEMA, vector_dim=2)
        store.write_embeddings([("Item", id_, vector, "v1") for id_, vector in EMBEDDINGS.items()])
        store.run(load_query("administration/promote"), version="v1", at_s=1_750_000_000.0)
        yield store
        store.connection.statement("DROP INDEX item_embedding IF EXISTS")


def run(store: BoltStore, name: str) -> list[dict[str, Any]]:
    return asked(store, (SAVED / f"{name}.cypher").read_text(encoding="utf-8"))


def test_the_popular_item(store: BoltStore) -> None:
    """Two people chose a, one each of the others; it is red and a shirt."""
    [row] = run(store, "item_and_its_facts")
    assert (row["title"], row["people"], len(row["graph"])) == ("Red shirt", 2, 2)


def test_the_busiest_shopper(store: BoltStore) -> None:
    """u2 before u3 by id. Both their things are red: a says so once, b in text and picture."""
    [row] = run(store, "shopper_and_their_things")
    assert (row["kind"], row["name"], row["things"], len(row["graph"])) == ("colour", "red", 2, 3)


def test_what_is_near_the_popular_item(store: BoltStore) -> None:
    """(1 + cosine) / 2, in 8 bits. With a, b shares red (said twice), c the shirt, d nothing."""
    rows = run(store, "nearest_by_learned_embedding")
    assert [row["title"] for row in rows] == ["Red shoe", "Blue shirt", "Blue shoe"]
    assert [row["score"] for row in rows] == pytest.approx([0.9, 0.5, 0.0], abs=1e-2)
    assert [len(row["graph"]) for row in rows] == [2 + 2, 2 + 1, 2]


def test_the_model_in_service(store: BoltStore) -> None:
    [row] = run(store, "model_in_service")
    assert (row["artifact_version"], row["embedding_version"], row["nodes"]) == ("v1", "v1", 4)
    assert str(row["since"]).startswith("2025-06-15T15:06:40")


def test_the_schema_is_drawn(store: BoltStore) -> None:
    [row] = run(store, "schema")
    assert {node["name"] for node in row["nodes"]} >= {"Item", "User", "Entity", "Colour"}


def test_one_script_sets_the_parameters_that_the_library_takes(store: BoltStore) -> None:
    """Each has the type that the headers say."""
    found: dict[str, object] = {}
    for command in scripts()["Shopgraph/parameters.cypher"].split(";\n:param"):
        body = command[command.index("=> {") + len("=> {") : command.rindex("}")]
        [row] = asked(store, body)
        found |= row
    for query in all_queries():
        if query.access == "read" and "LIST<MAP>" not in query.params.values():
            query.bind({name: found[name] for name in query.params})


def test_every_saved_script_is_tried() -> None:
    """The one that sets parameters is a command of the Browser, and tried there."""
    source = Path(__file__).read_text(encoding="utf-8")
    names = {each.name.removesuffix(".cypher") for each in SAVED.iterdir()}
    assert {name for name in names if f'run(store, "{name}")' not in source} == {"parameters"}
