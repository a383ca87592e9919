"""The query library: Cypher files with a header that says what they answer and take.

A file lies at ``cypher/<topic>/<name>.cypher`` and begins with comments::

    // What a user did, newest first
    // :param user_id STRING
    // :param limit INTEGER = 20
    // :returns item_id, title, graph
    // :access read
    // :slow reads every relationship

A parameter with a default (a JSON literal) may be left out. The column ``graph``, always the
last, lists the nodes, relationships or paths behind a row, so that Neo4j Browser draws the
answer. ``:slow`` says why the query takes more than 100 ms on a graph of a million
relationships. ``:people WORDS`` marks an answer that names people other than those asked about:
the HTTP service gives it only to the holder of its admin key. Types are in kg.query_types.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from kg.errors import ConfigError, QueryError
from kg.query_header import Access, parse_header
from kg.query_types import is_of, shown

__all__ = ["GRAPH", "Access", "Query", "all_queries", "load_query", "parse_query", "query_names"]

#: The column of nodes, relationships and paths.
GRAPH = "graph"
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
    #: Values of the parameters that may be left out.
    defaults: Mapping[str, object] = field(default_factory=dict)
    #: Why it is slow on a large graph; None where it is not.
    slow: str | None = None
    #: Which people other than those asked about the answer names; None: no others.
    people: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns to read: all but ``graph``, which is to draw."""
        return tuple(column for column in self.returns if column != GRAPH)

    def bind(self, given: Mapping[str, object], /) -> dict[str, object]:
        """``given`` over the defaults, checked by name and type, in the header's order.

        QueryError says all that is wrong at once.
        """
        values = {**self.defaults, **given}
        wrong = [
            f"missing parameter {name} ({kind})"
            for name, kind in self.params.items()
            if name not in values
        ]
        takes = ", ".join(self.params) or "none"
        wrong += [
            f"unknown parameter {name} (takes: {takes})"
            for name in given
            if name not in self.params
        ]
        wrong += [
            f"{name} {shown(values[name])} is not {kind}"
            for name, kind in self.params.items()
            if name in values and not is_of(values[name], kind)
        ]
        if wrong:
            raise QueryError(f"query {self.name}: {'; '.join(wrong)}")
        return {name: values[name] for name in self.params}


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
    """A query from the text of its file; ConfigError names the file and the line that is wrong."""
    header = parse_header(name, text)
    return Query(
        name=name,
        text=text,
        purpose=" ".join(header.purpose),
        params=header.params,
        returns=header.returns,
        access=header.access,
        defaults=header.defaults,
        slow=" ".join(header.slow) or None,
        people=" ".join(header.people) or None,
    )
