"""Pictures that a catalogue names: only those that exist, inside its folder."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from kg.readers.rows import TableRow
from kg.rejects import Rejects

#: Suffixes looked for in a folder of pictures named by item id.
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"})


def named_pictures(
    names: Iterable[str], folder: Path, row: TableRow, *, column: str, rejects: Rejects
) -> tuple[Path, ...]:
    """Absolute paths of ``names`` below ``folder``; one that cannot be used is rejected alone.

    The item itself goes in without it. A path that leaves the folder is refused: the service
    hands pictures out.
    """
    root = Path(os.path.abspath(folder))
    found: dict[Path, None] = {}
    for name in names:
        path = Path(os.path.normpath(root / name))
        if not path.is_relative_to(root):
            rejects.add(row.error(column, name, "a picture inside the catalogue's folder"))
        elif "\x00" in name or not path.is_file():
            rejects.add(row.error(column, name, "an existing picture"))
        else:
            found[path] = None
    return tuple(found)


def folder_pictures(folder: Path) -> Mapping[str, tuple[Path, ...]]:
    """Item id -> absolute paths of ``<id>.jpg``, ``<id>_1.png``, ... in ``folder``, in order.

    ``<id>.*`` comes before numbered ones, those by number.
    """
    root = Path(os.path.abspath(folder))
    found: dict[str, list[tuple[int, str, Path]]] = {}
    for path in root.iterdir():
        if path.suffix.lower() not in SUFFIXES:
            continue
        found.setdefault(path.stem, []).append((-1, path.name, path))
        numbered = re.fullmatch(r"(.+)_(\d+)", path.stem)
        if numbered:
            found.setdefault(numbered[1], []).append((int(numbered[2]), path.name, path))
    return {item: tuple(path for *_, path in sorted(paths)) for item, paths in found.items()}
