"""What differs between the two engines that one store class speaks to over Bolt."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from kg.graph import Row

#: Runs one Cypher statement in a write transaction of its own.
Statement: TypeAlias = Callable[[str], list[Row]]


@dataclass(frozen=True, slots=True)
class Address:
    """Where Bolt answers, and how to log in; ``generation`` grows when it moves."""

    uri: str
    user: str
    password: str | None
    database: str | None
    generation: int = 0
    #: Who may only read, where the engine tells readers from writers by their user.
    reader: str | None = None
    #: Certificates to trust instead of the system's (PEM).
    ca_file: Path | None = None
    #: How many reads at once, where more would queue in the engine and outlive who asked.
    reads: int | None = None


@dataclass(frozen=True, slots=True)
class IndexState:
    """An index as its engine describes it; ``state`` is ``online`` when it answers."""

    name: str
    kind: str
    on: str
    state: str


class Engine(Protocol):
    """An engine behind Bolt: its address, its indexes, what to do when it is gone."""

    restarts: int

    #: How long to try again after a lost connection, at most the call's own time.
    retry_s: float

    def address(self) -> Address:
        """Where to connect now; starts or joins the engine if need be."""
        ...

    def recover(self) -> bool:
        """After a lost connection: True when another try makes sense.

        Raises StoreUnavailable when the engine is gone for good.
        """
        ...

    def stop_query(self, local_port: int) -> None:
        """Ask the engine to end what the connection from ``local_port`` has it do."""
        ...

    def check_server(self, agent: str) -> None:
        """StoreError, with both versions named, for a server too old; ``agent`` is its name."""
        ...

    def migrating(self) -> AbstractContextManager[object]:
        """Held while the structure of the store is changed: one process at a time."""
        ...

    def index_statements(self, indexes: Literal["text", "range", "none"]) -> tuple[str, ...]:
        """DDL, in the engine's language, of ``item_text`` or of the range indexes; idempotent."""
        ...

    def define(self, text: str, statement: Statement) -> None:
        """Run one statement of DDL; the index answers when this returns."""
        ...

    def index_states(self, statement: Statement) -> list[IndexState]:
        """The indexes that are there, by name."""
        ...

    def create_vector_index(self, statement: Statement, /, *, dim: int) -> None:
        """The index ``item_embedding`` (cosine) over vectors of length ``dim``; idempotent.

        One of another length, left behind by a graph that is gone, makes room for it.
        """
        ...

    def drop_vector_index(self, statement: Statement) -> None:
        """Remove the index ``item_embedding`` where it exists."""
        ...

    def circumstances(self) -> str:
        """What else to say when the engine fails: it does not always name the reason."""
        ...

    def close(self) -> None:
        """Let go of the engine; stops it when this process started it."""
        ...
