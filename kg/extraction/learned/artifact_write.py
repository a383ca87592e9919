"""Write a learned model: aside, then renamed; a crash leaves the old one or the new one."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np

from kg.errors import ArtifactError
from kg.extraction.learned.artifact import FORMAT, KIND, MANIFEST, read_manifest, sha256_of
from kg.extraction.learned.implied import Implied
from kg.extraction.learned.training import Trained


def write_model(
    folder: Path, trained: Trained, *, implied: Implied, about: Mapping[str, Any]
) -> dict[str, Any]:
    """Put ``trained`` into ``folder``, in place of a model that is there; returns the manifest.

    ``about`` (columns, fingerprint of the file, rejects, ...) goes into the manifest as it is.
    ArtifactError: the folder holds something else, or the disk refuses.
    """
    check_target(folder)
    aside = folder.parent / f".{folder.name}.{os.getpid()}.new"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if aside.exists():
            shutil.rmtree(aside)
        aside.mkdir()
        manifest = _write(aside, trained, implied, about)
        _replace(folder, aside)
    except OSError as error:
        raise ArtifactError(f"{folder}: cannot write the model: {error}") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return manifest


def check_target(folder: Path) -> None:
    """ArtifactError where ``folder`` holds something that is not a learned model."""
    if folder.is_dir() and any(folder.iterdir()):
        try:
            read_manifest(folder)
        except ArtifactError as error:
            if not (folder / MANIFEST).is_file():
                raise ArtifactError(
                    f"{folder}: holds other files; give an empty or a new folder"
                ) from error
    elif folder.exists() and not folder.is_dir():
        raise ArtifactError(f"{folder}: is a file; give a folder")


def _replace(folder: Path, aside: Path) -> None:
    before = folder.parent / f".{folder.name}.{os.getpid()}.old"
    if folder.exists():
        folder.rename(before)
    aside.rename(folder)
    shutil.rmtree(before, ignore_errors=True)


def _write(
    aside: Path, trained: Trained, implied: Implied, about: Mapping[str, Any]
) -> dict[str, Any]:
    _write_json(aside / "space.json", asdict(trained.space))
    _write_json(aside / "implied.json", [asdict(rule) for rule in implied.rules])
    with (aside / "examples.jsonl").open("w", encoding="utf-8") as stream:
        for one in trained.examples:
            row = {"text": one.tokens.text, "category": one.category, "spans": one.spans}
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
    names: dict[bytes, str] = {}
    for model in trained.crf.models.values():
        if model not in names:
            names[model] = f"crf-{len(names)}.crfsuite"
            (aside / names[model]).write_bytes(model)
    rankers = {
        name: {
            "threshold": each.threshold,
            "first": _boosters(aside, f"ranker-{name}-1", each.ranker.first),
            "second": _boosters(aside, f"ranker-{name}-2", each.ranker.second),
        }
        for name, each in sorted(trained.rankers.items())
    }
    if trained.network is not None:
        _network(aside, trained)
    files = {path.name: sha256_of(path) for path in sorted(aside.iterdir())}
    manifest = {
        "kind": KIND,
        "format": FORMAT,
        "made_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        **about,
        "examples": len(trained.examples),
        "attributes": len(trained.space.attributes),
        "categories": len(trained.space.categories),
        "encoder": trained.encoder.name,
        "network": trained.network is not None,
        "config": asdict(trained.config),
        "train_cpu_s": round(trained.cpu_s, 1),
        "held_out": {name: each.scores.to_json() for name, each in sorted(trained.rankers.items())},
        "crf": {str(c): names[model] for c, model in sorted(trained.crf.models.items())},
        "rankers": rankers,
        "files": files,
    }
    content = json.dumps([files, manifest["crf"], rankers], sort_keys=True)
    manifest["version"] = _version(content)
    _write_json(aside / MANIFEST, manifest)
    return manifest


def _version(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def _boosters(aside: Path, name: str, boosters: Sequence[lgb.Booster]) -> list[str]:
    written = []
    for index, booster in enumerate(boosters):
        booster.save_model(str(aside / f"{name}-{index}.txt"))
        written.append(f"{name}-{index}.txt")
    return written


def _network(aside: Path, trained: Trained) -> None:
    from kg.extraction.learned.network_export import export_onnx, span_parameters

    if trained.network is None or trained.encoder.folder is None:
        return
    export_onnx(trained.network, aside / "network.onnx", space=trained.space)
    pair, length = span_parameters(trained.network)
    np.savez(aside / "network.npz", pair=pair, length=length)
    shutil.copyfile(trained.encoder.folder / "tokenizer.json", aside / "tokenizer.json")


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
