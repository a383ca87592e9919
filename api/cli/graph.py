"""`ingest`, `query` and `check`: the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from api.cli.options import ConfigOption, JsonOption, settings_of
from api.cli.screen import Screen

if TYPE_CHECKING:
    from kg.queries import Query

Format = Literal["table", "json", "csv"]


def ingest(config: ConfigOption = None, json: JsonOption = False) -> None:
    """Read the catalogue into the graph; done again it changes nothing.

    Rows that cannot go in are written, each with its reason, to a rejects file.

    Example: shopgraph ingest --config shopgraph.toml
    """
    from api.shop import ingest_shop, open_graph

    settings = settings_of(config)
    screen = Screen(as_json=json)
    with open_graph(settings) as store, screen.steps() as show:
        summary = ingest_shop(settings, store, show=show)
    if json:
        screen.document(summary)
        return
    screen.table(
        ("", ""), [(name.replace("_", " "), _flat(value)) for name, value in summary.items()]
    )


def query(
    name: Annotated[
        str | None, typer.Argument(help="topic/name; none lists the library.", show_default=False)
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", "-p", help="name=value, once a parameter.", show_default=False),
    ] = None,
    *,
    format: Annotated[Format, typer.Option(help="How rows are written.")] = "table",
    graph: Annotated[
        bool, typer.Option("--graph", help="Also the nodes and relationships behind a row.")
    ] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Run a query of the library; without a name, list them.

    Example: shopgraph query users/history --param user_id=u0001 --param limit=5
    """
    from api.query_parameters import query_parameters
    from api.shop import open_graph
    from kg.errors import QueryError
    from kg.queries import all_queries, load_query

    form: Format = "json" if json else format
    if name is None:
        _rows([_described(each) for each in all_queries()], form)
        return
    chosen = load_query(name)
    values = query_parameters(chosen, param or [])
    values = chosen.bind(values)  # before a store is started for nothing
    if chosen.access != "read":
        raise QueryError(f"query {name}: it writes; this command only reads")
    settings = settings_of(config)
    with Screen(as_json=form == "json").waiting("asking the graph"), open_graph(settings) as store:
        rows = store.run(chosen, **values)
    columns = chosen.returns if graph else chosen.columns
    _rows([{name: row[name] for name in columns} for row in rows], form, columns=columns)


def check(
    threshold: Annotated[
        float, typer.Option(min=0, max=1, help="Statements less certain than this are counted.")
    ] = 0.3,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Is the data fit to be trusted? Exit code 1 when a finding has severity error.

    Example: shopgraph check --json
    """
    from api.check import findings
    from api.shop import open_graph

    settings = settings_of(config)
    screen = Screen(as_json=json)
    with screen.waiting("looking at the graph"), open_graph(settings) as store:
        found = findings(settings, store, threshold=threshold)
    wrong = sum(finding.severity == "error" for finding in found)
    if json:
        screen.document({"ok": wrong == 0, "findings": found})
    else:
        screen.table(
            ("", "check", "finding"),
            [(finding.severity, finding.check, finding.message) for finding in found],
        )
    if wrong:
        raise typer.Exit(1)


def _described(query: Query) -> dict[str, Any]:
    takes = ", ".join(
        f"{name} {kind}" + (f" = {query.defaults[name]}" if name in query.defaults else "")
        for name, kind in query.params.items()
    )
    return {
        "name": query.name,
        "purpose": query.purpose,
        "params": takes,
        "returns": ", ".join(query.columns),
        "access": query.access,
    }


def _rows(rows: list[dict[str, Any]], form: Format, *, columns: tuple[str, ...] = ()) -> None:
    screen = Screen(as_json=form == "json")
    columns = columns or tuple(rows[0] if rows else ())
    if form == "json":
        screen.document(rows)
    elif form == "csv":
        import csv
        import sys

        writer = csv.DictWriter(sys.stdout, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    else:
        screen.table(columns, [[row.get(column) for column in columns] for row in rows])


def _flat(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_flat(inner)}" for name, inner in value.items())
    return f"{value:.2f}" if isinstance(value, float) else str(value)
