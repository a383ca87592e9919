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
    from api.shop import open_graph, train_shop

    settings = settings_of(config)
    screen = Screen(as_json=json)
    with open_graph(settings) as store, screen.steps() as show:
        report = train_shop(settings, store, show=show)
    _show(report, screen)


def evaluate(config: ConfigOption = None, json: JsonOption = False) -> None:
    """Measure every model on withheld interactions; no artifact is written.

    Example: shopgraph evaluate --json
    """
    from api.shop import measure_shop, open_graph

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
    screen.line(report.verdict)
    if report.version:
        screen.line(f"artifact {report.version} in {report.path}, {report.cpu_s:.0f} CPU-s in all")
