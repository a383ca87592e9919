"""`extract`: learn to extract attributes from labelled examples, and measure it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from api.cli.extract_correct import correct, corrections
from api.cli.extract_show import show
from api.cli.extract_topics import topics
from api.cli.options import JsonOption
from api.cli.screen import Screen

if TYPE_CHECKING:
    from kg.extraction.learned.labelled import Columns
    from kg.extraction.learned.scoring import Scores
    from kg.rejects import Rejects

extract = typer.Typer(
    name="extract",
    help="Learn to extract attributes from labelled examples.",
    no_args_is_help=True,
)

extract.command()(correct)
extract.command()(corrections)
extract.command()(show)
extract.command()(topics)

FileArgument: TypeAlias = Annotated[
    Path, typer.Argument(help="Labelled examples: CSV, TSV, JSONL or Parquet.")
]
ModelOption: TypeAlias = Annotated[Path, typer.Option("--model", help="Folder of the model.")]
TextOption: TypeAlias = Annotated[
    str | None, typer.Option("--text", help="Column of the text; default `text`.")
]
LabelsOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--labels",
        help="Column that maps attribute to value or values (in CSV as JSON); "
        "default `attributes`.",
    ),
]
CategoryOption: TypeAlias = Annotated[
    str | None, typer.Option("--category", help="Column of the category; default none.")
]
AttributeOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--attribute", help="A column that is an attribute, instead of --labels; again."),
]
SeparatorOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--separator", help="Between values in one cell of --attribute; default `|`."),
]
RejectsOption: TypeAlias = Annotated[
    Path | None, typer.Option("--rejects", help="File for what could not be used, with reasons.")
]
_FOLDER = Path(".shopgraph/extraction")


@extract.command()
def train(
    file: FileArgument,
    *,
    model: ModelOption = _FOLDER,
    text: TextOption = None,
    labels: LabelsOption = None,
    category: CategoryOption = None,
    attribute: AttributeOption = None,
    separator: SeparatorOption = None,
    encoder: Annotated[
        str, typer.Option("--encoder", help="auto, none, or a folder with a BERT encoder.")
    ] = "auto",
    epochs: Annotated[
        int | None, typer.Option("--epochs", min=1, help="Rounds of the network; default by size.")
    ] = None,
    folds: Annotated[int, typer.Option("--folds", min=2, help="Held-out parts.")] = 3,
    seed: Annotated[int, typer.Option("--seed", min=0)] = 0,
    rejects: RejectsOption = None,
    json: JsonOption = False,
) -> None:
    """Learn from labelled examples. Interrupted, the same command goes on where it was.

    Example: shopgraph extract train offers.jsonl --text title --labels attributes
    """
    from kg.extraction.learned.files import train_file
    from kg.extraction.learned.network_config import NetworkConfig
    from kg.extraction.learned.training import TrainConfig
    from kg.rejects import Rejects

    columns = _columns(
        None,
        text=text,
        labels=labels,
        category=category,
        attributes=attribute,
        separator=separator,
    )
    screen = Screen(as_json=json)
    config = TrainConfig(seed=seed, folds=folds, network=NetworkConfig(epochs=epochs))
    with Rejects(rejects) as refused, screen.steps() as show:
        manifest = train_file(
            file, model, columns=columns, encoder=encoder, config=config,
            rejects=refused, on_progress=show,
        )  # fmt: skip
    if json:
        screen.document({**manifest, "path": str(model)})
        return
    _say_rejects(screen, refused)
    screen.line(
        f"{manifest['examples']} examples, {manifest['attributes']} attributes, "
        f"{manifest['categories']} categories; encoder {manifest['encoder']}"
    )
    rows = [
        (name, found["strict"]["micro"], found["published"]["micro"], found["strict"]["macro"])
        for name, found in manifest["held_out"].items()
    ]
    screen.table(
        ("setting", "strict F1", "published F1", "strict macro"),
        rows,
        title="On held-out folds",
        numbers=(1, 2, 3),
    )
    screen.line(
        f"model {manifest['version']} in {model}, {manifest['train_cpu_s']:.0f} CPU-s "
        f"({manifest['train_s']:.0f} s)"
    )


@extract.command()
def evaluate(
    file: FileArgument,
    *,
    model: ModelOption = _FOLDER,
    text: TextOption = None,
    labels: LabelsOption = None,
    category: CategoryOption = None,
    attribute: AttributeOption = None,
    separator: SeparatorOption = None,
    speed: Annotated[
        str, typer.Option("--speed", help="best, or fast: without the network.")
    ] = "best",
    rejects: RejectsOption = None,
    json: JsonOption = False,
) -> None:
    """Score the model on labelled examples; columns are those it was trained with unless said.

    Example: shopgraph extract evaluate held_out.jsonl --json
    """
    from kg.extraction.learned.artifact import load_model
    from kg.extraction.learned.files import evaluate_model
    from kg.extraction.learned.labelled import Columns, read_labelled
    from kg.rejects import Rejects

    if speed not in ("best", "fast"):
        raise typer.BadParameter(f"{speed!r} is not one of: best, fast", param_hint="--speed")
    screen = Screen(as_json=json)
    learned = load_model(model)
    stated = learned.info.get("columns", {})
    trained_with = Columns(**{**stated, "attributes": tuple(stated.get("attributes", ()))})
    columns = _columns(
        trained_with,
        text=text,
        labels=labels,
        category=category,
        attributes=attribute,
        separator=separator,
    )
    with Rejects(rejects) as refused, screen.steps() as show:
        found = evaluate_model(
            learned,
            read_labelled(file, columns, rejects=refused),
            speed="fast" if speed == "fast" else "best",
            on_progress=lambda done, total, rate: show("read", done, total, f"{rate:.0f} texts/s"),
        )
    if json:
        about = {"model": learned.version, "speed": speed, "rejected": dict(refused.counts)}
        screen.document({**about, **found.to_json()})
        return
    _say_rejects(screen, refused)
    _show(screen, found.scores)
    if found.unknown_attributes:
        screen.line(f"never seen in training: {', '.join(found.unknown_attributes)}")
    screen.line(
        f"{found.scores.texts} texts, {found.scores.values} values, "
        f"{found.texts_per_s:.0f} texts a CPU-second"
    )


def _columns(
    known: Columns | None,
    *,
    text: str | None,
    labels: str | None,
    category: str | None,
    attributes: list[str] | None,
    separator: str | None,
) -> Columns:
    """What was said, over what is known (the model's own columns), over the defaults."""
    from kg.extraction.learned.labelled import Columns

    columns = known or Columns()
    if labels is not None:
        columns = replace(columns, labels=labels, attributes=())
    if attributes:
        columns = replace(columns, attributes=tuple(attributes))
    return replace(
        columns,
        text=text or columns.text,
        category=category or columns.category,
        separator=separator or columns.separator,
    )


def _say_rejects(screen: Screen, rejects: Rejects) -> None:
    for reason, count in rejects.counts.most_common(8):
        screen.line(f"not used, {count}: {reason} (first: {rejects.first[reason]})")
    rest = len(rejects.counts) - 8
    if rest > 0:
        screen.line(f"not used: {rest} further reasons, {rejects.total} values and rows in all")


def _show(screen: Screen, scores: Scores) -> None:
    screen.table(
        ("counted", "precision", "recall", "micro F1", "95 %", "macro F1"),
        [
            (name, one.precision, one.recall, one.micro, f"{one.low:.3f}-{one.high:.3f}", one.macro)
            for name, one in (("strict", scores.strict), ("published", scores.published))
        ],
        numbers=(1, 2, 3, 4, 5),
    )
    worst_first = sorted(scores.by_attribute.items(), key=lambda one: (-one[1][0], one[0]))
    screen.table(
        ("attribute", "values", "strict F1", "published F1"),
        [(name, *figures) for name, figures in worst_first],
        numbers=(1, 2, 3),
    )
