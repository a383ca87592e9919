"""One driver an address and login in this process, shared by all who open it."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import neo4j

from kg.stores.engine import Address
from kg.stores.watchdog import Watchdog

_CONNECT_S = 5.0


class SharedDriver:
    """A driver, its bookmarks and its locks; closed when the last who took it lets go."""

    def __init__(self, address: Address, user: str, /) -> None:
        self.address = address
        self.user = user
        #: Reads see this process's own writes, on a cluster too.
        self.bookmarks = neo4j.GraphDatabase.bookmark_manager()
        self.watchdog = Watchdog()
        #: Two writers at once conflict and are slower than one.
        self.writing = threading.Lock()
        self.reading = None if address.reads is None else threading.Semaphore(address.reads)
        self.takers = 0
        auth = None if address.password is None else (user, address.password)
        self.driver = neo4j.GraphDatabase.driver(
            address.uri if address.ca_file is None else address.uri.replace("+s://", "://", 1),
            auth=auth,
            connection_timeout=_CONNECT_S,
            # A young graph lacks types and properties that queries name.
            notifications_disabled_classifications=["UNRECOGNIZED"],
            user_agent="shopgraph",
            **({} if address.ca_file is None else _trust(address.ca_file)),
        )


def _trust(ca_file: Path) -> dict[str, Any]:
    return {"encrypted": True, "trusted_certificates": neo4j.TrustCustomCAs(str(ca_file))}


#: The process belongs to the key: a fork must not speak on its parent's connections.
_taken: dict[tuple[int, Address, str], SharedDriver] = {}
_lock = threading.Lock()


def take_driver(address: Address, user: str, /) -> SharedDriver:
    """The driver of ``address`` for ``user``; pair it with `give_back`."""
    key = (os.getpid(), address, user)
    with _lock:
        shared = _taken.get(key)
        if shared is None:
            shared = _taken[key] = SharedDriver(address, user)
        shared.takers += 1
        return shared


def give_back(shared: SharedDriver, /) -> None:
    """Close the driver when nobody else has it."""
    with _lock:
        shared.takers -= 1
        if shared.takers:
            return
        _taken.pop((os.getpid(), shared.address, shared.user), None)
    shared.driver.close()
