"""Versions of a store: what migrate does to an empty, an old, a current and a newer one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from store_world import ENGINES, asked, empty_store, world

from kg.errors import StoreError
from kg.schema import DEFAULT_SCHEMA
from kg.stores import open_store
from kg.stores.bolt import BoltStore
from kg.stores.migrations import MIGRATIONS, VERSION


@pytest.fixture(scope="module", params=ENGINES)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BoltStore]:
    yield from empty_store(request.param, tmp_path_factory.mktemp(request.param))


def version(store: BoltStore) -> object:
    return asked(store, "MATCH (g:Graph {id: 'graph'}) RETURN g.version AS v")[0]["v"]


def test_a_migrated_store_is_current_and_indexed(store: BoltStore) -> None:
    status = store.status()
    assert (status.version, status.newest) == (VERSION, VERSION)
    assert all(done for _, _, done in status.migrations)
    assert {index.on for index in status.indexes if index.state == "online"} >= {
        *("Item(id)", "User(id)", "Entity(id)", "Graph(id)"),
        *("Item(price)", "Entity(kind)", "Item(title, title_en, title_zh)"),
    }
    assert store.pending() == []


def test_a_store_of_release_0_1_keeps_its_identity_and_rows(store: BoltStore) -> None:
    store.write(world())
    before = store.snapshot().fingerprint
    identity = store.identity()
    store.connection.call("write", "MATCH (g:Graph) REMOVE g.version, g.revision", {})
    assert store.status().version == 1
    assert [done for _, _, done in store.status().migrations] == [True, False]
    planned = store.pending()
    assert planned[-1].endswith(f"SET g.version = {VERSION}")
    assert not any("item_text" in text for text in planned), "it has that one"
    assert version(store) is None, "to ask changes nothing"
    store.migrate(DEFAULT_SCHEMA)
    assert version(store) == VERSION
    assert asked(store, "MATCH (g:Graph) RETURN g.revision AS r") == [{"r": 0}]
    assert store.identity() == identity
    assert store.snapshot().fingerprint == before


def test_an_interrupted_migration_is_finished(store: BoltStore) -> None:
    # As if it had stopped before the last statement of the first one.
    store.connection.call("write", "MATCH (g:Graph) SET g.version = 0", {})
    identity = store.identity()
    store.migrate(DEFAULT_SCHEMA)
    assert version(store) == VERSION
    assert store.identity() == identity


def test_a_newer_store_is_refused_with_both_versions(store: BoltStore) -> None:
    newer = VERSION + 7
    store.connection.call("write", "MATCH (g:Graph) SET g.version = $v", {"v": newer})
    try:
        for attempt in (lambda: store.migrate(DEFAULT_SCHEMA), store.status):
            with pytest.raises(StoreError, match=rf"version {newer}, .* versions up to {VERSION}:"):
                attempt()
        # A joined engine has its own name for the same folder.
        if store.url.startswith("embedded:"):
            with pytest.raises(StoreError, match=rf"version {newer}, "):
                open_store(store.url)
    finally:
        store.connection.call("write", "MATCH (g:Graph) SET g.version = $v", {"v": VERSION})


def test_the_list_is_in_order_without_gaps() -> None:
    assert [each.version for each in MIGRATIONS] == list(range(1, VERSION + 1))
