"""What weights on disk are called: their hash, so that other weights give other vectors."""

from __future__ import annotations

import hashlib
from pathlib import Path


def weights_identity(place: Path) -> str:
    """``<name>@<first 12 of a SHA-256>`` of a file, or of all files below a folder.

    The path itself is no part of it: the same weights elsewhere have the same name. Hidden
    files and folders (``.git``, ``.gitattributes``, download locks) count for nothing.
    """
    digest = hashlib.sha256()
    for path in [place] if place.is_file() else _files(place):
        if path != place:
            digest.update(path.relative_to(place).as_posix().encode() + b"\0")
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return f"{place.resolve().name}@{digest.hexdigest()[:12]}"


def _files(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
