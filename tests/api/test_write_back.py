"""After a training the graph itself can be asked: embeddings, their index, the model's version.

Four red and four blue things; red people bought red things only, blue people blue ones only:
whatever is learned from purchases, or from colours, puts red beside red.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.learning import Trained, train_shop
from api.settings import load_settings
from kg.graph import GraphBatch, NodeRow, RelationshipRow
from kg.queries import load_query
from kg.stores.bolt import BoltStore

sys.path.append(str(Path(__file__).parents[1] / "kg"))
from store_world import ENGINES, asked, empty_store

COLOURS = ("red", "blue")
PASTED = """
MATCH (i:Item {id: $item_id})
CALL db.index.vector.queryNodes('item_embedding', $k, i.embedding) YIELD node, score
RETURN node.id AS id, score ORDER BY score DESC, id
"""


def shop() -> GraphBatch:
    """Item c0..c3 of each colour; person p of a colour bought all of it but item p."""
    nodes, relationships = [], []
    for colour in COLOURS:
        items = [f"{colour}{number}" for number in range(4)]
        nodes += [NodeRow("Item", id_, {"title": id_, "title_en": id_}) for id_ in items]
        nodes += [NodeRow("User", f"fan of {id_}") for id_ in items]
        nodes.append(NodeRow("Colour", f"colour:{colour}", {"name": colour}))
        for number, item in enumerate(items):
            statement = {"confidence": 1.0, "modality": "column", "extractor": "hand"}
            ends = ("Item", item, "Colour", f"colour:{colour}")
            relationships.append(
                RelationshipRow("HAS_COLOUR", *ends, statement | {"evidence": "{}"})
            )
            for other in {0, 1, 2, 3} - {number}:
                event = {"event": "purchase", "weight": 1.0, "at_s": 1e9 + number}
                ends = ("User", f"fan of {colour}{other}", "Item", item)
                relationships.append(
                    RelationshipRow("INTERACTED", *ends, event | {"split": "train"})
                )
    return GraphBatch(tuple(nodes), tuple(relationships))


@pytest.fixture(scope="module", params=ENGINES)
def learned(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[BoltStore, Trained]]:
    folder = tmp_path_factory.mktemp(request.param)
    config = folder / "shopgraph.toml"
    config.write_text(
        '[gnn]\nmodel = "pure_svd"\nbaselines = false\nblend = false\nthreads = 1\n'
        "[kg.encoders]\nalign = false\n",
        encoding="utf-8",
    )
    for store in empty_store(request.param, folder):
        # The index outlives the nodes on a server that tests share, and has one length of vector.
        if request.param == "neo4j":
            store.connection.statement("DROP INDEX item_embedding IF EXISTS")
        store.write(shop())
        assert store.run(load_query("administration/artifact")) == []
        yield store, train_shop(load_settings(config), store, show=lambda *_: None)
        if request.param == "neo4j":
            store.connection.statement("DROP INDEX item_embedding IF EXISTS")


@pytest.mark.parametrize("colour", COLOURS)
def test_cypher_finds_what_was_bought_by_the_same_people(
    learned: tuple[BoltStore, Trained], colour: str
) -> None:
    store, _ = learned
    rows = asked(store, PASTED, item_id=f"{colour}0", k=5)
    assert {row["id"] for row in rows[:4]} == {f"{colour}{number}" for number in range(4)}
    # (1 + cosine) / 2 of a vector with itself; Neo4j keeps its index in 8 bits a number.
    assert rows[0]["score"] == pytest.approx(1, abs=1e-3)
    assert rows[3]["score"] > rows[4]["score"] + 0.1


def test_the_library_finds_the_same(learned: tuple[BoltStore, Trained]) -> None:
    store, _ = learned
    rows = store.run(load_query("recommendations/nearest_to_item"), item_id="red2", limit=3)
    assert {row["item_id"] for row in rows} == {"red0", "red1", "red3"}


def test_the_graph_names_the_artifact_in_service(learned: tuple[BoltStore, Trained]) -> None:
    """8 items, 8 people and 2 colours carry embeddings, all of the one version."""
    store, trained = learned
    [row] = store.run(load_query("administration/artifact"))
    assert row["artifact_version"] == trained.report.version
    assert time.time() - 600 < row["artifact_at_s"] <= time.time()
    rows = asked(
        store,
        "MATCH (n) WHERE n.embedding IS NOT NULL "
        "RETURN n.embedding_version AS version, count(n) AS nodes",
    )
    assert rows == [{"version": trained.report.version, "nodes": 18}]
    assert trained.embeddings == 18
