"""`migrate`: the graph store's structure."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.options import ConfigOption, JsonOption, settings_of
from api.cli.screen import Screen


def migrate(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the statements that would run; run none.")
    ] = False,
    status: Annotated[
        bool, typer.Option("--status", help="Show versions, migrations and indexes; change none.")
    ] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Bring the graph store's constraints and indexes up to this version of Shopgraph.

    Done again it changes nothing. `ingest` does it by itself; a store that is newer than the
    program is refused.

    Example: shopgraph migrate --dry-run
    """
    from api.shop import open_graph

    if dry_run and status:
        raise typer.BadParameter("goes without --status", param_hint="--dry-run")
    settings = settings_of(config)
    screen = Screen(as_json=json)
    with screen.waiting("looking at the store"), open_graph(settings) as store:
        statements = [] if status else store.pending()
        if not (dry_run or status):
            store.migrate(settings.kg.schema_for())
        now = store.status()
    if json:
        screen.document({"status": now, "dry_run": dry_run, "statements": statements})
        return
    if dry_run:
        for statement in statements:
            screen.line(f"{statement};")
    screen.line(f"store {now.url}: version {now.version}; this program's: {now.newest}")
    if status:
        screen.table(
            ("version", "migration", "state"),
            [
                (number, purpose, "done" if done else "to do")
                for number, purpose, done in now.migrations
            ],
        )
        screen.table(
            ("index", "kind", "on", "state"),
            [(index.name, index.kind, index.on, index.state) for index in now.indexes],
        )
    elif not dry_run:
        screen.line(f"{len(statements)} statements run" if statements else "nothing to do")
