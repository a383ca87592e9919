"""`shopgraph align`: heads or a CLIP model learned from the shop's own pictures and texts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.shop import VECTORS

if TYPE_CHECKING:
    from api.settings import Settings
    from api.shop import Show
    from kg.encoders.clip_training import TunedClip
    from kg.encoders.retrieval import Retrieval
    from kg.stores.bolt import BoltStore


@dataclass(frozen=True, slots=True)
class AlignedShop:
    """The heads' score on held-out pairs, and where they are kept."""

    held_out: Retrieval
    path: Path
    trained: bool  # False: the same pairs had been learned before
    image_encoder: str  # of the projected vectors
    text_encoder: str

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "path": str(self.path)}


def align_shop(settings: Settings, store: BoltStore, *, show: Show) -> AlignedShop:
    """Learn the heads from the graph's items; kept in ``kg.data_dir``, where train finds them.

    ConfigError where there is no image encoder; DataError where there are too few pairs, which
    is also what a switched encoder gives before the next ingest.
    """
    from kg.encoders.align_catalogue import align_catalogue
    from kg.encoders.load import load_encoder
    from kg.errors import ConfigError, DataError
    from kg.vectors import VectorStore

    chosen = settings.kg.encoders
    if not chosen.image:
        raise ConfigError("kg.encoders.image is not set; expected an image encoder to align")
    show("align", 0, 1, "")
    snapshot = store.snapshot()
    image, text = load_encoder(chosen.image).name, load_encoder(chosen.text).name
    with VectorStore(settings.kg.data_dir / VECTORS) as vectors:
        for encoder in (image, text):
            if not vectors.count(encoder):
                raise DataError(
                    str(vectors.path),
                    column=f"vectors of {encoder}",
                    value=0,
                    expected="some: run shopgraph ingest, which encodes what is new",
                )
        done = align_catalogue(
            [item.image_hash for item in snapshot.items],
            [item.text_hash for item in snapshot.items],
            vectors=vectors,
            image_encoder=image,
            text_encoder=text,
            folder=settings.kg.data_dir,
            seed=settings.gnn.seed,
        )
    show("align", 1, 1, "")
    return AlignedShop(
        done.alignment.held_out, done.path, done.trained, done.image_encoder, done.text_encoder
    )


def tune_shop(
    settings: Settings,
    *,
    model: str,
    output: Path,
    layers: int | None,
    epochs: int,
    rate: float,
    show: Show,
) -> TunedClip:
    """Tune open_clip's ``<model>/<pretrained tag or path>`` on the catalogue's main pictures.

    ``output`` is a checkpoint that ``open_clip:<model>/<output>#image`` and ``#text`` load.
    """
    from kg.encoders.clip_training import tune_clip
    from kg.ingest_content import item_text
    from kg.readers.layouts import read_catalog
    from kg.rejects import Rejects

    show("read", 0, 0, "")
    catalog = read_catalog(settings.kg.catalog, rejects=Rejects())
    pairs = [
        (item.images[0], text)
        for item in catalog.items
        if (text := item_text(item)) and item.images
    ]
    show("read", 1, 1, f"{len(pairs)} pairs")
    return tune_clip(
        model,
        [picture for picture, _ in pairs],
        [text for _, text in pairs],
        output=output,
        seed=settings.gnn.seed,
        layers=layers,
        epochs=epochs,
        rate=rate,
        on_epoch=lambda done, note: show("tune", done, epochs, note),
    )


def outdated(settings: Settings) -> list[str]:
    """What was learned from other encoders than the settings name, and how to renew it.

    A sentence each for the heads of the alignment and for the model in force; nothing where all
    fit or nothing was learned yet. What was learned before encoders were recorded is not known.
    """
    from gnn.artifact import load_artifact
    from kg.encoders.alignment import Alignment
    from kg.encoders.load import load_encoder
    from kg.errors import ArtifactError

    chosen = settings.kg.encoders
    now = {"text": load_encoder(chosen.text).name}
    now["image"] = load_encoder(chosen.image).name if chosen.image else ""
    said = []
    kept = sorted(settings.kg.data_dir.glob("alignment-*.npz"))
    alignments = {path: Alignment.load(path) for path in kept}
    fitting = [
        found
        for found in alignments.values()
        if (found.text_encoder, found.image_encoder) == (now["text"], now["image"])
    ]
    if chosen.image and chosen.align and not fitting:
        for path, found in alignments.items():
            before = {"text": found.text_encoder, "image": found.image_encoder}
            said += _outdated(f"alignment {path}", before, now, "shopgraph align")
    try:
        artifact = load_artifact(settings.gnn.artifact_dir)
    except ArtifactError:
        return said  # no model, or none that could be served: serving says so
    encoders = artifact.settings.get("encoders")
    if encoders:
        used = {name: encoders.get(name) or "" for name in now if name in settings.gnn.features}
        before = {name: used[name].partition("+aligned:")[0] for name in used}
        said += _outdated(f"model {artifact.version}", before, now, "shopgraph train")
    return said


def _outdated(what: str, before: dict[str, str], now: dict[str, str], renew: str) -> list[str]:
    changed = [
        f"{kind} vectors of {before[kind]}, the settings name {now[kind] or 'none'}"
        for kind in before
        if before[kind] and before[kind] != now[kind]
    ]
    return [f"{what} was learned from {' and '.join(changed)}: run {renew}"] if changed else []
