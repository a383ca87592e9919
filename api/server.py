"""Listen, serve, and say the address once the service answers."""

from __future__ import annotations

import errno
import logging
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

import uvicorn

from kg.errors import ConfigError

if TYPE_CHECKING:
    from api.settings import Settings


def bind(host: str, port: int) -> socket.socket:
    """A listening-ready socket; ConfigError where the port is busy or may not be used."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    # A port whose last connections are still closing is free; one that is listened on is not.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            why = f"port {port} on {host} is in use by another process"
        else:
            why = f"port {port} on {host} cannot be listened on: {error.strerror}"
        raise ConfigError(
            f"{why}; choose another with --port, or --port 0 for a free one"
        ) from error
    except OverflowError as error:
        listener.close()
        raise ConfigError(f"port {port} is not between 0 and 65535") from error
    return listener


def address_of(listener: socket.socket) -> str:
    """`http://host:port/` of a bound socket, as a browser on this machine opens it."""
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{shown}:{port}/"


def run_server(
    settings: Settings, listener: socket.socket, *, on_started: Callable[[str], None]
) -> None:
    """Serve until interrupted; ``on_started`` is told the address once requests are answered."""
    from api.app import create_app

    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    app = create_app(settings)
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=5)
    server = _Server(config, lambda: on_started(address_of(listener)))
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        return  # Ctrl-C is how a server is meant to end


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_started()
