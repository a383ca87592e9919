"""The checkerboard world in a store, an artifact whose scores are written by hand, and a service.

``rows[j, k]`` is what owning j says for k: half for the same colour, a quarter for the same
kind. So u1, who owns a, scores b 0.5, c 0.25 and d 0; u3, who owns c and d, scores a and b 0.25
each. Item e is in the graph alone: it came after the artifact.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import numpy as np
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import ApiSettings, Settings
from gnn.artifact_write import write_artifact
from gnn.item_rows import ItemRows
from gnn.settings import GnnSettings
from gnn.training_artifact import build_artifact
from kg.graph import GraphBatch, NodeRow, RelationshipRow
from kg.settings import KgSettings, StoreSettings
from kg.stores.bolt import BoltStore

ADMIN_KEY = "the key of the house"
ADMIN = {"X-API-Key": ADMIN_KEY}


def _store_world() -> ModuleType:
    # Test folders are no packages: that of the store's tests may not be on the path.
    if "store_world" not in sys.modules:
        path = Path(__file__).resolve().parents[1] / "kg" / "store_world.py"
        spec = importlib.util.spec_from_file_location("store_world", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["store_world"] = module
        spec.loader.exec_module(module)
    return sys.modules["store_world"]


store_world = _store_world()
ENGINES = store_world.ENGINES


def fill(store: BoltStore, artifacts: Path) -> None:
    """The world and item e in ``store``, the artifact in ``artifacts``."""
    store.write(store_world.world())
    statement = {"confidence": 0.125, "modality": "text", "extractor": "hand", "evidence": "{}"}
    store.write(
        GraphBatch(
            (NodeRow("Item", "e", {"title": "Reddish hat", "title_en": "Reddish hat"}),),
            (RelationshipRow("HAS_COLOUR", "Item", "e", "Colour", "colour:red", statement),),
        )
    )
    # What an item says for itself is no reason: it must not be counted.
    own, half, quarter = 0.0625, 0.5, 0.25
    rows = np.array(
        [
            [own, half, quarter, 0],
            [half, own, 0, quarter],
            [quarter, 0, own, half],
            [0, quarter, half, own],
        ],
        dtype=np.float32,
    )
    ones, nothing = np.ones(4, dtype=np.float32), np.zeros(4, dtype=np.float32)
    artifact = build_artifact(
        store_world.world_snapshot(),
        ItemRows(rows, ones, nothing),
        strategy="relational_attention",
        graph_identity=store.identity(),
        vectors_fingerprint="",
        settings={},
        report={},
    )
    write_artifact(artifacts, artifact)


def settings_for(
    url: str, artifacts: Path, *, password: str | None = None, **api: object
) -> Settings:
    """Settings of a service on the store at ``url``."""
    store = StoreSettings.model_validate({"url": url, "password": password})
    return Settings(
        kg=KgSettings(store=store),
        gnn=GnnSettings(artifact_dir=artifacts),
        api=ApiSettings.model_validate({"admin_key": ADMIN_KEY, **api}),
    )


@contextmanager
def served_world(engine: str, folder: Path, **api: object) -> Iterator[TestClient]:
    """A service on the world in ``engine``."""
    for store in store_world.empty_store(engine, folder):
        fill(store, folder / "artifact")
        password = None if engine == "embedded" else store_world._neo4j_password()
        settings = settings_for(store.url, folder / "artifact", password=password, **api)
        with TestClient(create_app(settings)) as client:
            wait_until_open(client)
            yield client


def wait_until_open(client: TestClient, *, within_s: float = 60) -> None:
    """Until the service answers from its graph."""
    deadline = time.monotonic() + within_s
    while (answer := client.get("/v1/graph/nodes/Item/b")).status_code == 503:
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.1)
