"""The `shopgraph` command.

Exit codes: 0 done; 1 a problem with data, store, artifact or configuration, said in one line on
stderr (`check`: a finding of severity error); 2 wrong usage; 130 interrupted. With `--json` the
answer is one JSON document on stdout and a problem is one on stderr.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer

from kg.errors import ShopgraphError

INTERRUPTED = 130


def build() -> typer.Typer:
    """The command with its subcommands."""
    from api.cli import align, answers, export, extract, graph, learning, serving, store

    command = typer.Typer(
        name="shopgraph",
        help="A knowledge-graph recommendation service that can say why.\n\n"
        "Exit codes: 0 done; 1 a problem, said in one line (check: a finding of severity "
        "error); 2 wrong usage; 130 interrupted.\n\n"
        "Example: shopgraph demo",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
    )
    # In the order in which a shop needs them.
    for each in (
        serving.demo,
        graph.ingest,
        store.migrate,
        align.align,
        learning.train,
        learning.evaluate,
        serving.serve,
        answers.recommend,
        answers.similar,
        answers.explain,
        graph.query,
        graph.check,
        export.export,
        serving.openapi,
    ):
        command.command()(each)
    command.add_typer(extract.extract)
    return command


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and leave with its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        build()(given, prog_name="shopgraph")
    except ShopgraphError as error:
        _say(error, as_json="--json" in given)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        # `shopgraph ... | head` has what it wanted; nothing more may be written on exit.
        sys.stdout = None
        sys.exit(0)


def _say(error: ShopgraphError, *, as_json: bool) -> None:
    from api.json_response import encode

    message = "; ".join(line.strip() for line in str(error).splitlines())
    kind = type(error).__name__
    line = encode({"error": kind, "message": message}).decode() if as_json else f"error: {message}"
    sys.stderr.write(line + "\n")
