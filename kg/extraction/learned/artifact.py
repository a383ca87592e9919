"""The learned model as a folder: written aside, renamed whole, every file checked when loaded.

``manifest.json`` (format, what was learned from, configuration, held-out scores, sha256 of the
rest), ``space.json``, ``examples.jsonl`` (the labelled texts, which are the gazetteer and the
neighbours), ``implied.json``, ``crf-*.crfsuite``, ``ranker-*.txt`` (LightGBM's text form), and
with a network ``network.onnx``, ``network.npz``, ``tokenizer.json``. Nothing is pickled.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np

from kg.errors import ArtifactError
from kg.extraction.learned.crf import CrfTagger
from kg.extraction.learned.examples import AttributeSpace, Example
from kg.extraction.learned.implied import Implication, Implied
from kg.extraction.learned.model import LearnedModel, RankerInForce
from kg.extraction.learned.network_reader import NetworkReader, onnx_run
from kg.extraction.learned.pieces import load_tokenizer
from kg.extraction.learned.ranker import Ranker
from kg.extraction.learned.ranking import Speed
from kg.extraction.learned.tokens import tokenize

FORMAT = 1
KIND = "shopgraph learned extraction"
MANIFEST = "manifest.json"


def load_model(folder: Path, *, threads: int = 1) -> LearnedModel:
    """The model in ``folder``; ArtifactError where absent, damaged or of another format."""
    manifest = read_manifest(folder)
    _check_files(folder, manifest["files"])
    try:
        raw = _json(folder / "space.json")
        space = AttributeSpace(
            tuple(raw["attributes"]),
            tuple(raw["categories"]),
            tuple(tuple(one) for one in raw["of_category"]),
            tuple(raw["several"]),
            int(raw["longest"]),
        )
        models = {name: (folder / name).read_bytes() for name in set(manifest["crf"].values())}
        crf = CrfTagger(
            {int(category): models[name] for category, name in manifest["crf"].items()}, space
        )
        rankers: dict[Speed, RankerInForce] = {
            name: RankerInForce(_ranker(folder, each), float(each["threshold"]))
            for name, each in manifest["rankers"].items()
        }
        return LearnedModel(
            space=space,
            examples=_examples(folder / "examples.jsonl"),
            crf=crf,
            network=_network(folder, space, threads) if manifest["network"] else None,
            rankers=rankers,
            implied=Implied(_rules(folder / "implied.json"), space),
            version=manifest["version"],
            info={name: each for name, each in manifest.items() if name != "files"},
        )
    except (KeyError, TypeError, ValueError, AttributeError, lgb.basic.LightGBMError) as error:
        raise ArtifactError(f"{folder}: written by other code ({error!r}); train again") from error


def read_manifest(folder: Path) -> dict[str, Any]:
    """What ``folder`` says of itself; ArtifactError where it is no such artifact."""
    if not (folder / MANIFEST).is_file():
        raise ArtifactError(
            f"{folder}: no learned extraction here; make one with `shopgraph extract train`"
        )
    manifest = _json(folder / MANIFEST)
    if not isinstance(manifest, dict) or manifest.get("kind") != KIND:
        raise ArtifactError(f"{folder / MANIFEST}: not the manifest of a {KIND}")
    if manifest.get("format") != FORMAT:
        raise ArtifactError(
            f"{folder}: format {manifest.get('format')!r}, this code reads {FORMAT}; train again"
        )
    if not isinstance(manifest.get("files"), dict):
        raise ArtifactError(f"{folder / MANIFEST}: damaged, no list of files")
    return manifest


def sha256_of(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _check_files(folder: Path, files: Mapping[str, str]) -> None:
    for name, stated in files.items():
        try:
            found = sha256_of(folder / name)
        except OSError as error:
            raise ArtifactError(f"{folder / name}: damaged artifact, {error.strerror}") from error
        if found != stated:
            raise ArtifactError(
                f"{folder / name}: damaged, sha256 {found[:12]}..., the manifest says "
                f"{stated[:12]}..."
            )


def _examples(path: Path) -> list[Example]:
    found = []
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            spans = {
                int(attribute): tuple((first, last) for first, last in each)
                for attribute, each in row["spans"].items()
            }
            found.append(Example(tokenize(row["text"]), int(row["category"]), spans))
    return found


def _rules(path: Path) -> list[Implication]:
    return [Implication(**{**row, "words": tuple(row["words"])}) for row in _json(path)]


def _ranker(folder: Path, entry: Mapping[str, Any]) -> Ranker:
    passes = [
        [lgb.Booster(model_file=str(folder / name)) for name in entry[each]]
        for each in ("first", "second")
    ]
    return Ranker(*passes)


def _network(folder: Path, space: AttributeSpace, threads: int) -> NetworkReader:
    with np.load(folder / "network.npz", allow_pickle=False) as arrays:
        pair, length = arrays["pair"], arrays["length"]
    return NetworkReader(
        onnx_run(folder / "network.onnx", threads=threads),
        load_tokenizer(folder / "tokenizer.json"),
        space,
        pair=pair,
        length=length,
    )


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ArtifactError(f"{path}: damaged artifact, {error.strerror}") from error
    except ValueError as error:
        raise ArtifactError(f"{path}: damaged, not JSON ({error})") from error
