"""An explanation is held against the graph itself, in the embedded store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from checkerboard_fixtures import checkerboard, people

from gnn.embeddings import embeddings
from gnn.explanation_check import unsupported
from gnn.recommender import Recommender
from gnn.settings import GnnSettings
from gnn.training import train
from kg.errors import ArtifactError
from kg.graph import GraphBatch, GraphStore, NodeRow, RelationshipRow
from kg.schema import DEFAULT_SCHEMA
from kg.snapshot import Snapshot
from kg.stores import open_store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphStore]:
    opened = open_store(f"embedded:{tmp_path_factory.mktemp('board') / 'graph'}")
    opened.migrate(DEFAULT_SCHEMA)
    opened.write(graph_of(checkerboard(size=4, split=False)))
    yield opened
    opened.close()


def graph_of(snapshot: Snapshot) -> GraphBatch:
    nodes = [
        NodeRow("Item", row.id, {"title": row.title, "title_en": row.title})
        for row in snapshot.items
    ]
    nodes += [NodeRow("User", user) for user in snapshot.users]
    for entity in snapshot.entities:
        kind = DEFAULT_SCHEMA.kind(entity.kind)
        nodes.append(NodeRow(kind.label, entity.id, {"name": entity.name}))
    events, stated = snapshot.interactions, snapshot.item_entities
    relationships = [
        RelationshipRow(
            "INTERACTED",
            "User",
            snapshot.users[events.user[row]],
            "Item",
            snapshot.items[events.item[row]].id,
            {"event": "purchase", "at_s": float(events.at_s[row]), "weight": 1.0},
        )
        for row in range(len(events))
    ]
    for row in range(len(stated)):
        entity = snapshot.entities[stated.entity[row]]
        kind = DEFAULT_SCHEMA.kind(entity.kind)
        relationships.append(
            RelationshipRow(
                kind.relationship,
                "Item",
                snapshot.items[stated.item[row]].id,
                kind.label,
                entity.id,
                {"confidence": 1.0, "modality": "text", "extractor": "x", "evidence": "{}"},
            )
        )
    return GraphBatch(tuple(nodes), tuple(relationships))


def test_from_graph_to_artifact_to_reasons_that_the_graph_holds(
    store: GraphStore, tmp_path: Path
) -> None:
    settings = GnnSettings(
        model="relational_attention", baselines=False, k=5, threads=1, artifact_dir=tmp_path
    )
    identity = store.identity()
    train(store.snapshot(), None, settings, graph_identity=identity)
    served = Recommender.load(tmp_path, expect_graph=identity)
    with pytest.raises(ArtifactError, match=identity):
        Recommender.load(tmp_path, expect_graph="another")
    user = people("black", size=4)[0]
    item = served.recommend(user, k=1).items[0].item.id
    explanation = served.explain(user, item)
    assert any(step.end.id == "colour:black" for path in explanation.paths for step in path.steps)
    assert unsupported(explanation, store) == ()
    # Somebody who is not in the graph owns nothing there.
    stranger = replace(explanation, user_id="stranger")
    assert unsupported(stranger, store) == explanation.paths
    rows = list(embeddings(served.artifact, dim=4).rows(served.artifact))
    assert store.write_embeddings(rows) == len(rows)
