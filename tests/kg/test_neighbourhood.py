"""A neighbourhood as a networkx graph, and PageRank in it against a matrix and by hand."""

from __future__ import annotations

from collections.abc import Iterator

import networkx
import numpy as np
import pytest
from explained_world import explained_world
from hypothesis import given, settings
from hypothesis import strategies as st
from store_world import ENGINES

from kg.errors import NotFound, QueryError
from kg.neighbourhood import NodeKey, neighbourhood, personalised_pagerank, walk
from kg.stores.bolt import BoltStore


@pytest.fixture(scope="module", params=ENGINES)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BoltStore]:
    yield from explained_world(request.param, tmp_path_factory.mktemp(request.param))


def test_neighbourhood(store: BoltStore) -> None:
    graph = neighbourhood(store, ("Item", "f"), hops=1)
    orange, warm, person = (
        ("Entity", "colour:orange"),
        ("Entity", "colour:warm"),
        ("User", "person 1"),
    )
    assert set(graph.nodes) == {("Item", "f"), orange, warm, person}
    assert graph.nodes[orange] == {"label": "Entity", "id": "colour:orange"}
    # u4 looked twice, by .2 each, and is not named.
    assert graph.edges[person, ("Item", "f"), "INTERACTED"] == {
        "type": "INTERACTED",
        "weight": 0.4,
        "times": 2,
    }
    assert set(graph.edges(keys=True)) == {
        (person, ("Item", "f"), "INTERACTED"),
        (("Item", "f"), orange, "HAS_COLOUR"),
        (("Item", "f"), warm, "HAS_COLOUR"),
        (orange, warm, "BROADER"),
    }


def test_a_neighbourhood_grows_by_hops_up_to_its_bound(store: BoltStore) -> None:
    # From u1: a; then red, shirt, Acme, variants and buyers of a; then what these lead to.
    sizes = [len(neighbourhood(store, ("User", "u1"), hops=hops)) for hops in (1, 2, 3)]
    # Second hop: red, shirt, Acme, c, e, u2, u5. Third: b, d, warm, blue, Zen, u3.
    assert sizes == [2, 9, 15]
    assert len(neighbourhood(store, ("User", "u1"), hops=3, max_nodes=6)) == 6
    assert set(neighbourhood(store, ("Item", "f"), max_nodes=1)) == {("Item", "f")}


def test_what_cannot_be_asked(store: BoltStore) -> None:
    with pytest.raises(NotFound, match="Item 'nowhere'"):
        neighbourhood(store, ("Item", "nowhere"))
    with pytest.raises(QueryError, match=r"hops 4.* hops 1 to 3"):
        neighbourhood(store, ("Item", "a"), hops=4)
    with pytest.raises(QueryError, match="Colour 'colour:red'"):
        neighbourhood(store, ("Colour", "colour:red"))


def test_nearest_by_pagerank(store: BoltStore) -> None:
    near = personalised_pagerank(store, ("Item", "g"), hops=3)
    # g, orange, then f and warm, then red and u4; red leads on to a, b and e, a hop too far.
    assert [item.item_id for item in near] == ["f"]
    near = personalised_pagerank(store, ("User", "u1"))
    # What u1 has is left out; e shares a buyer, brand, colour and kind with it.
    assert near[0].item_id == "e"
    assert {item.item_id for item in near} == {"b", "c", "d", "e"}
    assert len(personalised_pagerank(store, ("User", "u1"), k=2)) == 2


def star() -> networkx.MultiDiGraph:
    """u - x (weight 1) and u - y (1 + 2 by two relationships)."""
    graph = networkx.MultiDiGraph()
    graph.add_edge("u", "x", key="A", weight=1.0)
    graph.add_edge("u", "y", key="A", weight=1.0)
    graph.add_edge("y", "u", key="B", weight=2.0)
    graph.add_edge("u", "z", key="A", weight=0.0)
    return graph


def test_walk_by_hand() -> None:
    # u = .15 + .85 (x + y), x = .85 u / 4, y = .85 u 3 / 4: u = .15 / (1 - .85 ** 2).
    middle = 0.15 / (1 - 0.85**2)
    assert walk(star(), "u") == pytest.approx(
        {"u": middle, "x": 0.85 * middle / 4, "y": 0.85 * middle * 3 / 4, "z": 0.0}
    )


EDGES = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5), st.floats(0.1, 3.0)), min_size=1, max_size=12
)


@given(edges=EDGES, damping=st.floats(0.2, 0.9))
@settings(max_examples=50, deadline=None)
def test_walk_is_the_solution_of_the_dense_equations(
    edges: list[tuple[int, int, float]], damping: float
) -> None:
    keys: list[NodeKey] = [("Item", str(n)) for n in range(6)]
    graph = networkx.MultiDiGraph()
    graph.add_nodes_from(keys)
    ways = np.zeros((6, 6))
    for place, (one, other, weight) in enumerate(edges):
        graph.add_edge(keys[one], keys[other], key=str(place), weight=weight)
        ways[one, other] += weight
        if one != other:
            ways[other, one] += weight
    home = np.zeros(6)
    home[0] = 1.0
    totals = ways.sum(axis=1)
    # From where no way leads on, the walk goes home.
    steps = np.where(totals[:, None] > 0, ways / np.where(totals > 0, totals, 1)[:, None], home)
    expected = np.linalg.solve(np.eye(6) - damping * steps.T, (1 - damping) * home)
    found = walk(graph, keys[0], damping=damping)
    assert [found[key] for key in keys] == pytest.approx(expected.tolist(), abs=1e-9)
    assert sum(found.values()) == pytest.approx(1.0)
