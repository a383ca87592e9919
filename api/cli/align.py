"""`align`: bring the shop's pictures and texts into one space."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.options import ConfigOption, JsonOption, settings_of
from api.cli.screen import Screen

if TYPE_CHECKING:
    from kg.encoders.retrieval import Retrieval


def align(
    *,
    open_clip: Annotated[
        str | None,
        typer.Option(
            help="Tune this model, <model>/<pretrained tag or path>, instead of learning heads.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[Path, typer.Option(help="With --open-clip: the checkpoint to write.")] = Path(
        "clip-shop.pt"
    ),
    layers: Annotated[
        int | None,
        typer.Option(
            min=1, help="With --open-clip: tune the last layers only; all.", show_default=False
        ),
    ] = None,
    epochs: Annotated[int, typer.Option(min=1, help="With --open-clip: at most so many.")] = 20,
    rate: Annotated[float, typer.Option(min=0, help="With --open-clip: learning rate.")] = 1e-5,
    status: Annotated[
        bool, typer.Option("--status", help="Only say what other encoders were learned from.")
    ] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Learn, from the shop's own pairs, projections of pictures and texts into one space.

    The score is measured on pairs that were not learned from.

    Example: shopgraph align --config shopgraph.toml
    """
    from api.alignment import align_shop, outdated, tune_shop
    from api.shop import open_graph

    settings = settings_of(config)
    screen = Screen(as_json=json)
    if status:
        found = outdated(settings)
        if json:
            screen.document({"outdated": found})
        for line in found or ["all that was learned fits the encoders that the settings name"]:
            screen.line(line)
        return
    if open_clip is not None:
        with screen.steps() as show:
            tuned = tune_shop(
                settings,
                model=open_clip,
                output=output,
                layers=layers,
                epochs=epochs,
                rate=rate,
                show=show,
            )
        if json:
            screen.document(tuned.to_json())
            return
        _scores(screen, {"before": tuned.before, "after": tuned.after})
        if tuned.path is None:
            screen.line("no epoch was better than the start on the pairs of the early stop")
            return
        screen.line(f"{tuned.path} after epoch {tuned.epochs}; in the settings: {tuned.name}#image")
        return
    with screen.steps() as show, open_graph(settings) as store:
        done = align_shop(settings, store, show=show)
    if json:
        screen.document(done.to_json())
        return
    _scores(screen, {"aligned": done.held_out})
    screen.line(f"{done.path}{'' if done.trained else ', as it was: no pair is new'}")


def _scores(screen: Screen, found: dict[str, Retrieval]) -> None:
    first = next(iter(found.values()))
    rows = [
        (
            name,
            one.text_to_image_1,
            one.text_to_image_10,
            one.image_to_text_1,
            one.image_to_text_10,
        )
        for name, one in found.items()
    ]
    chance = (first.random_1, first.random_10)
    screen.table(
        ("", "text to image R@1", "R@10", "image to text R@1", "R@10"),
        [("by chance", *chance, *chance), *rows],
        title=f"{first.pairs} pairs that were held out",
        numbers=range(1, 5),
    )
