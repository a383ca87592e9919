"""The query library: Cypher files with a header that says what they answer and take.

A file lies at ``cypher/<topic>/<name>.cypher`` and begins with comments::

    // What a user did, newest first
    // :param user_id STRING
    // :returns item_id, title
    // :access read

Types are Cypher's: STRING, INTEGER, FLOAT, BOOLEAN and LIST<...> of these.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast

from kg.errors import ConfigError, QueryError

Access = Literal["read", "write"]

_SCALARS: Mapping[str, tuple[type, ...]] = {
    "STRING": (str,),
    "INTEGER": (int,),
    "FLOAT": (float, int),
    "BOOLEAN": (bool,),
}
# Only some engines hold a read transaction to reading; the library holds its files to it.
_WRITES = re.compile(r"\b(CREATE|MERGE|SET|DELETE|REMOVE|DROP|FOREACH|LOAD\s+CSV)\b", re.IGNORECASE)
_NAME = re.compile(r"[a-z][a-z0-9_]*/[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Query:
    """One query of the library; ``params`` maps each parameter to its Cypher type."""

    name: str  # "topic/name"
    text: str
    purpose: str
    params: Mapping[str, str]
    returns: tuple[str, ...]
    access: Access

    def bind(self, given: Mapping[str, object], /) -> dict[str, object]:
        """``given`` checked by name and type; QueryError says all that is wrong at once."""
        wrong = [
            f"missing parameter {name} ({kind})"
            for name, kind in self.params.items()
            if name not in given
        ]
        takes = ", ".join(self.params) or "none"
        wrong += [
            f"unknown parameter {name} (takes: {takes})"
            for name in given
            if name not in self.params
        ]
        wrong += [
            f"{name} {_shown(given[name])} is not {kind}"
            for name, kind in self.params.items()
            if name in given and not _is(given[name], kind)
        ]
        if wrong:
            raise QueryError(f"query {self.name}: {'; '.join(wrong)}")
        return dict(given)


@cache
def load_query(name: str) -> Query:
    """The query called ``topic/name``; ConfigError lists the known ones."""
    resource = files("cypher") / f"{name}.cypher"
    if not _NAME.fullmatch(name) or not resource.is_file():
        raise ConfigError(f"query {name!r} is not one of: {', '.join(query_names())}")
    return parse_query(name, resource.read_text(encoding="utf-8"))


@cache
def query_names() -> tuple[str, ...]:
    """Names of all queries, sorted."""
    return tuple(
        sorted(
            f"{topic.name}/{entry.name.removesuffix('.cypher')}"
            for topic in files("cypher").iterdir()
            if topic.is_dir()
            for entry in topic.iterdir()
            if entry.name.endswith(".cypher")
        )
    )


def all_queries() -> tuple[Query, ...]:
    """Every query of the library, sorted by name."""
    return tuple(load_query(name) for name in query_names())


def parse_query(name: str, text: str, /) -> Query:
    """Read a file's header; ConfigError names the file and the line that is wrong."""
    purpose: list[str] = []
    params: dict[str, str] = {}
    returns: tuple[str, ...] | None = None
    access: str | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.startswith("//"):
            break
        words = line.removeprefix("//").strip()
        key, _, rest = words.partition(" ")
        if key == ":param":
            param, _, kind = rest.strip().partition(" ")
            if not _known_type(kind.strip()):
                raise ConfigError(
                    f"cypher/{name}.cypher:{number}: type {kind.strip()!r} is not one of: "
                    f"{', '.join(_SCALARS)}, LIST<...>"
                )
            params[param] = kind.strip()
        elif key == ":returns":
            returns = tuple(column.strip() for column in rest.split(","))
        elif key == ":access":
            access = rest.strip()
        elif key.startswith(":"):
            raise ConfigError(
                f"cypher/{name}.cypher:{number}: {key} is not one of: :param, :returns, :access"
            )
        else:
            purpose.append(words)
    if not purpose or returns is None or access not in {"read", "write"}:
        raise ConfigError(
            f"cypher/{name}.cypher: the header must say what it answers, "
            ":returns columns and :access read|write"
        )
    body = "\n".join(line for line in text.splitlines() if not line.startswith("//"))
    if access == "read" and (write := _WRITES.search(body)):
        raise ConfigError(f"cypher/{name}.cypher: :access read, but it says {write.group()}")
    return Query(name, text, " ".join(purpose), params, returns, cast("Access", access))


def _known_type(kind: str) -> bool:
    inner = re.fullmatch(r"LIST<(\w+)>", kind)
    return (inner.group(1) if inner else kind) in _SCALARS


def _is(value: object, kind: str) -> bool:
    inner = re.fullmatch(r"LIST<(\w+)>", kind)
    if inner:
        return isinstance(value, list | tuple) and all(_is(one, inner.group(1)) for one in value)
    # bool is an int to Python but not to Cypher.
    if isinstance(value, bool) and kind != "BOOLEAN":
        return False
    return isinstance(value, _SCALARS[kind])


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
