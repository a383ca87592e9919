"""Cypher types of query parameters: STRING, INTEGER, FLOAT, BOOLEAN, MAP and LIST<...> of these."""

from __future__ import annotations

import re
from collections.abc import Mapping

SCALARS: Mapping[str, tuple[type, ...]] = {
    "STRING": (str,),
    "INTEGER": (int,),
    "FLOAT": (float, int),
    "BOOLEAN": (bool,),
    "MAP": (dict,),
}
_LIST = re.compile(r"LIST<(\w+)>")


def known_type(kind: str, /) -> bool:
    """Whether ``kind`` can stand in a header."""
    inner = _LIST.fullmatch(kind)
    return (inner.group(1) if inner else kind) in SCALARS


def is_of(value: object, kind: str, /) -> bool:
    """Whether ``value`` may be bound to a parameter of type ``kind``; null is of none."""
    inner = _LIST.fullmatch(kind)
    if inner:
        return isinstance(value, list | tuple) and all(is_of(one, inner.group(1)) for one in value)
    # bool is an int to Python but not to Cypher.
    if isinstance(value, bool) and kind != "BOOLEAN":
        return False
    if isinstance(value, dict) and not all(isinstance(key, str) for key in value):
        return False
    return isinstance(value, SCALARS[kind])


def shown(value: object, /) -> str:
    """``value`` as an error says it: at most 80 characters."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
