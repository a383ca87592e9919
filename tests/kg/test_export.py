"""Exported graphs, read back by networkx: equal nodes, edges and properties."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import networkx
import pytest
from export_fixtures import ODD, filled_store
from hypothesis import given, settings
from hypothesis import strategies as st
from store_world import ENGINES

from kg.errors import ConfigError, DataError, NotFound, QueryError
from kg.export import export_graph
from kg.export_networkx import read_graph, to_networkx, write_graph
from kg.export_rows import ExportedNode, ExportedRelationship, around
from kg.stores.bolt import BoltStore

FORMATS = ("graphml", "node-link", "gexf")


@pytest.fixture(scope="module", params=ENGINES)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BoltStore]:
    yield from filled_store(request.param, tmp_path_factory.mktemp("graph"))


def content(graph: networkx.MultiDiGraph) -> tuple[dict[str, Any], Counter[str]]:
    """Nodes with their attributes, and edges as a multiset."""
    edges = Counter(
        repr((start, end, sorted(data.items()))) for start, end, data in graph.edges(data=True)
    )
    return dict(graph.nodes(data=True)), edges


@pytest.mark.parametrize("format", FORMATS)
def test_networkx_reads_back_what_the_graph_holds(
    store: BoltStore, tmp_path: Path, format: Any
) -> None:
    summary = export_graph(store, tmp_path / "graph", format=format)
    graph = read_graph(tmp_path / "graph", format=format)
    nodes, edges = content(graph)
    # By hand: 4 + 2 items, 4 users, 4 + 1 entities; 5 events, 9 + 1 statements, 1 variant.
    assert (summary.nodes, summary.relationships) == (15, 16)
    assert (len(nodes), edges.total()) == (15, 16)
    assert nodes["Item:a"] == {
        "labels": ["Item"],
        "title": "Red shirt",
        "title_en": "Red shirt",
        "title_zh": "红色衬衫",
        "price": 10.0,
    }
    assert "price" not in nodes["Item:c"]
    renamed = {"label": "property:label", "type": "property:type"}
    assert nodes["Item:odd"] == {
        "labels": ["Item"],
        **{renamed.get(name, name): value for name, value in ODD.items()},
    }
    assert nodes["Item:other"]["count"] == "many"
    assert nodes["Entity:colour:red"]["labels"] == ["Colour", "Entity"]
    assert nodes["Entity:colour:red"]["kind"] == "colour"
    assert nodes["User:u2"] == {"labels": ["User"], "club": "gold", "vip": True}
    assert nodes["User:u1"] == {"labels": ["User"], "age": 30}
    red = [
        (data["modality"], data["confidence"])
        for start, end, data in graph.edges(data=True)
        if (start, end) == ("Item:b", "Entity:colour:red")
    ]
    assert sorted(red) == [("image", 0.5), ("text", 0.75)]
    (brand,) = (data for _, end, data in graph.edges(data=True) if "o'neill" in end)
    assert brand == {
        "type": "HAS_BRAND",
        "confidence": 0.1,
        "modality": "text",
        "property:key": "k",
        "evidence": "a\r\nb",
    }
    (seen,) = (data for _, _, data in graph.edges(data=True) if data.get("event") == "view")
    assert seen == {"type": "INTERACTED", "event": "view", "weight": 0.5, "at_s": 200.0}


def test_other_programs_see_labels_and_types(store: BoltStore, tmp_path: Path) -> None:
    """GEXF for Gephi: the title is the node's label, the type the edge's, the weight its own."""
    export_graph(store, tmp_path / "graph.gexf", format="gexf")
    graph = networkx.read_gexf(tmp_path / "graph.gexf")
    assert graph.nodes["Item:a"]["label"] == "Red shirt"
    assert graph.nodes["User:u1"]["label"] == "User:u1"
    (seen,) = (data for _, _, data in graph.edges(data=True) if data.get("event") == "view")
    assert (seen["label"], seen["weight"]) == ("INTERACTED", 0.5)


def test_what_xml_cannot_hold_is_json_text(tmp_path: Path) -> None:
    """Also empty text, which some versions of networkx do not read back."""
    odd = {"none": "", "bell": "\x07", "list": [1, 2], "some": " "}
    graph = to_networkx([ExportedNode("Item", "a", ("Item",), odd)], [])
    write_graph(graph, tmp_path / "graph", format="graphml")
    assert networkx.read_graphml(tmp_path / "graph").nodes["Item:a"] == {
        "labels:json": '["Item"]',
        "none:json": '""',
        "bell:json": '"\\u0007"',
        "list:json": "[1, 2]",
        "some": " ",
    }
    named = to_networkx([ExportedNode("Item", "\x07", ("Item",), {})], [])
    with pytest.raises(DataError, match="is not text that XML can hold"):
        write_graph(named, tmp_path / "graph", format="gexf")


@pytest.mark.parametrize("format", FORMATS)
def test_a_neighbourhood(store: BoltStore, tmp_path: Path, format: Any) -> None:
    """One hop from a: its colour and kind, its owners u1 and u2, its variant c, and their links."""
    export_graph(store, tmp_path / "graph", format=format, node=("Item", "a"), hops=1)
    graph = read_graph(tmp_path / "graph", format=format)
    assert set(graph) == {
        *("Item:a", "Item:c", "User:u1", "User:u2"),
        *("Entity:colour:red", "Entity:category:shirt"),
    }
    links = Counter((start, end) for start, end in graph.edges())
    assert links == Counter(
        [
            *(("User:u1", "Item:a"), ("User:u2", "Item:a"), ("Item:c", "Item:a")),
            *(("Item:a", "Entity:colour:red"), ("Item:a", "Entity:category:shirt")),
            ("Item:c", "Entity:category:shirt"),
        ]
    )


def test_the_nearest_nodes_first(store: BoltStore) -> None:
    """From a two hops: b by red twice and u2, so three times; shoe, blue, ... later."""
    chosen = around(store, ("Item", "a"), hops=2, max_nodes=7)
    assert chosen["Item"] == ["a", "b", "c"]
    assert chosen["User"] == ["u1", "u2"]
    assert chosen["Entity"] == ["category:shirt", "colour:red"]
    # Alone, or with the first of those that one relationship leads to: entities, by id.
    assert around(store, ("Item", "a"), hops=4, max_nodes=1) == {
        "Item": ["a"],
        "User": [],
        "Entity": [],
    }
    assert around(store, ("Item", "a"), hops=1, max_nodes=2)["Entity"] == ["category:shirt"]
    with pytest.raises(NotFound, match="Item 'nobody'"):
        around(store, ("Item", "nobody"), hops=1, max_nodes=5)
    with pytest.raises(QueryError, match="hops 5"):
        around(store, ("Item", "a"), hops=5, max_nodes=5)
    with pytest.raises(QueryError, match="around Colour"):
        around(store, ("Colour", "colour:red"), hops=1, max_nodes=5)


def test_a_hub_is_not_walked_through(store: BoltStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.export_rows.HUB", 3)
    # a's own 6 relationships are walked; red has 3, so b is found; shirt 2; c has 5 of its own.
    chosen = around(store, ("Item", "a"), hops=2, max_nodes=100)
    assert chosen["Item"] == ["a", "b", "c"]
    # u3 would be found through c only.
    assert chosen["User"] == ["u1", "u2"]


def test_embeddings_only_where_asked_for(store: BoltStore, tmp_path: Path) -> None:
    export_graph(store, tmp_path / "graph", format="node-link", embeddings=True)
    nodes = read_graph(tmp_path / "graph", format="node-link").nodes
    assert nodes["User:u1"]["embedding"] == [0.25, -1.0]
    assert nodes["User:u1"]["embedding_version"] == "v1"


def test_two_exports_are_the_same_bytes(store: BoltStore, tmp_path: Path) -> None:
    for name in ("one", "other"):
        export_graph(store, tmp_path / name, format="graphml")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_an_unknown_format_lists_the_known(store: BoltStore, tmp_path: Path) -> None:
    wrong: Any = "dot"
    with pytest.raises(ConfigError, match="'dot' is not one of: graphml, node-link, gexf, csv"):
        export_graph(store, tmp_path / "graph", format=wrong)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
scalars = st.one_of(
    texts, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False)
)
names = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=5)
properties = st.dictionaries(
    st.one_of(names, st.sampled_from(["weight", "id", "label", "type", "key", "start", "viz"])),
    st.one_of(scalars, st.lists(texts, max_size=3), st.lists(st.integers(0, 9), max_size=3)),
    max_size=4,
)


@given(st.lists(properties, min_size=1, max_size=4), st.lists(properties, max_size=4))
@settings(deadline=None, max_examples=60)
def test_any_property_comes_back(
    tmp_path_factory: pytest.TempPathFactory, given_nodes: list[Any], given_edges: list[Any]
) -> None:
    graph = to_networkx(
        [ExportedNode("Item", str(n), ("Item",), own) for n, own in enumerate(given_nodes)],
        [ExportedRelationship("T", ("Item", "0"), ("Item", "0"), own) for own in given_edges],
    )
    assert graph.number_of_edges() == len(given_edges)
    path = tmp_path_factory.mktemp("law") / "graph"
    for format in FORMATS:
        write_graph(graph, path, format=format)  # type: ignore[arg-type]
        back = read_graph(path, format=format)  # type: ignore[arg-type]
        assert content(back) == content(graph), format
    shutil.rmtree(path.parent)


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    (tmp_path / "graph").write_text("nothing of the kind")
    for format in FORMATS:
        with pytest.raises(DataError, match=f"is not a {format} file"):
            read_graph(tmp_path / "graph", format=format)  # type: ignore[arg-type]
