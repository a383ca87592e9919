"""Exported CSV, read by Python and by Neo4j's own importer."""

from __future__ import annotations

import csv
import io
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import neo4j
import pytest
import store_world
from export_fixtures import ODD, filled_store
from store_world import ENGINES, PASSWORD

from kg.errors import DataError
from kg.export import export_graph
from kg.export_csv import CsvExport
from kg.export_rows import ExportedNode
from kg.schema import DEFAULT_SCHEMA
from kg.stores import open_store
from kg.stores.bolt import BoltStore


@pytest.fixture(scope="module", params=ENGINES)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BoltStore]:
    yield from filled_store(request.param, tmp_path_factory.mktemp("graph"))


def test_csv_of_every_label_and_type(store: BoltStore, tmp_path: Path) -> None:
    """Read by Python's csv; what Neo4j makes of it is the next test."""
    summary = export_graph(store, tmp_path / "csv", format="csv")
    assert (summary.nodes, summary.relationships) == (15, 16)
    tables = {}
    for argument in summary.arguments[2:]:
        header, body = argument.partition("=")[2].split(",")
        (names,), rows = (
            list(csv.reader(io.StringIO((tmp_path / "csv" / name).read_text("utf-8"), newline="")))
            for name in (header, body)
        )
        # An earlier row may be shorter.
        tables[body] = [dict(zip(names, row, strict=False)) for row in rows]
    assert set(tables) == {
        *("nodes-Item.csv", "nodes-Item-2.csv", "nodes-User.csv"),
        *(f"nodes-{kind}-Entity.csv" for kind in ("Brand", "Category", "Colour")),
        *("relationships-User-INTERACTED-Item.csv", "relationships-Item-VARIANT_OF-Item.csv"),
        *(f"relationships-Item-HAS_{kind}-Entity.csv" for kind in ("BRAND", "CATEGORY", "COLOUR")),
    }
    (odd,) = (row for row in tables["nodes-Item.csv"] if row["id:ID(Item)"] == "odd")
    assert odd[":LABEL"] == "Item"
    assert odd["title:string"] == ODD["title"]
    assert odd["sizes:string[]"] == 'S;M "wide";红'
    assert odd["stock:long[]"] == "3;-1"
    assert odd["ratings:double[]"] == "0.5;4.0"
    assert (odd["new:boolean"], odd["count:long"]) == ("true", str(2**62))
    assert float(odd["third:double"]) == 1 / 3
    # count is text there, so it could not stay.
    assert [row["count:string"] for row in tables["nodes-Item-2.csv"]] == ["many"]
    assert tables["nodes-Colour-Entity.csv"][0][":LABEL"] == "Colour;Entity"
    (view,) = (
        row
        for row in tables["relationships-User-INTERACTED-Item.csv"]
        if row["event:string"] == "view"
    )
    assert {key: value for key, value in view.items() if value} == {
        ":START_ID(User)": "u2",
        ":END_ID(Item)": "b",
        ":TYPE": "INTERACTED",
        "event:string": "view",
        "weight:double": "0.5",
        "at_s:double": "200.0",
    }
    with pytest.raises(DataError, match="absent or empty folder"):
        export_graph(store, tmp_path / "csv", format="csv")


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("store", ["embedded"], indirect=True)
def test_neo4j_imports_the_csv(store: BoltStore, tmp_path: Path) -> None:
    """`neo4j-admin database import full` into a new server, which then holds an equal graph."""
    lib = store_world._scripts() / "lib"
    summary = export_graph(store, tmp_path / "csv", format="csv")
    home = tmp_path / "home"
    (home / "conf").mkdir(parents=True)
    (home / "conf" / "neo4j.conf").write_text("")
    java = Path(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java"
    main = "org.neo4j.server.startup.Neo4jAdminCommand"
    subprocess.run(
        [
            *(java, "-Xmx512m", "-cp", f"{lib}/*", main),
            *("database", "import", "full", "neo4j", *summary.arguments),
        ],
        check=True,
        cwd=tmp_path / "csv",
        capture_output=True,
        env=os.environ | {"NEO4J_HOME": str(home), "NEO4J_CONF": str(home / "conf")},
    )
    before = store.snapshot()
    properties = "MATCH (n:Item {id: 'odd'}) RETURN properties(n) AS properties"
    port = store_world.start_neo4j(home)
    try:
        url = f"bolt://127.0.0.1:{port}"
        # Its data folder was there already, so the start script has set no password.
        with neo4j.GraphDatabase.driver(url, auth=("neo4j", "neo4j")) as driver:
            change = "ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO $new"
            driver.execute_query(change, new=PASSWORD, database_="system")
        with open_store(url, password=PASSWORD) as imported:
            imported.migrate(DEFAULT_SCHEMA)
            after = imported.snapshot()
            (row,) = imported.read(properties, {}).rows
    finally:
        store_world.stop_neo4j(home)
    assert after.fingerprint == before.fingerprint
    assert row["properties"] == {"id": "odd", **ODD}


def test_csv_says_what_it_cannot_hold(tmp_path: Path) -> None:
    def written(value: object) -> None:
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        with CsvExport(folder) as files:
            files.nodes([ExportedNode("Item", "a", ("Item",), {"odd": value})])

    with pytest.raises(DataError, match=r"Item a: odd: \['x;y'\] is not a list without ';' in it"):
        written(["x;y"])
    with pytest.raises(DataError, match="values of one type"):
        written(["x", 1])
    with pytest.raises(DataError, match="text, a number"):
        written({"a": 1})
    written(["x", "y"])
