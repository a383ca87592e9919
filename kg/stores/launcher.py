"""Starts the embedded engine's process on a folder, or joins the one that runs there."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil
from filelock import FileLock, Timeout

from kg.errors import StoreError, StoreUnavailable

START_S = 60.0
END_S = 20.0
_CHILD = Path(__file__).with_name("arcade_child.py")
_HELD = 75  # exit status of a child that found the folder held


@dataclass(frozen=True, slots=True)
class Running:
    """An engine's process that answers, and the pipe that keeps it alive if it is ours.

    Who joins keeps the state file that named it: the engine removes it before it ends.
    """

    pid: int
    created: float
    bolt_port: int
    http_port: int
    password: str = field(repr=False)
    process: subprocess.Popen[bytes] | None
    folder: Path | None = None

    def alive(self) -> bool:
        """Whether that process still serves: runs, and if joined, is not about to end."""
        if self.process is not None:
            return self.process.poll() is None
        assert self.folder is not None
        state = _state(self.folder)
        return state is not None and state["pid"] == self.pid and _serves(state)

    def stop(self) -> None:
        """End the process if this one started it; a joined engine is left alone."""
        if self.process is None:
            return
        assert self.process.stdin is not None
        self.process.stdin.close()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def join_or_start(folder: Path, *, timeout_s: float) -> Running:
    """The engine on ``folder``; one process at a time decides whether to start one."""
    _refuse_other_data(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(folder / "launch.lock", timeout=START_S, mode=0o600):
            password = _password(folder)
            return _join(folder, password) or _start(folder, password, timeout_s=timeout_s)
    except Timeout:
        raise StoreUnavailable(
            f"store {folder}: another process has been starting it for {START_S:.0f} s"
        ) from None
    except OSError as error:
        raise StoreError(f"store {folder}: cannot be used: {error}") from error


def _refuse_other_data(folder: Path) -> None:
    """StoreError, before anything is written, for a folder that holds a Neo4j server's data."""
    for data in (folder, folder / "data"):
        # One file of a Neo4j database's own, by any name of the database.
        for found in data.glob("databases/*/neostore"):
            raise StoreError(
                f"store {folder}: holds the data of a Neo4j server ({found.relative_to(folder)}); "
                "the embedded store needs a folder of its own"
            )
    if (folder / "conf" / "neo4j.conf").is_file():
        raise StoreError(
            f"store {folder}: is the home of a Neo4j server (conf/neo4j.conf); the embedded store "
            "needs a folder of its own"
        )


def crashed(folder: Path) -> bool:
    """Whether the last engine ended without saying so (its state file still lies there)."""
    state = _state(folder)
    return state is not None and not _is_alive(state["pid"], state["created"])


def log_tail(folder: Path, /, *, lines: int = 12) -> str:
    """The end of what the engine's process said last."""
    try:
        text = (folder / "server.log").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "(no log)"
    return "\n".join(text.strip().splitlines()[-lines:])


def _password(folder: Path) -> str:
    """The folder's password, made at first use, readable by its owner alone."""
    file = folder / "password"
    if not file.exists():
        # Aside and renamed: a full disk or a kill never leaves an empty one.
        aside = folder / "password.tmp"
        aside.unlink(missing_ok=True)
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(secrets.token_urlsafe(24))
            stream.flush()
            os.fsync(stream.fileno())
        aside.rename(file)
    password = file.read_text(encoding="utf-8").strip()
    if len(password) < 8:
        raise StoreError(f"store {folder}: the file password holds no password of 8 characters")
    return password


def _join(folder: Path, password: str) -> Running | None:
    state = _state(folder)
    if state is None:
        return None
    if not _serves(state):
        _wait_until_ended(folder, state)
        return None
    if "bolt" not in state:
        return None
    try:
        socket.create_connection(("127.0.0.1", state["bolt"]), timeout=5).close()
    except OSError as error:
        if not _serves(state):
            _wait_until_ended(folder, state)
            return None
        raise StoreUnavailable(
            f"store {folder}: held by process {state['pid']} (started by process "
            f"{state['owner']}), which does not answer on port {state['bolt']}: {error}"
        ) from error
    return Running(
        *(state["pid"], state["created"], state["bolt"], state["http"]), password, None, folder
    )


def _serves(state: Mapping[str, Any]) -> bool:
    """Whether the engine runs and will go on: without the process that started it, it ends."""
    return _is_alive(state["pid"], state["created"]) and _is_alive(
        state["owner"], state["owner_created"]
    )


def _wait_until_ended(folder: Path, state: Mapping[str, Any]) -> None:
    """Its owner is gone: it looks twice a second, then closes the database and ends."""
    deadline = time.monotonic() + END_S
    while _is_alive(state["pid"], state["created"]):
        if time.monotonic() > deadline:
            raise StoreUnavailable(
                f"store {folder}: process {state['pid']} still runs {END_S:.0f} s after the "
                f"process {state['owner']} that had started it"
            )
        time.sleep(0.02)


def _start(folder: Path, password: str, *, timeout_s: float) -> Running:
    for last in (False, True):
        bolt, http = _free_ports()
        with (folder / "server.log").open("wb") as log:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-P", str(_CHILD), str(folder)),
                    *(str(bolt), str(http), str(int(timeout_s * 1000))),
                ],
                stdin=subprocess.PIPE,
                # Both: the JVM gives some reasons for not starting on the one, some on the other.
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C in a terminal must not end it before its parent has finished.
                start_new_session=True,
            )
        assert process.stdin is not None
        ready = False
        try:
            _give(process.stdin, password)
            ready = _wait_ready(folder, process, deadline=time.monotonic() + START_S)
        finally:
            if not ready:
                code = _end(process)
        if ready:
            created = psutil.Process(process.pid).create_time()
            return Running(process.pid, created, bolt, http, password, process)
        reason = log_tail(folder, lines=60)
        if code == _HELD:
            state = _state(folder)
            holder = f"process {state['pid']}" if state else "another process"
            raise StoreUnavailable(f"store {folder}: held by {holder}, which does not answer")
        # A port can be taken between being found free and being bound.
        if last or "already in use" not in reason.lower():
            raise StoreError(f"store {folder}: the engine did not start (status {code}):\n{reason}")
    raise AssertionError("unreachable")


def _give(stdin: IO[bytes], password: str) -> None:
    # A pipe broken already: the child has ended, and its log says why.
    with contextlib.suppress(BrokenPipeError):
        stdin.write(password.encode() + b"\n")
        stdin.flush()


def _wait_ready(folder: Path, process: subprocess.Popen[bytes], *, deadline: float) -> bool:
    """True once the child's state names its ports; False when it ends or the deadline passes."""
    while process.poll() is None and time.monotonic() < deadline:
        state = _state(folder)
        if state is not None and state["pid"] == process.pid and "bolt" in state:
            return True
        time.sleep(0.02)
    return False


def _end(process: subprocess.Popen[bytes]) -> int:
    """Let a child that did not get ready go; its exit status."""
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()
    try:
        return process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _state(folder: Path) -> dict[str, Any] | None:
    try:
        state: dict[str, Any] = json.loads((folder / "server.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StoreError(f"store {folder}: server.json cannot be read: {error}") from error
    return state


def _is_alive(pid: int, created: float) -> bool:
    try:
        process = psutil.Process(pid)
        # A second's tolerance: the clock that start times refer to is adjusted at times.
        return (
            abs(process.create_time() - created) < 1.0 and process.status() != psutil.STATUS_ZOMBIE
        )
    except psutil.NoSuchProcess:
        return False


def _free_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]
