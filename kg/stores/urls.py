"""Store URLs: which engine stands behind one."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from kg.errors import ConfigError
from kg.stores.arcade import ArcadeEngine
from kg.stores.engine import Engine
from kg.stores.neo4j_server import Neo4jEngine

_SERVER_SCHEMES = ("neo4j", "neo4j+s", "neo4j+ssc", "bolt", "bolt+s", "bolt+ssc")
_FORMS = "embedded:<folder>, embedded:///<absolute folder>, neo4j://[user@]host[:port]"


def engine_for(
    url: str,
    *,
    password: str | None,
    timeout_s: float,
    database: str | None = None,
    ca_file: Path | None = None,
) -> Engine:
    """The engine of a store URL, started or joined; ConfigError names the known forms."""
    if url.startswith("embedded:"):
        folder = embedded_folder(url)
        if password is not None:
            raise ConfigError(
                f"store {url}: the embedded store keeps its own password in its folder, "
                "so no password may be given"
            )
        if database is not None or ca_file is not None:
            raise ConfigError(f"store {url}: database and ca_file are for a Neo4j server")
        return ArcadeEngine(folder, timeout_s=timeout_s)
    parts = urlsplit(url)
    if parts.scheme not in _SERVER_SCHEMES or not parts.hostname:
        raise ConfigError(f"store url {url!r} is not one of the forms {_FORMS}")
    if parts.password is not None:
        raise ConfigError("store url: a password does not belong in a URL; give it by itself")
    if ca_file is not None:
        if not parts.scheme.endswith("+s"):
            raise ConfigError(
                f"store {url}: ca_file goes with neo4j+s:// or bolt+s://, where certificates "
                "are checked"
            )
        if not ca_file.is_file():
            raise ConfigError(f"store {url}: ca_file {ca_file}: no such file")
    address = url if parts.username is None else url.replace(f"{parts.netloc}", _host(parts.netloc))
    user = unquote(parts.username) if parts.username else "neo4j"
    return Neo4jEngine(address, user=user, password=password, database=database, ca_file=ca_file)


def embedded_folder(url: str) -> Path:
    """``embedded:a/b`` -> a/b below the working directory; ``embedded:///a/b`` -> /a/b."""
    rest = url.removeprefix("embedded:")
    if rest.startswith("//"):
        rest = rest.removeprefix("//")
        if not rest.startswith("/"):
            raise ConfigError(f"store url {url!r} is not one of the forms {_FORMS}")
    if not rest.strip("/"):
        raise ConfigError(f"store url {url!r} names no folder; forms: {_FORMS}")
    return Path(rest).expanduser().resolve()


def _host(netloc: str) -> str:
    return netloc.rpartition("@")[2]
