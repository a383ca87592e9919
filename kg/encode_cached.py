"""Contents to vectors through the store: what is kept is not encoded again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from kg.encoders.contract import Content, Encoder, FloatMatrix
from kg.errors import DataError
from kg.vectors import VectorStore, content_hash


def encode_cached(
    encoder: Encoder,
    contents: Sequence[Content | None],
    vectors: VectorStore,
    *,
    batch: int = 64,
    on_progress: Callable[[int, int], None] | None = None,
    on_error: Callable[[int, DataError], None] | None = None,
) -> list[str | None]:
    """Content hashes in order, each with a vector in ``vectors``; encodes only what is new.

    None in, or a blank text, gives None out. A content that cannot be read also gives None:
    ``on_error(index, error)`` is told, once for each index; without it the error is raised.
    ``on_progress(done, total)`` counts the new contents; it is called at 0 and after each
    batch, which by then is on disk, so an interrupted run goes on where it stopped.
    """

    def failed(index: int, error: DataError) -> None:
        if on_error is None:
            raise error
        on_error(index, error)

    hashes: list[str | None] = []
    for index, content in enumerate(contents):
        key = None
        if content is not None and (isinstance(content, Path) or content.strip()):
            try:
                key = content_hash(content)
            except DataError as error:
                failed(index, error)
        hashes.append(key)
    known = vectors.known(encoder.name, hashes)
    new: dict[str, Content] = {}
    for key, content in zip(hashes, contents, strict=True):
        if key is not None and content is not None and key not in known:
            new.setdefault(key, content)
    errors: dict[str, DataError] = {}
    if on_progress is not None:
        on_progress(0, len(new))
    keys = list(new)
    for start in range(0, len(keys), batch):
        part = keys[start : start + batch]
        for good, matrix in _encode_parts(encoder, part, new, errors):
            vectors.put(encoder.name, good, matrix)
        if on_progress is not None:
            on_progress(min(start + batch, len(keys)), len(keys))
    for index, key in enumerate(hashes):
        if key in errors:
            failed(index, errors[key])
            hashes[index] = None
    return hashes


def _encode_parts(
    encoder: Encoder,
    keys: list[str],
    contents: Mapping[str, Content],
    errors: dict[str, DataError],
) -> Iterator[tuple[list[str], FloatMatrix]]:
    """Encode ``keys``; where one of them fails, halve until the culprit stands alone."""
    try:
        yield keys, encoder.encode([contents[key] for key in keys])
    except DataError as error:
        if len(keys) == 1:
            errors[keys[0]] = error
            return
        middle = len(keys) // 2
        yield from _encode_parts(encoder, keys[:middle], contents, errors)
        yield from _encode_parts(encoder, keys[middle:], contents, errors)
