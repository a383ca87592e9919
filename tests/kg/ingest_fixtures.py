"""A small shop for ingest tests, and the same shop ingested by a process that can be killed."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image

from kg.encoders.contract import Content, FloatMatrix
from kg.graph import GraphBatch, GraphStore, WriteSummary
from kg.ingest import IngestSummary, ingest
from kg.ingest_content import Progress
from kg.items import (
    Attribute,
    CatalogItem,
    Evidence,
    Interaction,
    Link,
    LocalText,
    Modality,
    Review,
    User,
)
from kg.pictures import open_picture
from kg.readers import Catalog
from kg.rejects import Rejects
from kg.stores import open_store
from kg.stores.bolt import BoltStore
from kg.vectors import VectorStore


class HashEncoder:
    """A real encoder in small: the same content gives the same unit row, unreadable ones fail."""

    dim = 8

    def __init__(self, modality: Modality) -> None:
        self.name = f"hash-{modality}"
        self.modality: Modality = modality
        self.encoded = 0

    def encode(self, contents: Sequence[Content], /) -> FloatMatrix:
        rows = np.empty((len(contents), self.dim), dtype=np.float32)
        for row, content in zip(rows, contents, strict=True):
            seen = (
                open_picture(content).tobytes() if isinstance(content, Path) else content.encode()
            )
            digest = hashlib.sha256(seen).digest()
            row[:] = np.frombuffer(digest[: self.dim], dtype=np.uint8) + 1.0
        self.encoded += len(contents)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


class WordExtractor:
    """Every word after ``of`` in the title is a material: enough to follow an attribute."""

    name = "words/1"

    def extract(self, item: CatalogItem, /) -> list[Attribute]:
        words = item.title.split()
        return [
            Attribute(
                "material", word, 0.5, Evidence("text", self.name, field="title.en", quote=word)
            )
            for before, word in pairwise(words)
            if before == "of"
        ]


class InterruptedStore:
    """The real store behind it, until Ctrl-C after so many transactions of writing."""

    def __init__(self, store: BoltStore, calls: int) -> None:
        self._store, self._left = store, calls
        self.migrate, self.run, self.identity = store.migrate, store.run, store.identity
        self.snapshot, self.close, self.url = store.snapshot, store.close, store.url

    def write(self, batch: GraphBatch) -> WriteSummary:
        summary = WriteSummary()
        parts = [
            *(GraphBatch(nodes=(row,)) for row in batch.nodes),
            *(GraphBatch(relationships=(row,)) for row in batch.relationships),
            *(GraphBatch(withdrawn=(row,)) for row in batch.withdrawn),
        ]
        for part in parts:
            if self._left == 0:
                raise KeyboardInterrupt
            self._left -= 1
            summary += self._store.write(part)
        return summary


def picture(path: Path, colour: tuple[int, int, int] = (200, 10, 10)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), colour).save(path)
    return path


def shop(folder: Path, *, items: int = 120, users: int = 80, events: int = 3000) -> Catalog:
    """The same shop for the same folder: everything that an ingest can carry."""
    names = [f"i{number:04}" for number in range(items)]
    return Catalog(
        source="test",
        items=tuple(
            CatalogItem(
                id=name,
                texts=(
                    LocalText("en", f"thing {number} of {['oak', 'Linen', 'tin'][number % 3]}"),
                    LocalText("zh", f"东西 {number}"),
                ),
                price=None if number % 7 == 0 else number / 4,
                images=(picture(folder / f"{name}.png", (number % 256, 0, 99)),)
                if number < 10
                else (),
                columns={"brand": (f"Brand {number % 5}",), "scent": ("Rose",)},
                group=f"g{number // 2}" if number < 20 else None,
                links=(Link("related", names[(number + 1) % items]),),
                properties={"stock": number},
            )
            for number, name in enumerate(names)
        ),
        users=tuple(User(f"u{number}", {"age": "30-39"}) for number in range(users)),
        interactions=tuple(
            Interaction(
                f"u{number % users}", names[number * 7 % items], "view", 1.0, float(number), "train"
            )
            for number in range(events)
        ),
        reviews=(Review("r1", "u0", names[0], "good", rating=4.0),),
        kinds=("brand", "scent"),
        rows={"items": items},
    )


def ingest_shop(
    folder: Path, catalog: Catalog, store: GraphStore, *, on_progress: Progress | None = None
) -> IngestSummary:
    """Into ``store``; vectors and journal lie in ``folder``."""
    with VectorStore(folder / "vectors.sqlite") as vectors, Rejects() as rejects:
        return ingest(
            catalog,
            store=store,
            vectors=vectors,
            text_encoder=HashEncoder("text"),
            image_encoder=HashEncoder("image"),
            extractors=[WordExtractor()],
            rejects=rejects,
            journal=folder / "ingest.journal",
            on_progress=on_progress,
        )


def _say(stage: str, done: int, total: int) -> None:
    sys.stdout.write(f"{stage} {done} {total}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    place = Path(sys.argv[1])
    with open_store(f"embedded:{place}/graph") as opened:
        ingest_shop(place, shop(place), opened, on_progress=_say)
