"""`shopgraph demo` in an empty folder: seconds until the page answers, peak memory.

Then the server alone, on what the demo left: seconds until it is ready, resident memory.
Memory is the sum of the process and all its children (the store's engine is one),
proportional set size where the system tells it, else resident set size. Targets: 90 s and
3 GB; 5 s and 700 MB.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Started:
    """One start: seconds until it answered; memory in MB of it and its children."""

    seconds: float
    peak_mb: float
    process_mb: float  # the server's own process, once it answers
    cpu_s: float


def started(arguments: list[str], *, path: str, limit_s: float) -> Started:
    """Run ``shopgraph`` until ``path`` answers 200, then stop it."""
    port = "18473"
    begin = time.perf_counter()
    command = [str(Path(sys.executable).with_name("shopgraph")), *arguments, "--port", port]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        watched = psutil.Process(process.pid)
        peak = [0.0]
        stop = threading.Event()
        watcher = threading.Thread(target=_watch, args=(watched, peak, stop))
        watcher.start()
        try:
            while not _answers(f"http://127.0.0.1:{port}{path}"):
                if process.poll() is not None or time.perf_counter() - begin > limit_s:
                    log.seek(0)
                    raise SystemExit(f"no answer: {log.read().decode()[-2000:]}")
                time.sleep(0.05)
            seconds = time.perf_counter() - begin
            own = watched.memory_info().rss / 2**20
            times = watched.cpu_times()
            cpu_s = times.user + times.system + times.children_user + times.children_system
            return Started(seconds, peak[0], own, cpu_s)
        finally:
            stop.set()
            watcher.join()
            process.terminate()
            process.wait(30)


def _watch(process: psutil.Process, peak: list[float], stop: threading.Event) -> None:
    while not stop.wait(0.1):
        total = 0
        for each in [process, *_children(process)]:
            try:
                memory = each.memory_full_info()
                total += getattr(memory, "pss", memory.rss)
            except psutil.Error:
                continue
        peak[0] = max(peak[0], total / 2**20)


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def main() -> None:
    """Print one row a start."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "demo"
        built = started(["demo", str(folder)], path="/readyz", limit_s=600)
        config = str(folder / "shopgraph.toml")
        served = started(["serve", "--config", config], path="/readyz", limit_s=60)
    print("| what | until the page answers, s | peak memory, MB | server's process, MB | target |")
    print("|---|---|---|---|---|")
    for name, row, target in (
        ("`shopgraph demo`, empty folder", built, "90 s, 3,000 MB"),
        ("`shopgraph serve`, demo's artifact", served, "5 s, 700 MB"),
    ):
        print(
            f"| {name} | {row.seconds:.1f} | {row.peak_mb:.0f} | {row.process_mb:.0f} | {target} |"
        )


if __name__ == "__main__":
    main()
