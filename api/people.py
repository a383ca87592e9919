"""What is to be drawn, without people whom the question did not name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from kg.schema import INTERACTED, REVIEWED

#: Relationships that begin at a person.
_OF_PEOPLE = frozenset({INTERACTED, REVIEWED})


def hide_people(drawn: Any, known: Collection[str], /) -> Any:
    """Nodes, relationships and paths, in lists, without users other than ``known`` ids.

    A path that leads through such a person is left out as a whole: None in its place.
    """
    if isinstance(drawn, list):
        kept = [hide_people(one, known) for one in drawn]
        return [one for one in kept if one is not None]
    if not isinstance(drawn, Mapping):
        return drawn
    if "nodes" in drawn and "relationships" in drawn:
        parts = [*drawn["nodes"], *drawn["relationships"]]
        return None if any(_names_other(part, known) for part in parts) else drawn
    return None if _names_other(drawn, known) else drawn


def _names_other(part: Mapping[str, Any], known: Collection[str]) -> bool:
    if "labels" in part:
        return "User" in part["labels"] and part["id"] not in known
    return part.get("type") in _OF_PEOPLE and part.get("start") not in known
