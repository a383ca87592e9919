"""Options that several commands share, and the settings they lead to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

if TYPE_CHECKING:
    from api.settings import Settings

ConfigOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        help="Settings file; default shopgraph.toml here, else the demo's in .shopgraph/demo.",
        show_default=False,
    ),
]
JsonOption: TypeAlias = Annotated[
    bool, typer.Option("--json", help="One JSON document on stdout, nothing else.")
]
LanguageOption: TypeAlias = Annotated[
    str, typer.Option("--lang", help="Language of titles and reasons: en or zh.")
]
LengthOption: TypeAlias = Annotated[int, typer.Option("--k", min=1, help="Length of the list.")]


def settings_of(config: Path | None) -> Settings:
    """The settings that ``--config`` names, or those found (see api.settings.find_config)."""
    from api.settings import find_config, load_settings

    return load_settings(find_config(config))


def language_of(given: str) -> str:
    """``en`` or ``zh``; any other is wrong usage."""
    if given not in ("en", "zh"):
        raise typer.BadParameter(f"{given!r} is not one of: en, zh", param_hint="--lang")
    return given
