"""Contents of items to vectors: hash them, encode what is new."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from kg.encode_cached import encode_cached
from kg.encoders.contract import Content, Encoder
from kg.errors import DataError
from kg.items import CatalogItem
from kg.rejects import Rejects
from kg.vectors import VectorStore, content_hash

#: (stage, done, total); stages are ``text``, ``image``, ``extract``, ``write``.
Progress: TypeAlias = Callable[[str, int, int], None]


@dataclass(slots=True)
class Encoded:
    """Hashes by item, and how many vectors were made and found."""

    text_hashes: list[str | None]
    image_hashes: list[str | None]
    made: dict[str, int] = field(default_factory=dict)  # encoder name -> vectors
    found: dict[str, int] = field(default_factory=dict)


def item_text(item: CatalogItem) -> str:
    """What the text encoder reads: title and description in the main language."""
    if not item.texts:
        return ""
    text = item.texts[0]
    return ". ".join(part for part in (text.title, text.description) if part)


def encode_texts(
    items: Sequence[CatalogItem],
    encoded: Encoded,
    *,
    vectors: VectorStore | None,
    encoder: Encoder | None,
    on_progress: Progress,
) -> None:
    """Hash the text of each item and encode the new ones; without ``vectors`` only hash."""
    texts: list[Content | None] = [item_text(item) or None for item in items]
    if vectors is None or encoder is None:
        encoded.text_hashes = [None if text is None else content_hash(text) for text in texts]
    else:
        encoded.text_hashes = _encode(
            encoder,
            texts,
            vectors=vectors,
            encoded=encoded,
            on_progress=on_progress,
            on_error=None,
        )


def encode_pictures(
    items: Sequence[CatalogItem],
    encoded: Encoded,
    *,
    vectors: VectorStore | None,
    encoders: Sequence[Encoder],
    rejects: Rejects,
    on_progress: Progress,
) -> None:
    """Hash the main picture of each item and encode the new ones by every encoder.

    A picture that cannot be read is rejected once and leaves its item without one. Without
    ``vectors`` or ``encoders`` pictures are only hashed.
    """
    pictures: list[Content | None] = [item.images[0] if item.images else None for item in items]
    unreadable: set[int] = set()

    def reject(index: int, error: DataError) -> None:
        unreadable.add(index)
        rejects.add(error)

    if vectors is None or not encoders:
        for index, picture in enumerate(pictures):
            if picture is not None:
                try:
                    encoded.image_hashes[index] = content_hash(picture)
                except DataError as error:
                    reject(index, error)
        return
    for encoder in encoders:
        encoded.image_hashes = _encode(
            encoder,
            pictures,
            vectors=vectors,
            encoded=encoded,
            on_progress=on_progress,
            on_error=reject,
        )
        # What one encoder could not open, the next need not try.
        pictures = [None if index in unreadable else pic for index, pic in enumerate(pictures)]


def _encode(
    encoder: Encoder,
    contents: Sequence[Content | None],
    *,
    vectors: VectorStore,
    encoded: Encoded,
    on_progress: Progress,
    on_error: Callable[[int, DataError], None] | None,
) -> list[str | None]:
    before = vectors.count(encoder.name)
    hashes = encode_cached(
        encoder,
        contents,
        vectors,
        on_progress=lambda done, total: on_progress(encoder.modality, done, total),
        on_error=on_error,
    )
    encoded.made[encoder.name] = vectors.count(encoder.name) - before
    distinct = len({key for key in hashes if key is not None})
    encoded.found[encoder.name] = distinct - encoded.made[encoder.name]
    return hashes
