"""Write the pages that are made from the code: ``python docs/build.py``.

``docs/settings.md`` from the settings models, ``docs/queries.md`` from the query library. A
test compares the pages with what this would write.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from api.settings import Settings
from kg.queries import all_queries

DOCS = Path(__file__).resolve().parent


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
    """The query library, a line each."""
    lines = [
        "# Query library",
        "",
        "One query a file in `cypher/`; each runs as it is when pasted into Neo4j Browser. Here:",
        "`shopgraph query NAME --param name=value`.",
        "",
        "| query | what it answers | parameters | columns |",
        "|---|---|---|---|",
    ]
    for query in all_queries():
        parameters = ", ".join(f"`{name}` {kind}" for name, kind in query.params.items())
        columns = ", ".join(query.returns)
        lines.append(f"| `{query.name}` | {query.purpose} | {parameters} | {columns} |")
    return "\n".join(lines) + "\n"


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
