"""The server on a trained artifact: start, memory, latency and requests a second.

Serves the demo shop (made in a scratch folder, or ``--config`` names another) from a process of
its own on a free port. Latency: one request after the other over one connection; throughput: 8
connections at once from this process, which takes CPU from the server on a small machine, so the
figure is a lower bound. Targets: start under 5 s, memory under 700 MB.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import httpx
import psutil

CONNECTIONS, REQUESTS = 8, 300


def main() -> None:
    """Print the two tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", type=Path, help="shopgraph.toml of a trained shop")
    config = parser.parse_args().config
    with tempfile.TemporaryDirectory() as scratch:
        if config is None:
            folder = Path(scratch) / "demo"
            subprocess.run([shopgraph(), "demo", str(folder), "--no-serve"], check=True, stdout=2)
            config = folder / "shopgraph.toml"
        begin = time.perf_counter()
        command = [shopgraph(), "serve", "--config", str(config), "--port", "0", "--json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout is not None
                url = json.loads(server.stdout.readline())["url"]
                start_s = time.perf_counter() - begin
                measure(url, psutil.Process(server.pid), start_s)
            finally:
                server.terminate()


def measure(url: str, server: psutil.Process, start_s: float) -> None:
    """Ask, and print."""
    with httpx.Client(base_url=url, timeout=30) as client:
        ready = client.get("/readyz").json()
        times = server.cpu_times()
        memory = server.memory_info().rss / 2**20
        print(f"{ready['items']} items, {ready['users']} users, {ready['strategy']}\n")
        print("| start, s | CPU-s of it | memory, MB | target |\n|---|---|---|---|")
        print(f"| {start_s:.1f} | {times.user + times.system:.1f} | {memory:.0f} | 5 s, 700 MB |\n")
        users = [quote(user, safe="") for user in client.get("/v1/users?limit=100").json()["users"]]
        first = client.get(f"/v1/users/{users[0]}/recommendations?k=1").json()["items"][0]["id"]
        item = quote(first, safe="")
        print("| request | p50, ms | p99, ms | requests/s, 8 connections |\n|---|---|---|---|")
        for name, paths in {
            "recommendations, k = 10, with reasons": [
                f"/v1/users/{user}/recommendations?k=10" for user in users
            ],
            "recommendations of a stranger": ["/v1/users/a-stranger/recommendations?k=10"],
            "explanation": [f"/v1/users/{u}/recommendations/{item}/explanation" for u in users],
            "similar items, k = 10": [f"/v1/items/{item}/similar?k=10"],
            "item": [f"/v1/items/{item}"],
            "search": ["/v1/search?q=red"],
        }.items():
            latencies = sorted(_timed(client, paths))
            rate = asyncio.run(_throughput(url, paths))
            p50, p99 = statistics.median(latencies), latencies[int(len(latencies) * 0.99)]
            print(f"| {name} | {p50 * 1000:.1f} | {p99 * 1000:.1f} | {rate:.0f} |")
        memory = server.memory_info().rss / 2**20
        print(f"\nMemory after {9 * REQUESTS} requests: {memory:.0f} MB.")


def _timed(client: httpx.Client, paths: list[str]) -> list[float]:
    seconds = []
    for number in range(REQUESTS // 2):
        begin = time.perf_counter()
        client.get(paths[number % len(paths)]).raise_for_status()
        seconds.append(time.perf_counter() - begin)
    return seconds


async def _throughput(url: str, paths: list[str]) -> float:
    limits = httpx.Limits(max_connections=CONNECTIONS)
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as client:
        begin = time.perf_counter()
        answers = await asyncio.gather(
            *(client.get(paths[number % len(paths)]) for number in range(REQUESTS))
        )
        for answer in answers:
            answer.raise_for_status()
        return REQUESTS / (time.perf_counter() - begin)


def shopgraph() -> str:
    """The command beside this interpreter."""
    return str(Path(sys.executable).with_name("shopgraph"))


if __name__ == "__main__":
    main()
