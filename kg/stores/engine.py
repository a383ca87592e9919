"""What differs between the two engines that one store class speaks to over Bolt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

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

    def prepare(self, statement: Statement) -> None:
        """Types and the full-text index ``item_text``, on an empty store; idempotent."""
        ...

    def create_vector_index(self, statement: Statement, /, *, dim: int) -> None:
        """The index ``item_embedding`` (cosine) over vectors of length ``dim``."""
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
