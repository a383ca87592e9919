"""Ids in paths, languages, settings: the edges where text comes in."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from fastapi.exceptions import RequestValidationError
from hypothesis import given
from hypothesis import strategies as st

from api.engine import Engine, GraphCheck
from api.graph_store import GraphStoreHolder
from api.ids import exact_path
from api.language import negotiate
from api.service import Service
from api.settings import ApiSettings, Settings, find_config, load_settings
from gnn.recommender import Recommender
from kg.errors import ArtifactError, ConfigError, StoreUnavailable
from kg.stores.bolt import BoltStore


@given(st.text(min_size=1))
def test_any_encoded_id_is_one_segment_and_comes_back(item_id: str) -> None:
    item_id = item_id.encode("utf-8", "ignore").decode()  # lone surrogates have no encoding
    path = exact_path(f"/v1/items/{quote(item_id, safe='')}/similar".encode())
    prefix, suffix = "/v1/items/", "/similar"
    assert path.startswith(prefix)
    assert path.endswith(suffix)
    segment = path[len(prefix) : -len(suffix)]
    assert "/" not in segment
    assert unquote(segment) == item_id


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("zh;q=0.3, en;q=0.7", "en"),
        ("fr, de;q=0.9", "en"),
        ("fr, zh;q=0.1", "zh"),
        ("zh;q=0, *;q=0.1", "en"),
        ("zh;q=0", "en"),
        ("zh;q=nonsense", "en"),
        (";;,,=", "en"),
    ],
)
def test_the_language_is_the_weightiest_known_one(header: str, language: str) -> None:
    assert negotiate(header) == language


def write(folder: Path, text: str) -> Path:
    path = folder / "shopgraph.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_sets_and_the_environment_overrides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, '[api]\nport = 9000\nhost = "0.0.0.0"\n[gnn]\nseed = 3\n')
    monkeypatch.setenv("SHOPGRAPH_API__PORT", "9001")
    monkeypatch.setenv("SHOPGRAPH_KG__STORE__URL", "neo4j://graph.example:7687")
    settings = load_settings(path)
    assert (settings.api.port, settings.api.host, settings.gnn.seed) == (9001, "0.0.0.0", 3)
    assert settings.kg.store.url == "neo4j://graph.example:7687"


def test_relative_paths_are_below_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, '[gnn]\nartifact_dir = "models"\n[kg.catalog]\npath = "data"\n')
    settings = load_settings(path)
    assert settings.gnn.artifact_dir == tmp_path / "models"
    assert settings.kg.catalog.path == tmp_path / "data"
    assert settings.kg.store.url == f"embedded:{tmp_path}/.shopgraph/graph"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "[api]\nprot = 1",
            "api.prot: unknown setting; known here: admin_key, check_graph, currency",
        ),
        ("[apo]\nport = 1", "apo: unknown setting; known here: api, gnn, kg"),
        ("[api]\nport = 70000", "api.port 70000"),
        ("[api]\ncurrency = 'euro'", "api.currency 'euro'"),
        ("[api\n", "not TOML"),
    ],
)
def test_a_wrong_setting_is_named_with_its_file(tmp_path: Path, text: str, words: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as raised:
        load_settings(path)
    assert words in str(raised.value)
    assert str(path) in str(raised.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "SHOPGRAPH_KG__STORE__ULR",
            "kg.store.ulr: unknown setting; known here: ca_file, database, password",
        ),
        ("SHOPGRAPH_KGG__STORE__URL", "SHOPGRAPH_KG__..."),
    ],
)
def test_a_misspelt_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, words: str
) -> None:
    monkeypatch.setenv(name, "x")
    with pytest.raises(ConfigError) as raised:
        load_settings(None)
    assert words in str(raised.value)


def test_a_configuration_is_looked_for_here_and_then_in_the_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_config(None) is None
    (tmp_path / ".shopgraph/demo").mkdir(parents=True)
    write(tmp_path / ".shopgraph/demo", "")
    assert find_config(None) == Path(".shopgraph/demo/shopgraph.toml")
    write(tmp_path, "")
    assert find_config(None) == Path("shopgraph.toml")
    with pytest.raises(ConfigError, match=r"absent\.toml"):
        find_config(Path("absent.toml"))


def test_a_usual_length_is_never_longer_than_the_longest_allowed() -> None:
    settings = Settings(api=ApiSettings.model_validate({"max_k": 3}))
    engine = Engine(no_artifact, check_graph=lambda: GraphCheck(None, ""))
    service = Service(engine, no_graph(), settings)
    assert service.length(None, 10) == 3
    assert service.length(2, 10) == 2
    with pytest.raises(RequestValidationError):
        service.length(4, 2)


def no_graph() -> GraphStoreHolder:
    def away() -> BoltStore:
        raise StoreUnavailable("none")

    return GraphStoreHolder(away, url="embedded:none", threads=1, on_open=lambda _: None)


def no_artifact(identity: str | None) -> Recommender:
    raise ArtifactError("none")
