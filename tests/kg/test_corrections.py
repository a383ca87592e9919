"""A person's word outlives every ingest and the graph itself; conflicts are kept and listed."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from agreement_fixtures import SHIRTS, ingest_shirts
from query_fixtures import ask
from store_world import ENGINES, empty_store

from api.cli import main
from kg.correct import Corrected, correct
from kg.correction_examples import correction_examples, with_corrections, write_examples
from kg.corrections import Correction, Corrections, Says
from kg.errors import DataError, NotFound, SchemaError, StoreError
from kg.extraction.learned.labelled import Columns, read_labelled
from kg.ingest import default_canonical
from kg.rejects import Rejects
from kg.schema import DEFAULT_SCHEMA
from kg.stores import open_store
from kg.stores.bolt import BoltStore


@pytest.fixture(params=ENGINES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BoltStore]:
    yield from empty_store(request.param, tmp_path)


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[BoltStore]:
    yield from empty_store("embedded", tmp_path)


@pytest.fixture
def journal(tmp_path: Path) -> Corrections:
    return Corrections(tmp_path / "kept" / "corrections.jsonl")


def say(
    store: BoltStore, journal: Corrections, item: str, value: str, says: Says = "yes"
) -> Corrected:
    return correct(
        store, journal, item_id=item, kind="colour", value=value, says=says, by="ann", at_s=5.0,
        schema=DEFAULT_SCHEMA, canonical=default_canonical(),
    )  # fmt: skip


def colours(store: BoltStore) -> dict[str, list[tuple[str, str, float]]]:
    """Item -> (colour, modality, confidence)."""
    text = (
        "MATCH (i:Item)-[r:HAS_COLOUR]->(e) RETURN i.id AS item, e.name AS name, "
        "r.modality AS modality, r.confidence AS confidence ORDER BY item, name, modality"
    )
    found: dict[str, list[tuple[str, str, float]]] = {}
    for row in store.connection.call("read", text, {}):
        one = (str(row["name"]), str(row["modality"]), round(float(str(row["confidence"])), 3))
        found.setdefault(str(row["item"]), []).append(one)
    return found


def test_conflicts_are_kept_scored_and_listed_and_not_learned_from(store: BoltStore) -> None:
    summary = ingest_shirts(store)
    assert colours(store) == {
        # Odds 9 for red and 4 for blue: 9/14 and 4/14.
        "a": [("blue", "image", 0.286), ("red", "text", 0.643)],
        # The picture's blue contradicts the column and is no statement.
        "b": [("red", "column", 1.0), ("red", "text", 0.9)],
        "c": [("red", "image", 0.8), ("red", "text", 0.9)],
    }
    text = "MATCH (:Item {id: 'c'})-[r:HAS_COLOUR]->() RETURN r.combined AS combined"
    combined = [row["combined"] for row in store.connection.call("read", text, {})]
    assert combined == pytest.approx([0.98, 0.98])
    rows = ask(store, "quality/conflicts")
    names = ("item_id", "score", "entity_id", "modality", "other_id", "other_modality")
    assert [tuple(row[name] for name in names) for row in rows] == [
        ("b", 0.8, "colour:blue", "image", "colour:red", "column"),
        ("a", 0.72, "colour:blue", "image", "colour:red", "text"),
        ("b", 0.72, "colour:blue", "image", "colour:red", "text"),
    ]
    assert ask(store, "quality/conflicts", kind="pattern") == []
    assert summary.conflicts == 3
    snapshot = store.snapshot()
    assert len(snapshot.item_entities) == 2 + 2 + 2
    # Settled, a conflict leaves the list.
    assert ingest_shirts(store).written.relationships_created == 0
    agreed = type(SHIRTS)("test", (SHIRTS.items[2],))
    assert ingest_shirts(store, catalog=agreed).conflicts == 0


def test_a_persons_word_holds_through_ingests_and_a_new_graph(
    store: BoltStore, journal: Corrections, tmp_path: Path
) -> None:
    ingest_shirts(store)
    done = say(store, journal, "a", "海军蓝")
    # Red is gone at once; blue is wider than navy and fits.
    assert (done.entity, done.written, done.removed) == ("colour:navy", 2, 1)  # and BROADER
    assert say(store, journal, "c", "red", "no").removed == 2
    assert say(store, journal, "b", "red", "no").removed == 2
    after = {"a": [("blue", "image", 0.286), ("navy", "person", 1.0)]}
    assert colours(store) == after
    for _ in range(2):
        ingest_shirts(store, journal.current())
        # Nothing excludes b's blue any longer; what a navy shirt's picture shows is not navy.
        assert colours(store) == {
            "a": [("navy", "person", 1.0)],
            "b": [("blue", "image", 0.8)],
        }
    held = colours(store)
    with open_store(f"embedded:{tmp_path}/rebuilt") as rebuilt:
        rebuilt.migrate(DEFAULT_SCHEMA)
        ingest_shirts(rebuilt, journal.current())
        assert colours(rebuilt) == held
    assert say(store, journal, "a", "navy", "undo").removed == 1
    say(store, journal, "b", "red", "undo")
    say(store, journal, "c", "red", "undo")
    assert journal.current() == {}
    ingest_shirts(store, journal.current())
    with open_store(f"embedded:{tmp_path}/fresh") as fresh:
        fresh.migrate(DEFAULT_SCHEMA)
        ingest_shirts(fresh)
        assert colours(store) == colours(fresh)


def test_a_merge_of_an_ingest_never_touches_a_persons_statement(
    embedded: BoltStore, journal: Corrections
) -> None:
    ingest_shirts(embedded)
    say(embedded, journal, "c", "red")
    # An ingest that knows nothing of the journal, as an older version would.
    ingest_shirts(embedded)
    assert ("red", "person", 1.0) in colours(embedded)["c"]
    text = "MATCH (:Item {id: 'c'})-[r {modality: 'person'}]->() RETURN r.evidence AS evidence"
    (row,) = embedded.connection.call("read", text, {})
    assert json.loads(str(row["evidence"])) == {"quote": "red", "by": "ann", "at_s": 5.0}


def test_what_cannot_be_corrected_is_said_and_not_kept(
    embedded: BoltStore, journal: Corrections
) -> None:
    ingest_shirts(embedded)
    with pytest.raises(NotFound, match="'nobody'"):
        say(embedded, journal, "nobody", "red")
    with pytest.raises(DataError, match="nothing to undo"):
        say(embedded, journal, "a", "red", "undo")
    with pytest.raises(DataError, match="a value of the kind"):
        say(embedded, journal, "a", "  ")
    with pytest.raises(SchemaError, match="flavour"):
        correct(
            embedded, journal, item_id="a", kind="flavour", value="mint", at_s=0.0,
            schema=DEFAULT_SCHEMA, canonical=default_canonical(),
        )  # fmt: skip
    assert journal.all() == []


def test_corrections_become_training_examples(
    embedded: BoltStore, journal: Corrections, tmp_path: Path
) -> None:
    ingest_shirts(embedded)
    say(embedded, journal, "a", "red")
    say(embedded, journal, "c", "blue")
    examples = correction_examples(embedded, journal.current())
    assert [(one["item_id"], one["attributes"]) for one in examples] == [
        ("a", {"colour": ["red"]}),
        ("c", {"colour": ["blue"]}),
    ]
    file = tmp_path / "examples.jsonl"
    assert write_examples(file, examples) == 2
    with Rejects() as rejects:
        read = read_labelled(file, Columns(), rejects=rejects)
    assert [(one.text, dict(one.values)) for one in read] == [
        ("red shirt", {"colour": ("red",)}),
        ("red shirt", {"colour": ("blue",)}),
    ]
    say(embedded, journal, "b", "Red", "no")
    said = journal.current()
    taught = [with_corrections(item, said.get(item.id, ())) for item in SHIRTS.items]
    # b's column says Red, another spelling of what is denied.
    assert [dict(item.columns) for item in taught] == [
        {"colour": ("red",)},
        {},
        {"colour": ("blue",)},
    ]


def word(item: str, value: str, says: Says = "yes") -> Correction:
    return Correction(item, "colour", value, says)


def test_the_last_word_counts(journal: Corrections) -> None:
    for one in (word("a", "red"), word("a", "blue"), word("a", "red", "no"), word("b", "red")):
        journal.add(one)
    journal.add(word("b", "red", "undo"))
    assert journal.current() == {"a": (word("a", "blue"), word("a", "red", "no"))}


def test_a_line_cut_by_a_kill_does_not_count_and_others_are_not_lost(journal: Corrections) -> None:
    journal.add(word("a", "red"))
    with journal.path.open("ab") as file:
        file.write(b'{"item_id": "a", "ki')
    assert journal.all() == [word("a", "red")]
    journal.add(word("b", "blue"))
    assert journal.all() == [word("a", "red"), word("b", "blue")]


@pytest.mark.parametrize("line", ["nonsense", '{"item": 1}', "[1]"])
def test_a_damaged_line_is_named(journal: Corrections, line: str) -> None:
    journal.add(word("a", "red"))
    with journal.path.open("a") as file:
        file.write(line + "\n")
    with pytest.raises(DataError, match=r"corrections\.jsonl:2"):
        journal.current()


def test_a_folder_in_its_place_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="expected a journal of corrections"):
        Corrections(tmp_path).add(word("a", "red"))


def test_many_may_write_at_once(journal: Corrections) -> None:
    def write(name: int) -> None:
        for number in range(20):
            journal.add(word(f"i{name}", f"v{number}"))

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(journal.all()) == 80


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "shopgraph.toml"
    config.write_text('[kg.store]\nurl = "embedded:graph"\n')
    with open_store(f"embedded:{tmp_path}/graph") as store:
        ingest_shirts(store)

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            main(["extract", *arguments, "--config", str(config)])
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    code, out, _ = run("correct", "c", "colour", "红色", "--not", "--by", "ann", "--json")
    assert code == 0
    assert json.loads(out) == {
        "item_id": "c", "kind": "colour", "entity": "colour:red", "says": "no",
        "written": 0, "removed": 2,
    }  # fmt: skip
    code, out, _ = run("corrections", "--examples", str(tmp_path / "e.jsonl"), "--json")
    assert code == 0
    (listed,) = json.loads(out)["corrections"]
    assert (listed["item_id"], listed["value"], listed["written"]) == ("c", "red", "红色")
    assert json.loads(out)["examples"] == 1
    code, _, err = run("correct", "z", "colour", "red")
    assert (code, "'z' is not in the graph" in err) == (1, True)
    assert run("correct", "c", "colour", "red", "--not", "--undo")[0] == 2
