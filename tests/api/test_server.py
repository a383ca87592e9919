"""The server as a process: what it loads, how it starts, how it ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from serving_fixtures import fan, shop  # noqa: F401


def python(code: str, *arguments: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout


@contextmanager
def serving(config: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server on a free port, and its address."""
    command = [sys.executable, "-c", "from api.cli import main; main()", "serve"]
    server = subprocess.Popen(
        [*command, "--port", "0", "--json", "--config", str(config)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        line = server.stdout.readline()
        assert line, server.stderr.read() if server.stderr else ""
        yield server, json.loads(line)["url"]
    finally:
        server.kill()
        server.communicate()


def test_serving_imports_no_torch_and_no_spacy(shop: Path) -> None:  # noqa: F811
    code = """
import sys
from pathlib import Path
from fastapi.testclient import TestClient
from api.app import create_app
from api.settings import load_settings
with TestClient(create_app(load_settings(Path(sys.argv[1])))) as client:
    user = sys.argv[2].replace("/", "%2F")
    answer = client.get(f"/v1/users/{user}/recommendations")
    assert answer.json()["strategy"] == "relational_attention", answer.text
    item = answer.json()["items"][0]["id"].replace("/", "%2F")
    assert client.get(f"/v1/users/{user}/recommendations/{item}/explanation").status_code == 200
print(sorted({"torch", "spacy", "jieba", "skimage", "onnxruntime"} & set(sys.modules)))
"""
    assert python(code, str(shop / "shopgraph.toml"), fan("red", 1)).strip() == "[]"


def test_help_imports_neither_numpy_nor_the_service() -> None:
    code = """
import sys
from api.cli import main
try:
    main(["--help"])
except SystemExit:
    pass
print(sorted({"numpy", "fastapi", "pydantic", "torch"} & set(sys.modules)))
"""
    assert python(code).splitlines()[-1] == "[]"


def test_a_server_says_its_address_answers_stays_small_and_ends_on_ctrl_c(
    shop: Path,  # noqa: F811
) -> None:
    with serving(shop / "shopgraph.toml") as (server, url):
        with urllib.request.urlopen(f"{url}readyz", timeout=10) as answer:
            assert json.load(answer)["status"] == "ready"
        assert psutil.Process(server.pid).memory_info().rss < 700 * 2**20
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=10) == 0
        assert server.stderr is not None
        assert "Traceback" not in server.stderr.read()


def test_requests_in_flight_are_answered_side_by_side(shop: Path) -> None:  # noqa: F811
    from concurrent.futures import ThreadPoolExecutor

    with serving(shop / "shopgraph.toml") as (_, url), ThreadPoolExecutor(8) as pool:

        def ask(number: int) -> int:
            address = f"{url}v1/users/stranger{number}/recommendations?k=5"
            with urllib.request.urlopen(address, timeout=20) as answer:
                return int(answer.status)

        started = time.monotonic()
        assert set(pool.map(ask, range(64))) == {200}
        assert time.monotonic() - started < 20


@pytest.mark.parametrize("given", ["10.255.255.1", "not a host"])
def test_an_address_of_another_machine_is_said(shop: Path, given: str) -> None:  # noqa: F811
    code = "from api.cli import main; main()"
    config = str(shop / "shopgraph.toml")
    done = subprocess.run(
        [sys.executable, "-c", code, "serve", "--host", given, "--port", "0", "-c", config],
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert given in done.stderr
    assert done.stderr.count("\n") == 1
