"""A Neo4j server with certificates: trust, login, silence, age, and its data folder."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from store_processes import engine_pid
from store_world import PASSWORD, _neo4j_password, neo4j_url, start_neo4j, stop_neo4j

from kg.errors import ConfigError, StoreError, StoreUnavailable
from kg.stores import open_store

_CONF = """
dbms.ssl.policy.bolt.enabled=true
dbms.ssl.policy.bolt.base_directory={folder}
dbms.ssl.policy.bolt.private_key=private.key
dbms.ssl.policy.bolt.public_certificate=public.crt
dbms.ssl.policy.bolt.client_auth=NONE
server.bolt.tls_level=REQUIRED
"""


@dataclass(frozen=True)
class Server:
    home: Path
    port: int
    ca_file: Path

    @property
    def pid(self) -> int:
        return int((self.home / "pid").read_text())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("certificates")
    names = "subjectAltName=IP:127.0.0.1,DNS:localhost"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", names),
            *("-keyout", "private.key", "-out", "public.crt"),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    conf = folder / "tls.conf"
    conf.write_text(_CONF.format(folder=folder))
    home = tmp_path_factory.mktemp("neo4j-home")
    port = start_neo4j(home, extra_conf=conf)
    try:
        yield Server(home, port, folder / "public.crt")
    finally:
        stop_neo4j(home)


@pytest.mark.parametrize("scheme", ["neo4j+s", "bolt+s"])
def test_a_certificate_of_ones_own_is_trusted_by_its_file(server: Server, scheme: str) -> None:
    url = f"{scheme}://127.0.0.1:{server.port}"
    with open_store(url, password=PASSWORD, ca_file=server.ca_file, database="neo4j") as store:
        assert store.read("RETURN 1 AS one", {}).rows == [{"one": 1}]
    # Nobody vouches for it.
    with pytest.raises(StoreUnavailable, match=re.escape(url)):
        open_store(url, password=PASSWORD, timeout_s=2.0)


def test_ssc_asks_for_no_trust_and_no_encryption_is_refused(server: Server) -> None:
    with open_store(f"neo4j+ssc://127.0.0.1:{server.port}", password=PASSWORD) as store:
        assert store.read("RETURN 1 AS one", {}).rows == [{"one": 1}]
    with pytest.raises(StoreUnavailable):
        open_store(f"bolt://127.0.0.1:{server.port}", password=PASSWORD, timeout_s=2.0)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("neo4j://host", "ca_file goes with neo4j+s://"),
        ("neo4j+ssc://host", "ca_file goes with neo4j+s://"),
        ("neo4j+s://host", "no such file"),
        ("embedded:graph", "are for a Neo4j server"),
    ],
)
def test_where_a_ca_file_has_no_place(url: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)):
        open_store(url, ca_file=tmp_path / "none.crt")


def test_a_wrong_password_and_an_unknown_database_are_said(server: Server) -> None:
    url = f"bolt+ssc://127.0.0.1:{server.port}"
    with pytest.raises(StoreError, match="refuses the user or password") as raised:
        open_store(url, password="wrong-password")
    assert not isinstance(raised.value, StoreUnavailable), "trying again does not help"
    with pytest.raises(StoreError, match="elsewhere"):
        open_store(url, password=PASSWORD, database="elsewhere", timeout_s=2.0)


@contextmanager
def suspended(pid: int, *, after_s: float) -> Iterator[None]:
    timer = threading.Timer(after_s, os.kill, (pid, signal.SIGSTOP))
    timer.start()
    try:
        yield
    finally:
        timer.join()
        os.kill(pid, signal.SIGCONT)


ENDLESS = (
    "UNWIND range(1, 9999) AS a UNWIND range(1, 9999) AS b UNWIND range(1, 9999) AS c "
    "RETURN count(*) AS n"
)


@pytest.mark.parametrize("engine", ["embedded", "neo4j"])
def test_an_engine_that_falls_silent_amid_a_query_holds_nobody(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    if engine == "embedded":
        store = open_store(f"embedded:{tmp_path / 'graph'}")
        pid = engine_pid(tmp_path / "graph")
    else:
        server = request.getfixturevalue("server")
        store = open_store(f"bolt+ssc://127.0.0.1:{server.port}", password=PASSWORD)
        pid = server.pid
    with store:
        started = time.monotonic()
        with suspended(pid, after_s=0.5):
            with pytest.raises(StoreUnavailable, match="no answer within 2 s"):
                store.read(ENDLESS, {}, timeout_s=2.0)
            # 2 s, then 3 s of grace; the driver alone would wait for ever.
            assert time.monotonic() - started < 15
        assert store.read("RETURN 1 AS one", {}).rows == [{"one": 1}], "it is back by itself"


def test_the_embedded_store_keeps_off_a_server_s_folder(server: Server) -> None:
    for folder, named in ((server.home, "data/databases"), (server.home / "data", "databases")):
        before = sorted(folder.iterdir())
        with pytest.raises(StoreError, match=rf"holds the data of a Neo4j server \({named}"):
            open_store(f"embedded:{folder}")
        assert sorted(folder.iterdir()) == before


def test_two_stores_on_one_url_share_a_driver_and_its_bookmarks() -> None:
    url, password = neo4j_url(), _neo4j_password()
    with open_store(url, password=password) as first:
        second = open_store(url, password=password)
        [ours], [theirs] = (store.connection._drivers.values() for store in (first, second))
        assert ours is theirs
        first.connection.call("write", "CREATE (:Passing {id: 'x'})", {})
        # What the next read of either waits for.
        assert list(theirs.bookmarks.get_bookmarks())
        text = "MATCH (n:Passing) WITH n, n.id AS id DELETE n RETURN id"
        assert second.connection.call("write", text, {}) == [{"id": "x"}]
        second.close()
        assert first.read("RETURN 1 AS one", {}).rows == [{"one": 1}], "the other still has it"
        with pytest.raises(StoreError, match="closed"):
            second.read("RETURN 1", {})


def test_a_server_that_is_too_old_is_refused() -> None:
    # The real server, heard through a wire that changes the version in its greeting.
    target = neo4j_url().rpartition(":")
    port = int(target[2])
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def pump(source: socket.socket, sink: socket.socket, *, answers: bool) -> None:
            while data := source.recv(65536):
                if answers:
                    data = re.sub(
                        rb"Neo4j/(\d+)\.",
                        lambda m: b"Neo4j/" + b"4".rjust(len(m[1]), b"0") + b".",
                        data,
                    )
                sink.sendall(data)
            sink.close()

        def serve() -> None:
            client, _ = listening.accept()
            upstream = socket.create_connection(("127.0.0.1", port))
            with client, upstream:
                there = threading.Thread(
                    target=pump, args=(client, upstream), kwargs={"answers": False}
                )
                there.start()
                with suppress(OSError):
                    pump(upstream, client, answers=True)
                there.join()

        thread = threading.Thread(target=serve)
        thread.start()
        url = f"bolt://127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(
            StoreError, match=r"server is Neo4j 4\.\S+; Shopgraph needs Neo4j 5\.23"
        ):
            open_store(url, password=_neo4j_password())
        thread.join()


def test_a_host_that_does_not_exist_is_unavailable() -> None:
    with pytest.raises(
        StoreUnavailable, match=r"store neo4j://nowhere\.invalid: not reachable now"
    ):
        open_store("neo4j://nowhere.invalid", password="x", timeout_s=1.0)
