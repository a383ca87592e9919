"""The header of a query file: what it answers, what it takes, what comes back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, cast

from kg.errors import ConfigError
from kg.query_types import SCALARS, is_of, known_type, shown

Access = Literal["read", "write"]

# Only some engines hold a read transaction to reading; the library holds its files to it.
_WRITES = re.compile(r"\b(CREATE|MERGE|SET|DELETE|REMOVE|DROP|FOREACH|LOAD\s+CSV)\b", re.IGNORECASE)
_PARAM = re.compile(r"(?P<name>\w+)\s+(?P<kind>[^=\s]+)\s*(?:=\s*(?P<default>.*))?")
_NAMED = re.compile(r"'[^']*'|`[^`]*`")


@dataclass(slots=True)
class Header:
    """What the comment lines at the top of a file say; ``params`` in the order they stand."""

    purpose: list[str] = field(default_factory=list)
    params: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, object] = field(default_factory=dict)
    returns: tuple[str, ...] = ()
    access: Access = "read"
    slow: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)


def parse_header(name: str, text: str, /) -> Header:
    """Read a file's header; ConfigError names the file and the line that is wrong."""
    header = Header()
    given: set[str] = set()
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.startswith("//"):
            break
        words = line.removeprefix("//").strip()
        key, _, rest = words.partition(" ")
        if not key.startswith(":"):
            header.purpose.append(words)
            continue
        read = _KEYS.get(key)
        if read is None:
            known = ", ".join(_KEYS)
            raise ConfigError(f"cypher/{name}.cypher:{number}: {key} is not one of: {known}")
        try:
            read(header, rest.strip())
        except ValueError as error:
            raise ConfigError(f"cypher/{name}.cypher:{number}: {error}") from None
        given.add(key)
    if not header.purpose or not {":returns", ":access"} <= given:
        raise ConfigError(
            f"cypher/{name}.cypher: the header must say what it answers, "
            ":returns columns and :access read|write"
        )
    body = "\n".join(line for line in text.splitlines() if not line.startswith("//"))
    if header.access == "read" and (write := _WRITES.search(_NAMED.sub("''", body))):
        raise ConfigError(f"cypher/{name}.cypher: :access read, but it says {write.group()}")
    return header


def _param(header: Header, rest: str) -> None:
    found = _PARAM.fullmatch(rest)
    if found is None:
        raise ValueError(f"{rest!r} is not NAME TYPE or NAME TYPE = JSON")
    name, kind, default = found["name"], found["kind"], found["default"]
    if not known_type(kind):
        raise ValueError(f"type {kind!r} is not one of: {', '.join(SCALARS)}, LIST<...>")
    header.params[name] = kind
    if default is None:
        return
    try:
        value = json.loads(default)
    except json.JSONDecodeError:
        raise ValueError(f"default {default!r} of {name} is not JSON") from None
    if not is_of(value, kind):
        raise ValueError(f"default {shown(value)} of {name} is not {kind}")
    header.defaults[name] = value


def _returns(header: Header, rest: str) -> None:
    header.returns = tuple(column.strip() for column in rest.split(","))
    if "graph" in header.returns[:-1]:
        raise ValueError("graph is the last column, or none")


def _access(header: Header, rest: str) -> None:
    if rest not in {"read", "write"}:
        raise ValueError(f"{rest!r} is not :access read|write")
    header.access = cast("Access", rest)


def _slow(header: Header, rest: str) -> None:
    if not rest:
        raise ValueError(":slow must say why")
    header.slow.append(rest)


def _people(header: Header, rest: str) -> None:
    if not rest:
        raise ValueError(":people must say which people the answer names")
    header.people.append(rest)


_KEYS: Mapping[str, Callable[[Header, str], None]] = {
    ":param": _param,
    ":returns": _returns,
    ":access": _access,
    ":slow": _slow,
    ":people": _people,
}
