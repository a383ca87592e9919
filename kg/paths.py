"""Simple paths between two nodes, up to four hops, found from both ends at once.

A path tells something by what is rare on it, and in a shop nearly everything is linked through
a few hubs. So a node with more than ``MAX_DEGREE`` relationships is never passed through, and of
an end's neighbours those with the fewest relationships are followed first. That bounds the work,
too: two queries of a few thousand rows an end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, pairwise, product
from typing import TypeAlias

from kg.graph import Row
from kg.queries import Query, load_query

MAX_HOPS = 4
#: A node with more relationships tells nothing about two others that both have it.
MAX_DEGREE = 1000
#: Neighbours of an end that are looked at, and those that are followed to their own.
NEIGHBOURS, FOLLOWED = 2000, 100
#: Relationships of all the followed neighbours together.
EDGES = 5_000
#: Chains of nodes of one length that are looked at.
CHAINS = 20_000

#: Rows of a library query: ``store.run`` with parameters as a mapping.
Ask: TypeAlias = Callable[[Query, Mapping[str, object]], list[Row]]


@dataclass(frozen=True, slots=True, order=True)
class NodeRef:
    """A node by ``Item``, ``User`` or ``Entity`` and its id."""

    label: str
    id: str


@dataclass(frozen=True, slots=True, order=True)
class Hop:
    """``times`` relationships of one type; ``outgoing``: along the path's direction."""

    type: str
    outgoing: bool
    times: int


@dataclass(frozen=True, slots=True)
class GraphPath:
    """``len(hops) + 1`` different nodes; ``degree``: relationships of the inner ones, summed."""

    nodes: tuple[NodeRef, ...]
    hops: tuple[Hop, ...]
    degree: int


@dataclass(frozen=True, slots=True)
class Paths:
    """Shorter first, then through rarer nodes; ``names``: title or name of every node on them.

    ``complete``: no bound of this module left a path out, except that hubs are not passed.
    """

    paths: tuple[GraphPath, ...]
    names: Mapping[NodeRef, str | None]
    complete: bool


class _Edges:
    """What is known of the graph so far: node -> other -> hops between them."""

    def __init__(self, ask: Ask, *, people: bool) -> None:
        self._ask, self._people = ask, people
        self.hops: dict[NodeRef, dict[NodeRef, set[Hop]]] = {}
        self.degree: dict[NodeRef, int] = {}
        self.names: dict[NodeRef, str | None] = {}
        self.complete = True

    def read(self, nodes: Iterable[NodeRef], limit: int) -> None:
        """The relationships of ``nodes``, at most ``limit``."""
        asked = [{"label": node.label, "id": node.id} for node in nodes]
        if not asked:
            return
        params = {"nodes": asked, "people": self._people, "limit": limit + 1}
        rows = self._ask(load_query("graph/edges"), params)
        self.complete &= len(rows) <= limit
        for row in rows[:limit]:
            node = NodeRef(row["label"], row["id"])
            other = NodeRef(row["other_label"], row["other_id"])
            self.degree[other], self.names[other] = row["other_degree"], row["other_name"]
            hop = Hop(row["type"], row["outgoing"], row["times"])
            back = Hop(row["type"], not row["outgoing"], row["times"])
            self.hops.setdefault(node, {}).setdefault(other, set()).add(hop)
            self.hops.setdefault(other, {}).setdefault(node, set()).add(back)

    def around(self, node: NodeRef) -> set[NodeRef]:
        """Neighbours that are known."""
        return set(self.hops.get(node, ()))

    def followed(self, end: NodeRef, other_end: NodeRef) -> list[NodeRef]:
        """Neighbours of ``end`` to go on from, the rarest first."""
        inner = [node for node in self.around(end) if self.passable(node) and node != other_end]
        inner.sort(key=lambda node: (self.degree[node], node))
        self.complete &= len(inner) <= FOLLOWED
        return inner[:FOLLOWED]

    def passable(self, node: NodeRef) -> bool:
        """May a path lead through it?"""
        return self.degree[node] <= MAX_DEGREE


def find_paths(
    ask: Ask,
    start: NodeRef,
    end: NodeRef,
    /,
    *,
    max_hops: int = MAX_HOPS,
    limit: int = 20,
    people: bool = False,
) -> Paths:
    """At most ``limit`` simple paths of at most ``max_hops`` (1 to 4) hops, either direction.

    No path leads through a person other than the two ends unless ``people``. Each pair of
    neighbours on a path may be linked by several types: each gives a path of its own.
    """
    if not 1 <= max_hops <= MAX_HOPS:
        raise ValueError(f"max_hops {max_hops} is not from 1 to {MAX_HOPS}")
    known = _Edges(ask, people=people)
    for one in (start, end):
        known.read([one], NEIGHBOURS)
    found: list[GraphPath] = []
    sides: list[list[NodeRef]] = []
    for n_hops in range(1, max_hops + 1):
        if n_hops == 3:
            # From one end for three hops, the cheaper one; from both for four.
            sides = sorted((known.followed(start, end), known.followed(end, start)), key=len)
        if n_hops >= 3:
            known.read(sides[n_hops - 3], EDGES)
        found += _of_length(known, start, end, n_hops)
        if len(found) > limit:
            break
    complete = known.complete and len(found) <= limit
    return Paths(tuple(found[:limit]), known.names, complete)


def _of_length(known: _Edges, start: NodeRef, end: NodeRef, n_hops: int) -> list[GraphPath]:
    """Paths of exactly ``n_hops``, through rarer nodes first."""
    chains = list(islice(_chains(known, (start,), end, n_hops), CHAINS + 1))
    known.complete &= len(chains) <= CHAINS
    weighed = sorted((sum(known.degree[node] for node in chain[1:-1]), chain) for chain in chains)
    return [
        GraphPath(chain, hops, weight)
        for weight, chain in weighed
        for hops in product(*(sorted(known.hops[one][other]) for one, other in pairwise(chain)))
    ]


def _chains(
    known: _Edges, chain: tuple[NodeRef, ...], end: NodeRef, left: int
) -> Iterator[tuple[NodeRef, ...]]:
    """Ways to go on from ``chain`` to ``end`` in ``left`` hops, each node once."""
    if left == 1:
        if end in known.around(chain[-1]):
            yield (*chain, end)
        return
    onward = known.around(chain[-1])
    if left == 2:
        onward = onward & known.around(end)
    for node in sorted(onward - {*chain, end}, key=lambda node: (known.degree[node], node)):
        if known.passable(node):
            yield from _chains(known, (*chain, node), end, left - 1)
