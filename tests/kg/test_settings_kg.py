from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from kg.settings import CatalogSettings, KgSettings, config_error


def refused(values: dict[str, object]) -> str:
    with pytest.raises(ValidationError) as caught:
        KgSettings.model_validate(values)
    return str(config_error(caught.value, KgSettings, source="shopgraph.toml"))


def test_an_unknown_setting_lists_the_known_ones_of_its_section() -> None:
    assert refused({"store": {"ulr": "x"}}) == (
        "shopgraph.toml: store.ulr: unknown setting; known here: ca_file, database, password, "
        "timeout_s, url"
    )


def test_an_unknown_section_lists_sections_by_the_name_written_in_the_file() -> None:
    message = refused({"stroe": {}})
    assert "schema" in message
    assert "graph_schema" not in message
    assert "catalog, data_dir, encoders, extraction, schema, store" in message


def test_every_wrong_setting_is_named_at_once() -> None:
    message = refused({"store": {"timeout_s": 0}, "catalog": {"items": {"titel": "t"}}})
    assert "store.timeout_s 0: Input should be greater than 0" in message
    assert "catalog.items.titel: unknown setting" in message
    assert "image_folder" in message


def test_a_password_is_never_shown() -> None:
    assert "hunter2" not in refused({"store": {"password": ["hunter2"]}})
    assert "hunter2" not in repr(KgSettings.model_validate({"store": {"password": "hunter2"}}))


def test_an_entity_kind_is_a_snake_case_name() -> None:
    assert "snake_case" in refused({"schema": {"kinds": ["Not A Kind"]}})
    settings = KgSettings.model_validate({"schema": {"kinds": ["scent"]}})
    assert settings.schema_for(("season",)).kind("season").relationship == "HAS_SEASON"
    assert settings.schema_for().kind("scent").label == "Scent"


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        KgSettings().store.url = "neo4j://elsewhere"  # type: ignore[misc]


@pytest.mark.parametrize("name", ["title", "embedding", "id"])
def test_a_property_may_not_take_the_place_of_one_the_graph_uses(name: str) -> None:
    message = refused({"catalog": {"items": {"properties": [name]}}})
    assert f"'{name}'" in message


def test_relative_paths_lie_beside_the_settings_file_and_absolute_ones_stay(tmp_path: Path) -> None:
    settings = KgSettings().relative_to(tmp_path)
    assert settings.store.url == f"embedded:{tmp_path}/.shopgraph/graph"
    assert settings.data_dir == tmp_path / ".shopgraph"
    assert settings.catalog.path == tmp_path
    elsewhere = KgSettings(catalog=CatalogSettings(path=Path("/data"))).relative_to(tmp_path)
    assert elsewhere.catalog.path == Path("/data")
    remote = KgSettings.model_validate({"store": {"url": "neo4j://host"}}).relative_to(tmp_path)
    assert remote.store.url == "neo4j://host"
