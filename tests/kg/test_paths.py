"""Paths found from both ends, against networkx on graphs that hypothesis draws."""

from __future__ import annotations

from collections.abc import Mapping

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import paths
from kg.graph import Row
from kg.paths import NodeRef, find_paths
from kg.queries import Query

GraphOf = nx.MultiDiGraph


def ref(number: int) -> NodeRef:
    """Every third node is a person."""
    return NodeRef("User" if number % 3 == 2 else "Item", f"n{number}")


def graph(edges: list[tuple[int, int, str]]) -> GraphOf:
    drawn = GraphOf()
    drawn.add_nodes_from([ref(0), ref(1)])
    drawn.add_edges_from((ref(one), ref(other), {"type": type_}) for one, other, type_ in edges)
    return drawn


def asker(drawn: GraphOf) -> paths.Ask:
    """What cypher/graph/edges.cypher answers about ``drawn``."""

    def ask(query: Query, params: Mapping[str, object]) -> list[Row]:
        assert query.name == "graph/edges"
        bound = query.bind(params)
        rows: dict[tuple[NodeRef, str, bool, NodeRef], int] = {}
        for asked in bound["nodes"]:  # type: ignore[attr-defined]
            node = NodeRef(**asked)
            for one, other, data in [
                *drawn.out_edges(node, data=True),
                *drawn.in_edges(node, data=True),
            ]:
                far = other if one == node else one
                if far.label != "User" or bound["people"]:
                    key = (node, data["type"], one == node, far)
                    rows[key] = rows.get(key, 0) + 1
        found = [
            {
                "label": node.label,
                "id": node.id,
                "type": type_,
                "outgoing": outgoing,
                "times": times,
                "other_label": far.label,
                "other_id": far.id,
                "other_name": far.id.upper(),
                "other_degree": drawn.degree(far),
            }
            for (node, type_, outgoing, far), times in rows.items()
        ]
        found.sort(key=lambda row: (row["other_degree"], row["other_label"], row["other_id"]))
        return found[: bound["limit"]]  # type: ignore[misc]

    return ask


EDGES = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 8), st.sampled_from(["HAS", "LINKS"])).filter(
        lambda edge: edge[0] != edge[1]
    ),
    max_size=20,
)


@given(edges=EDGES, max_hops=st.integers(1, 4), people=st.booleans())
def test_every_simple_path_is_found_once(
    edges: list[tuple[int, int, str]], max_hops: int, people: bool
) -> None:
    drawn, start, end = graph(edges), ref(0), ref(1)
    found = find_paths(asker(drawn), start, end, max_hops=max_hops, limit=10_000, people=people)
    plain = nx.Graph(drawn)
    if not people:
        plain = nx.Graph(
            plain.subgraph([n for n in plain if n.label != "User" or n in (start, end)])
        )
    expected = {tuple(path) for path in nx.all_simple_paths(plain, start, end, cutoff=max_hops)}
    assert {path.nodes for path in found.paths} == expected
    assert len(set(found.paths)) == len(found.paths)
    assert found.complete
    keys = [(len(path.hops), path.degree, path.nodes) for path in found.paths]
    assert keys == sorted(keys)
    for path in found.paths:
        assert path.degree == sum(drawn.degree(node) for node in path.nodes[1:-1])


def test_types_directions_and_parallel_relationships() -> None:
    drawn = graph([(0, 3, "HAS"), (0, 3, "HAS"), (0, 3, "LINKS"), (1, 3, "HAS")])
    found = find_paths(asker(drawn), ref(0), ref(1))
    hops = [[(hop.type, hop.outgoing, hop.times) for hop in path.hops] for path in found.paths]
    assert hops == [
        [("HAS", True, 2), ("HAS", False, 1)],
        [("LINKS", True, 1), ("HAS", False, 1)],
    ]
    assert found.names[ref(3)] == "N3"


def test_a_hub_is_not_passed_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "MAX_DEGREE", 2)
    # n3 links both ends and one more: three relationships. n4 links the ends alone.
    edges = [(0, 3, "HAS"), (1, 3, "HAS"), (6, 3, "HAS"), (0, 4, "HAS"), (1, 4, "HAS")]
    found = find_paths(asker(graph(edges)), ref(0), ref(1))
    assert [path.nodes for path in found.paths] == [(ref(0), ref(4), ref(1))]
    assert found.complete


@pytest.mark.parametrize(("bound", "value"), [("NEIGHBOURS", 1), ("FOLLOWED", 1), ("CHAINS", 1)])
def test_a_bound_that_was_reached_is_said(
    monkeypatch: pytest.MonkeyPatch, bound: str, value: int
) -> None:
    monkeypatch.setattr(paths, bound, value)
    # Two ways of three hops.
    edges = [(0, 3, "HAS"), (3, 4, "HAS"), (4, 1, "HAS"), (0, 6, "HAS"), (6, 7, "HAS"), (7, 1, "X")]
    found = find_paths(asker(graph(edges)), ref(0), ref(1))
    assert len(found.paths) < 2 or not found.complete
    assert not found.complete


@pytest.mark.parametrize("max_hops", [0, 5])
def test_a_length_that_is_not_offered_is_refused(max_hops: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 4"):
        find_paths(asker(graph([])), ref(0), ref(1), max_hops=max_hops)
