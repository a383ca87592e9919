"""The driver's values as plain data: what JSON can hold, and nothing that dies with a session."""

from __future__ import annotations

import base64
import datetime
from collections.abc import Mapping
from typing import Any

from neo4j.graph import Node, Path, Relationship
from neo4j.spatial import Point
from neo4j.time import Date, DateTime, Duration, Time

#: Hundreds of numbers a node, which no reader of a row asked for, and the store's own stamp.
_LEFT_OUT = frozenset({"embedding", "revision"})


def plain(value: object) -> Any:
    """``value`` and all in it as None, bool, int, float, str, list and dict.

    A node becomes ``{"labels": [sorted], "id": <property id>, "properties": {...}}`` without its
    embedding and revision; a relationship ``{"type", "start": <id of its start>, "end",
    "properties"}``; a path ``{"nodes": [...], "relationships": [...]}``; a time or duration
    ISO 8601 text; a point ``{"srid", "coordinates"}``; bytes base64 text.
    """
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Node):
        return {
            "labels": sorted(value.labels),
            "id": value.get("id"),
            "properties": {key: plain(value[key]) for key in value if key not in _LEFT_OUT},
        }
    if isinstance(value, Relationship):
        start, end = value.nodes
        return {
            "type": value.type,
            "start": None if start is None else start.get("id"),
            "end": None if end is None else end.get("id"),
            "properties": {key: plain(value[key]) for key in value},
        }
    if isinstance(value, Path):
        return {"nodes": plain(value.nodes), "relationships": plain(value.relationships)}
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    # A point is a tuple too.
    if isinstance(value, Point):
        return {"srid": value.srid, "coordinates": list(value)}
    if isinstance(value, Date | DateTime | Time | Duration):
        return value.iso_format()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(inner) for inner in value]
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    raise TypeError(f"a {type(value).__name__} from the store has no plain form")
