"""Pages, limits of time and rows, and reads that the database itself keeps from writing."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from store_world import ENGINES, asked, empty_store, world

from kg.errors import QueryError, StoreError, StoreTimeout
from kg.queries import load_query
from kg.stores.bolt import BoltStore

ENDLESS = (
    "UNWIND range(1, 9999) AS a UNWIND range(1, 9999) AS b UNWIND range(1, 9999) AS c "
    "RETURN count(*) AS n"
)


@pytest.fixture(scope="module", params=ENGINES)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BoltStore]:
    for store in empty_store(request.param, tmp_path_factory.mktemp(request.param)):
        store.write(world())
        yield store


def test_an_answer_is_a_page(store: BoltStore) -> None:
    text = "MATCH (i:Item) RETURN i.id AS id, i.title AS title ORDER BY id"
    whole = store.read(text, {})
    assert whole.columns == ("id", "title")
    assert [row["id"] for row in whole.rows] == ["a", "b", "c", "d"]
    assert not whole.more
    page = store.read(text, {}, offset=1, max_rows=2)
    assert [row["id"] for row in page.rows] == ["b", "c"]
    assert page.more
    last = store.read(text, {}, offset=2, max_rows=2)
    assert [row["id"] for row in last.rows] == ["c", "d"]
    assert not last.more, "nothing behind a page that ends where the rows do"
    beyond = store.read(text, {}, offset=9, max_rows=2)
    assert (beyond.columns, beyond.rows, beyond.more) == (("id", "title"), [], False)


def test_a_library_query_is_paged_too(store: BoltStore) -> None:
    history = load_query("users/history")
    params = {"user_id": "u2", "limit": 9}
    answer = store.answer(history, params, max_rows=1)
    assert [row["item_id"] for row in answer.rows] == ["b"]
    assert answer.more
    assert answer.columns == history.returns
    with pytest.raises(QueryError, match="missing parameter user_id"):
        store.answer(history, {})


def test_a_page_of_very_many_rows_is_a_page(store: BoltStore) -> None:
    answer = store.read("UNWIND range(1, 999999) AS n RETURN n", {}, offset=2, max_rows=3)
    assert [row["n"] for row in answer.rows] == [3, 4, 5]
    assert answer.more


WRITES = [
    "CREATE (n:Item {id: 'new'}) RETURN n",
    "CREATE (n:Brand_new {id: 'new'})",
    "MERGE (n:Item {id: 'new'})",
    "MATCH (n:Item {id: 'a'}) SET n.title = 'Owned' RETURN n",
    "MATCH (n:Item {id: 'a'}) SET n:Owned",
    "MATCH (n:Item {id: 'a'}) REMOVE n.title",
    "MATCH (n) DETACH DELETE n",
    "MATCH ()-[r]->() DELETE r",
    "MATCH ()-[r]->() SET r.weight = 7.5",
    "FOREACH (x IN [1] | CREATE (:Item {id: 'new'}))",
    "MATCH (a:Item {id: 'a'}) CALL (a) { CREATE (:Item {id: 'new'}) } RETURN 1",
    "CREATE INDEX owned FOR (n:Item) ON (n.owned)",
    "CREATE CONSTRAINT owned FOR (n:Item) REQUIRE n.owned IS UNIQUE",
    "CREATE USER owner SET PASSWORD 'longenough'",
]


@pytest.mark.parametrize("text", WRITES)
def test_the_database_refuses_to_write(store: BoltStore, text: str) -> None:
    before = asked(store, "MATCH (n) OPTIONAL MATCH (n)-[r]->() RETURN n, r ORDER BY n.id, r.at_s")
    with pytest.raises(StoreError):
        store.read(text, {})
    assert before == asked(
        store, "MATCH (n) OPTIONAL MATCH (n)-[r]->() RETURN n, r ORDER BY n.id, r.at_s"
    )
    assert asked(store, "MATCH (n) WHERE n:Owned OR n:Brand_new RETURN n") == []


def test_a_refused_write_says_so(store: BoltStore) -> None:
    with pytest.raises(QueryError, match=r"(?i)query: .*(not allow|not permitted)"):
        store.read("CREATE (n:Item {id: 'new'})", {})


def test_a_new_type_can_be_read_at_once(store: BoltStore) -> None:
    for number in range(5):
        store.connection.call("write", f"CREATE (n:Fresh{number} {{id: 'fresh'}})", {})
        assert len(store.read(f"MATCH (n:Fresh{number}) RETURN n", {}).rows) == 1
        store.connection.call("write", f"MATCH (n:Fresh{number}) DELETE n", {})


def test_a_call_may_have_less_time_than_the_store(store: BoltStore) -> None:
    started = time.monotonic()
    with pytest.raises(StoreTimeout, match=r"query: no answer within 0\.5 s"):
        store.read(ENDLESS, {}, timeout_s=0.5)
    # Stopped by the engine, not merely left alone: long before the store's own 30 s.
    assert time.monotonic() - started < 10
    assert asked(store, "RETURN 1 AS one") == [{"one": 1}]


def test_cypher_in_a_parameter_stays_data(store: BoltStore) -> None:
    evil = "'}) DETACH DELETE n //"
    answer = store.read("MATCH (n:Item {id: $id}) RETURN n", {"id": evil})
    assert answer.rows == []
    assert store.read("RETURN $id AS id", {"id": evil}).rows == [{"id": evil}]
    assert len(store.read("MATCH (i:Item) RETURN i.id", {}).rows) == 4
