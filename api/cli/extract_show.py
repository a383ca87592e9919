"""`extract show`: every attribute of an item, and why it is believed."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import ConfigOption, JsonOption, LanguageOption, language_of, settings_of
from api.cli.screen import Screen

if TYPE_CHECKING:
    from api.item_evidence import Finding, ItemEvidence


def show(
    item: Annotated[str, typer.Argument(help="Id of the item.")],
    *,
    graph: Annotated[
        bool, typer.Option("--graph", help="What the graph has, instead of extracting now.")
    ] = False,
    html: Annotated[
        Path | None, typer.Option("--html", help="Also write one self-contained page.")
    ] = None,
    lang: LanguageOption = "en",
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Print every attribute of an item with its evidence; --html shows it marked.

    Example: shopgraph extract show p0001 --html p0001.html
    """
    from api.item_evidence import read_evidence, stored_evidence

    language = language_of(lang)
    settings = settings_of(config)
    screen = Screen(as_json=json)
    if graph:
        from api.shop import open_graph

        with screen.waiting("asking the graph"), open_graph(settings) as store:
            shown = stored_evidence(settings, item, store=store)
    else:
        with screen.waiting("reading the item"):
            shown = read_evidence(settings, item)
    if html is not None:
        from api.evidence_page import evidence_page

        html.parent.mkdir(parents=True, exist_ok=True)
        html.write_text(evidence_page(shown, language=language), encoding="utf-8")
    if json:
        screen.document(_document(shown, html))
        return
    _print(screen, shown, language)
    if html is not None:
        screen.line(f"page in {html}")


def _document(shown: ItemEvidence, html: Path | None) -> dict[str, object]:
    return {
        "item": shown.item.id,
        "title": shown.item.title,
        "source": shown.source,
        "findings": [asdict(one) for one in shown.findings],
        "conflicts": [{**asdict(one), "score": one.score} for one in shown.conflicts],
        "problems": shown.problems,
        "html": None if html is None else str(html),
    }


def _print(screen: Screen, shown: ItemEvidence, language: str) -> None:
    titles = [one.title for one in shown.item.texts if one.language == language and one.title]
    rows = []
    for group in shown.attributes:
        for at, one in enumerate(group):
            name = one.names.get(language) or one.name
            first = at == 0
            rows.append(
                (
                    one.kind if first else "",
                    name if first else "",
                    f"{one.combined:.2f}" if first and one.taken else "",
                    one.evidence.modality,
                    None if one.raw is None else f"{one.raw:.2f}",
                    _where(one),
                    one.evidence.extractor,
                )
            )
    screen.table(
        ("kind", "value", "sure", "from", "alone", "evidence", "extractor"),
        rows,
        title=f"{shown.item.id}: {titles[0] if titles else shown.item.title}",
        numbers=(2, 4),
    )
    if not rows:
        screen.line("nothing is known of this item")
    for conflict in shown.conflicts:
        screen.line(
            f"conflict {conflict.score:.2f}: {conflict.modality} says {conflict.entity}, "
            f"{conflict.other_modality} says {conflict.other}"
        )
    for problem in shown.problems:
        screen.line(f"could not be read: {problem}")


def _where(finding: Finding) -> str:
    evidence = finding.evidence
    parts = []
    if evidence.quote:
        quote = " ".join(evidence.quote.split())
        parts.append(f"“{quote[:57]}…”" if len(quote) > 58 else f"“{quote}”")
    if evidence.field and evidence.modality == "text":
        parts.append(f"{evidence.field} {evidence.span[0]}-{evidence.span[1]}"
                     if evidence.span else evidence.field)  # fmt: skip
    if evidence.region:
        parts.append("box " + " ".join(f"{side:.2f}" for side in evidence.region))
    if not finding.taken:
        parts.append("(not used: a column states otherwise)")
    return " ".join(parts)
