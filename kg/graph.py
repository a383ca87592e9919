"""What goes into a graph store (GraphBatch) and what comes out of it (Snapshot)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from kg.items import Value

if TYPE_CHECKING:
    from kg.queries import Query
    from kg.schema import GraphSchema
    from kg.snapshot import Snapshot

PropertyValue: TypeAlias = Value | list[str] | list[float] | list[int]
Row: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A node to merge by ``id``; ``label`` is ``Item``, ``User`` or an entity kind's label.

    An entity kind's node also gets the label ``Entity``, at creation. Properties given here
    overwrite, others stay. None removes the property.
    """

    label: str
    id: str
    properties: Mapping[str, PropertyValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RelationshipRow:
    """A relationship to merge; identity is (type, ends, relationship_keys(type) properties)."""

    type: str
    start_label: str
    start_id: str
    end_label: str
    end_id: str
    properties: Mapping[str, PropertyValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GraphBatch:
    """Nodes first, then relationships whose ends are in the graph or in this batch.

    ``withdrawn`` relationships are deleted after that, by identity; other properties of theirs
    are not looked at, and one that is not there is no error.
    """

    nodes: tuple[NodeRow, ...] = ()
    relationships: tuple[RelationshipRow, ...] = ()
    withdrawn: tuple[RelationshipRow, ...] = ()


@dataclass(frozen=True, slots=True)
class WriteSummary:
    """What a write changed; merging the same batch again creates nothing."""

    nodes_created: int = 0
    relationships_created: int = 0
    #: Relationship rows whose start or end is not in the graph: not written, never silent.
    relationships_dangling: int = 0
    relationships_deleted: int = 0

    def __add__(self, other: WriteSummary) -> WriteSummary:
        return WriteSummary(
            self.nodes_created + other.nodes_created,
            self.relationships_created + other.relationships_created,
            self.relationships_dangling + other.relationships_dangling,
            self.relationships_deleted + other.relationships_deleted,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """A page of rows as plain data; ``more``: the query has further rows behind it."""

    columns: tuple[str, ...]
    rows: list[Row]
    more: bool


class GraphStore(Protocol):
    """A property graph; implementations differ only in the engine behind them."""

    url: str

    def migrate(self, schema: GraphSchema, *, vector_dim: int | None = None) -> None:
        """Create constraints and indexes for ``schema``; idempotent."""
        ...

    def write(self, batch: GraphBatch) -> WriteSummary:
        """Merge ``batch``, delete what it withdraws, durably, before returning; idempotent."""
        ...

    def run(self, query: Query, /, **params: object) -> list[Row]:
        """Rows of a library query; QueryError before the engine sees wrong parameters."""
        ...

    def answer(
        self,
        query: Query,
        params: Mapping[str, object],
        *,
        offset: int = 0,
        max_rows: int | None = None,
        timeout_s: float | None = None,
    ) -> Answer:
        """A page of a library query's rows; streamed, so that no more are fetched."""
        ...

    def read(
        self,
        text: str,
        params: Mapping[str, object],
        *,
        offset: int = 0,
        max_rows: int | None = None,
        timeout_s: float | None = None,
    ) -> Answer:
        """A page of any Cypher's rows; the database itself refuses a write."""
        ...

    def snapshot(self, since: Snapshot | None = None) -> Snapshot:
        """The whole graph as sorted arrays with a fingerprint; with ``since``, read faster."""
        ...

    def identity(self) -> str:
        """The uuid of this graph; an artifact made from another graph has another one."""
        ...

    def close(self) -> None:
        """Release the connection (and stop an engine this process started)."""
        ...


def in_batches(
    nodes: Sequence[NodeRow], relationships: Sequence[RelationshipRow], *, size: int = 1000
) -> list[GraphBatch]:
    """Split into batches of at most ``size`` rows, nodes before relationships."""
    batches = [
        GraphBatch(nodes=tuple(nodes[start : start + size])) for start in range(0, len(nodes), size)
    ]
    batches += [
        GraphBatch(relationships=tuple(relationships[start : start + size]))
        for start in range(0, len(relationships), size)
    ]
    return batches
