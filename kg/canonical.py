"""Values that the lexicon knows, and which of them may be true of one thing at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol, TypeAlias

from kg.schema import entity_id


class CanonicalValue(Protocol):
    """A value that the lexicon knows: its canonical spelling and its names by language."""

    @property
    def value(self) -> str:
        """Canonical spelling, the same for every language."""
        ...

    @property
    def names(self) -> Mapping[str, str]:
        """Language -> display name."""
        ...

    @property
    def broader(self) -> str | None:
        """The canonical value, of the same kind, that is one step wider: navy -> blue."""
        ...


#: (kind, value as written) -> what the lexicon knows of it, None where it knows nothing.
Canonicaliser: TypeAlias = Callable[[str, str], CanonicalValue | None]


class Fits:
    """Whether two entities of a kind may both be true: one is the other, or wider than it."""

    def __init__(self, canonical: Canonicaliser) -> None:
        self._canonical = canonical

    def __call__(self, kind: str, one: str, other: str) -> bool:
        """``one`` and ``other`` are entity ids: navy fits blue, red does not."""
        return one == other or one in self._above(kind, other) or other in self._above(kind, one)

    def _above(self, kind: str, entity: str) -> Iterator[str]:
        known = self._canonical(kind, entity.removeprefix(f"{kind}:"))
        while known is not None and known.broader is not None:
            yield entity_id(kind, known.broader)
            known = self._canonical(kind, known.broader)
