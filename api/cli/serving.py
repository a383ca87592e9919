"""`demo`, `serve` and `openapi`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from socket import socket
from typing import Annotated, NoReturn

import typer

from api.cli.options import ConfigOption, JsonOption, settings_of
from api.cli.screen import Screen

DEMO_FOLDER = Path(".shopgraph/demo")

PortOption = Annotated[
    int | None,
    typer.Option(
        "--port", min=0, max=65535, help="Port; 0 picks a free one; default api.port (8000)."
    ),
]
HostOption = Annotated[
    str | None, typer.Option("--host", help="Address; default api.host (127.0.0.1).")
]


def demo(
    folder: Annotated[
        Path, typer.Argument(help="Where the demo shop and its graph go.")
    ] = DEMO_FOLDER,
    *,
    serve: Annotated[bool, typer.Option(help="Serve at the end.")] = True,
    port: PortOption = None,
    host: HostOption = None,
    seed: Annotated[int, typer.Option(help="The shop is a function of its seed.")] = 7,
    json: JsonOption = False,
) -> None:
    """Draw a shop, build its graph, train, and serve it.

    Done a second time it takes up what is there and serves at once.

    Example: shopgraph demo --port 8000
    """
    from api.demo import prepare_demo
    from api.server import bind

    screen = Screen(as_json=json)
    config = folder / "shopgraph.toml"
    # A busy port is said before a minute of work, not after it.
    listener = bind(host or "127.0.0.1", 8000 if port is None else port) if serve else None
    with screen.steps() as show:
        summary = prepare_demo(folder, seed=seed, show=show, say=screen.line)
    if json:
        screen.document(summary)
    if listener is not None:
        _become_server(listener, config, json=json)


def serve(
    port: PortOption = None,
    host: HostOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Serve recommendations, the web page and the OpenAPI page.

    Example: shopgraph serve --port 8080
    """
    from api.server import bind, run_server

    settings = settings_of(config)
    listener = bind(host or settings.api.host, settings.api.port if port is None else port)
    run_server(settings, listener, on_started=_say_address(Screen(as_json=json)))


def openapi(config: ConfigOption = None, json: JsonOption = False) -> None:
    """Print the OpenAPI document; nothing is started or opened.

    Example: shopgraph openapi > openapi.json
    """
    import orjson

    from api.app import create_app

    document = create_app(settings_of(config)).openapi()
    screen = Screen(as_json=json)
    if json:
        screen.document(document)
    else:
        typer.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())


def _become_server(listener: socket, config: Path, *, json: bool) -> NoReturn:
    """`shopgraph serve` in this very process: what training left in memory is gone."""
    host, port = listener.getsockname()[:2]
    listener.close()
    command = ["serve", "--config", str(config), "--host", host, "--port", str(port)]
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(
        sys.executable,
        [sys.executable, "-m", "api.cli", *command, *(["--json"] if json else [])],
    )


def _say_address(screen: Screen) -> Callable[[str], None]:
    def say(url: str) -> None:
        if screen.as_json:
            screen.document({"url": url})
        else:
            screen.line(f"Shopgraph answers at {url} (page) and {url}docs (API)")

    return say
