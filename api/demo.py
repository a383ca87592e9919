"""The demo: a shop drawn, read, learned and ready to be served, each step once."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.errors import ArtifactError

if TYPE_CHECKING:
    from api.settings import Settings
    from api.shop import Show

DRAWN = "drawn"


def prepare_demo(
    folder: Path, *, seed: int, show: Show, say: Callable[[str], None]
) -> dict[str, Any]:
    """Bring ``folder`` to where it can be served; what was done, by step, and its seconds.

    A step whose result is there is left out, so that a second run serves at once. ``seed``
    belongs to the drawing: another seed draws another shop, in a folder that has none yet.
    """
    from api.learning import train_shop
    from api.settings import load_settings
    from api.shop import ingest_shop, open_graph

    summary: dict[str, Any] = {"folder": str(folder), "seconds": {}}
    clock = time.perf_counter()

    def lap(step: str) -> None:
        nonlocal clock
        now = time.perf_counter()
        summary["seconds"][step] = round(now - clock, 2)
        clock = now

    stamp = folder / ".shopgraph" / DRAWN
    if not _is_stamped(stamp, seed):
        _draw(folder, stamp, seed=seed, show=show)
        lap("draw")
        say(f"drew a shop into {folder}")
    settings = load_settings(folder / "shopgraph.toml")
    if _artifact(settings) is None:
        with open_graph(settings) as store:
            ingested = ingest_shop(settings, store, show=show)
            lap("ingest")
            say(f"graph: {ingested['nodes']} nodes, {ingested['relationships']} relationships")
            trained = train_shop(settings, store, show=show)
            lap("train")
        summary.update(ingest=ingested, training=trained.to_json())
        say(f"trained: {trained.report.verdict}")
    summary["artifact"] = _artifact(settings)
    summary["config"] = str(folder / "shopgraph.toml")
    return summary


def _draw(folder: Path, stamp: Path, *, seed: int, show: Show) -> None:
    from kg.demo.build import build_demo

    show("draw", 0, 0, "")
    build_demo(folder, seed=seed)
    show("draw", 1, 1, "")
    stamp.parent.mkdir(parents=True, exist_ok=True)
    # Written last: a run that was interrupted draws again.
    stamp.write_text(f"{seed}\n", encoding="utf-8")


def _is_stamped(stamp: Path, seed: int) -> bool:
    from kg.errors import ConfigError

    if not stamp.is_file():
        return False
    drawn = stamp.read_text(encoding="utf-8").strip()
    if drawn != str(seed):
        raise ConfigError(
            f"{stamp.parent.parent}: holds the demo shop of seed {drawn}, not {seed}; "
            "name another folder"
        )
    return True


def _artifact(settings: Settings) -> str | None:
    from gnn.artifact import current_version

    try:
        return current_version(settings.gnn.artifact_dir)
    except ArtifactError:
        return None
