"""Write the pages that are made from the code: ``python docs/build.py``.

``docs/settings.md`` from the settings models, ``docs/queries.md`` from the query library. A
test compares the pages with what this would write.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from api.settings import Settings
from kg.queries import Query, all_queries

DOCS = Path(__file__).resolve().parent
#: Written by benchmarks/queries.py.
FIGURES = DOCS / "benchmarks" / "queries.json"


def settings_page() -> str:
    """Every setting of ``shopgraph.toml`` with its type, default and meaning."""
    lines = [
        "# Settings",
        "",
        "One file, `shopgraph.toml`; every key can be overridden by the environment, for example",
        "`SHOPGRAPH_KG__STORE__URL`. An unknown key is an error that lists the known ones.",
    ]
    for section, model in _sections(Settings, ""):
        lines += [
            "",
            f"## [{section}]",
            "",
            "| key | type | default | meaning |",
            "|---|---|---|---|",
        ]
        for name, field in model.model_fields.items():
            if not _is_section(field):
                meaning = " ".join((field.description or "").split()).replace("|", "\\|")
                lines.append(f"| `{name}` | {_type(field)} | {_default(field)} | {meaning} |")
    return "\n".join(lines) + "\n"


def queries_page() -> str:
    """The query library, a line each, with what the benchmark measured."""
    measured = json.loads(FIGURES.read_text("utf-8")) if FIGURES.is_file() else {"queries": {}}
    queries = all_queries()
    lines = [
        "# Query library",
        "",
        f"{len(queries)} queries, one a file in `cypher/`; each runs as it is when pasted",
        "into Neo4j Browser, which draws the column `graph`. Here:",
        "`shopgraph query NAME --param name=value`,",
        "which leaves `graph` out unless `--graph` is given. A parameter with `=` may be left out.",
    ]
    if measured["queries"]:
        lines += [
            "",
            f"Milliseconds, half and 95 % of the calls, on {measured['nodes']:,} nodes and",
            f"{measured['relationships']:,} relationships: the server's processor time, for the",
            "machine had other work to do (waiting times stand beside them in",
            "[benchmarks/queries.md](benchmarks/queries.md), with the share of equal answers).",
        ]
    for topic, group in groupby(queries, lambda query: query.name.partition("/")[0]):
        lines += [
            "",
            f"## {topic}",
            "",
            "| query | what it answers | parameters | columns | Neo4j | embedded |",
            "|---|---|---|---|---|---|",
        ]
        lines += [_query_line(query, measured["queries"].get(query.name, {})) for query in group]
    slow = [f"- `{query.name}`: {query.slow}" for query in queries if query.slow]
    if slow:
        lines += ["", "## Slow on a large graph", "", *slow]
    return "\n".join(lines) + "\n"


def _query_line(query: Query, figures: dict[str, Any]) -> str:
    parameters = ", ".join(
        f"`{name}` {kind}"
        + (f" = `{json.dumps(query.defaults[name])}`" if name in query.defaults else "")
        for name, kind in query.params.items()
    )
    times = [
        f"{figures[engine]['cpu_p50_ms']:g} / {figures[engine]['cpu_p95_ms']:g}"
        if engine in figures
        else ""
        for engine in ("neo4j", "embedded")
    ]
    writes = " (writes)" if query.access == "write" else ""
    cells = [
        f"`{query.name}`",
        query.purpose + writes,
        parameters,
        ", ".join(query.returns),
        *times,
    ]
    return f"| {' | '.join(cells)} |"


def _sections(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, type[BaseModel]]]:
    if prefix and any(not _is_section(field) for field in model.model_fields.values()):
        yield prefix, model
    for name, field in model.model_fields.items():
        if _is_section(field):
            inner = field.annotation
            assert isinstance(inner, type)
            key = field.alias or name
            yield from _sections(inner, f"{prefix}.{key}" if prefix else key)


def _is_section(field: FieldInfo) -> bool:
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)


def _type(field: FieldInfo) -> str:
    kind = field.annotation
    shown = kind.__name__ if isinstance(kind, type) else str(kind)
    for noise in ("typing.", "pathlib._local.", "pathlib.", "pydantic.types."):
        shown = shown.replace(noise, "")
    return f"`{shown}`".replace("|", "\\|")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, SecretStr):
        return "(secret)"
    return f"`{value}`" if value is not None else "none"


PAGES = {"settings.md": settings_page, "queries.md": queries_page}

if __name__ == "__main__":
    for page, make in PAGES.items():
        (DOCS / page).write_text(make(), encoding="utf-8")
