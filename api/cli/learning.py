"""`train` and `evaluate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.cli.options import ConfigOption, JsonOption, settings_of
from api.cli.screen import Screen

if TYPE_CHECKING:
    from gnn.training_report import TrainingReport


def train(config: ConfigOption = None, json: JsonOption = False) -> None:
    """Train on the graph and write the artifact that a server reads.

    Example: shopgraph train --config shopgraph.toml
    """
    from api.learning import train_shop
    from api.shop import open_graph

    settings = settings_of(config)
    screen = Screen(as_json=json)
    with open_graph(settings) as store, screen.steps() as show:
        trained = train_shop(settings, store, show=show)
    if json:
        screen.document(trained.to_json())
        return
    _show(trained.report, screen)
    if trained.alignment is not None:
        found = trained.alignment
        screen.line(
            f"held-out pictures find their text among {found.pairs} in the first 10: "
            f"{found.image_to_text_10:.2f}, by chance {found.random_10:.2f}"
        )
    screen.line(f"{trained.embeddings} nodes of the graph got their embedding")


def evaluate(config: ConfigOption = None, json: JsonOption = False) -> None:
    """Measure every model on withheld interactions; no artifact is written.

    Example: shopgraph evaluate --json
    """
    from api.learning import measure_shop
    from api.shop import open_graph

    settings = settings_of(config)
    screen = Screen(as_json=json)
    with open_graph(settings) as store, screen.steps() as show:
        report = measure_shop(settings, store, show=show)
    _show(report, screen)


def _show(report: TrainingReport, screen: Screen) -> None:
    if screen.as_json:
        screen.document(report.to_json())
        return
    metrics = list(report.results[0].test) if report.results else []
    screen.table(
        ("model", f"valid {report.metric}", *metrics, "± 95 %", "CPU-s"),
        [
            (
                result.name,
                result.valid.get(report.metric),
                *(result.test.get(metric) for metric in metrics),
                result.test_error,
                f"{result.cpu_s:.1f}",
            )
            for result in report.results
        ],
        title=f"{report.data.users} users, {report.data.items} items, split {report.data.split}; "
        f"test of a refit on train and valid",
        numbers=range(1, len(metrics) + 4),
    )
    if report.data.left_out:
        screen.line(f"left out, the catalogue is too large: {', '.join(report.data.left_out)}")
    screen.line(report.verdict)
    if report.version:
        screen.line(f"artifact {report.version} in {report.path}, {report.cpu_s:.0f} CPU-s in all")
