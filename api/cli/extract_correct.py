"""`extract correct` and `extract corrections`: a person's word about an item's attributes."""

from __future__ import annotations

import getpass
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import ConfigOption, JsonOption, settings_of
from api.cli.screen import Screen

if TYPE_CHECKING:
    from kg.corrections import Says


def correct(
    item: Annotated[str, typer.Argument(help="Id of the item.")],
    kind: Annotated[str, typer.Argument(help="Kind of the attribute: colour, material, ...")],
    value: Annotated[str, typer.Argument(help="The value, in any language the lexicon knows.")],
    *,
    not_: Annotated[
        bool, typer.Option("--not", help="The item does not have it, whoever says so.")
    ] = False,
    undo: Annotated[
        bool, typer.Option("--undo", help="Take back what was said of this value.")
    ] = False,
    by: Annotated[str | None, typer.Option("--by", help="Who says it; default the user.")] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """State or deny an attribute. It holds through every later ingest, until it is undone.

    Example: shopgraph extract correct p0001 colour red --not
    """
    from api.shop import correct_item, open_graph

    if not_ and undo:
        raise typer.BadParameter("--not and --undo exclude each other", param_hint="--undo")
    says: Says = "no" if not_ else "undo" if undo else "yes"
    settings = settings_of(config)
    screen = Screen(as_json=json)
    with screen.waiting("asking the graph"), open_graph(settings) as store:
        done = correct_item(
            settings, store, item_id=item, kind=kind, value=value, says=says,
            by=getpass.getuser() if by is None else by, at_s=time.time(),
        )  # fmt: skip
    if json:
        screen.document(asdict(done))
        return
    said = {"yes": "has", "no": "does not have", "undo": "is as extracted about"}[says]
    screen.line(
        f"{item} {said} {done.entity}: {done.written} relationships written, {done.removed} removed"
    )
    if undo:
        screen.line("what extractors and columns say of it comes back with the next ingest")


def corrections(
    *,
    examples: Annotated[
        Path | None,
        typer.Option("--examples", help="Also write labelled examples (JSONL) for extract train."),
    ] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """List what people have said of items, and make training examples of it.

    Example: shopgraph extract corrections --examples corrected.jsonl
    """
    from api.shop import corrections_of, open_graph
    from kg.correction_examples import correction_examples, write_examples

    settings = settings_of(config)
    screen = Screen(as_json=json)
    current = corrections_of(settings).current()
    written = None
    if examples is not None:
        with screen.waiting("asking the graph"), open_graph(settings) as store:
            written = write_examples(examples, correction_examples(store, current))
    listed = [one for of_item in current.values() for one in of_item]
    if json:
        screen.document({"corrections": [asdict(one) for one in listed], "examples": written})
        return
    screen.table(
        ("item", "kind", "value", "says", "by"),
        [(one.item_id, one.kind, one.value, one.says, one.by) for one in listed],
    )
    if written is not None:
        screen.line(f"{written} labelled examples in {examples}")
