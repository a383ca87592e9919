"""One call from cached vectors to aligned ones: learn, keep the heads, project, store."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kg.encoders.alignment import Alignment
from kg.vectors import VectorStore


@dataclass(frozen=True, slots=True, eq=False)
class AlignedCatalogue:
    """The heads, and the names under which the store has the projected vectors."""

    alignment: Alignment
    image_encoder: str  # ``<encoder>+aligned:<fingerprint>``
    text_encoder: str
    trained: bool  # False where the heads of the same pairs were kept from an earlier run
    path: Path  # of the heads


def align_catalogue(
    image_hashes: Sequence[str | None],
    text_hashes: Sequence[str | None],
    *,
    vectors: VectorStore,
    image_encoder: str,
    text_encoder: str,
    folder: Path,
    seed: int = 0,
) -> AlignedCatalogue:
    """Align the pairs (picture i, text i), whose vectors ``vectors`` has under the encoders.

    A picture with texts in two languages is two pairs. A pair with a None or an unknown hash is
    left out of learning; what it has is projected. The heads are kept in ``folder`` under the
    fingerprint of encoders, pairs and seed: the same catalogue again trains nothing. DataError
    where there are too few pairs to learn from (``alignment_training.LEAST_PAIRS``).
    """
    image, _ = vectors.get(image_encoder, image_hashes)
    text, _ = vectors.get(text_encoder, text_hashes)
    prints = (
        vectors.fingerprint(image_encoder, image_hashes),
        vectors.fingerprint(text_encoder, text_hashes),
    )
    key = hashlib.sha256(f"{prints} {seed}".encode()).hexdigest()[:16]
    path = folder / f"alignment-{key}.npz"
    trained = not path.is_file()
    if trained:
        from kg.encoders.alignment_training import train_alignment

        learned = train_alignment(image, text, seed=seed)
        replace(learned, image_encoder=image_encoder, text_encoder=text_encoder).save(path)
    alignment = Alignment.load(path)
    aligned = f"+aligned:{alignment.fingerprint[:12]}"
    for name, hashes, rows in (
        (image_encoder + aligned, image_hashes, alignment.project_image(image)),
        (text_encoder + aligned, text_hashes, alignment.project_text(text)),
    ):
        first = {content: row for row, content in enumerate(hashes) if content is not None}
        kept = {content: row for content, row in first.items() if rows[row].any()}
        vectors.put(name, list(kept), rows[list(kept.values())])
    return AlignedCatalogue(
        alignment, image_encoder + aligned, text_encoder + aligned, trained, path
    )
