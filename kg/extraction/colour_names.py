"""Names of colours by their place in CIELAB: reference points for the lexicon's values.

Several references a name, because a name covers a region and not a point. The nearest one
by CIEDE2000 (Sharma, Wu and Dalal 2005) gives the name.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import ImageColor
from skimage.color import deltaE_ciede2000, rgb2lab

Lab: TypeAlias = NDArray[np.float32]

REFERENCES: dict[str, tuple[str, ...]] = {
    "black": ("#000000", "#1c1c1e", "#2b2b2d", "#201d1c", "#363638"),
    "dark grey": ("#4e4f51", "#5a5c60"),
    "grey": ("#808080", "#8f9296", "#77787c", "#9a9a98"),
    "light grey": ("#bdbec1", "#b0b1b5"),
    "white": ("#ffffff", "#f4f4f2", "#eaeaea", "#dddee1"),
    "off white": ("#f3ecdc", "#efe6d2", "#f7f1e3"),
    "beige": ("#d9c7a8", "#cdb994", "#e0cdb2", "#c7b299", "#d6c3b1", "#bfae98", "#c2a782"),
    "tan": ("#b98a56", "#ab7f52"),
    "brown": ("#6f4a2f", "#5b3a24", "#7d5439", "#4a3022", "#8a6242", "#94603a"),
    "red": ("#c8202c", "#d5343a", "#b01e28", "#e03a3a", "#a8252f"),
    "burgundy": ("#6d1a2e", "#5a1a28", "#7d2438", "#4c1220"),
    "rust": ("#a8492a", "#b4552f"),
    "orange": ("#e8812c", "#f08c2e", "#d9731f", "#f2a04a", "#ff7a1c"),
    "peach": ("#f5c4a2", "#f2b591"),
    "coral": ("#ee7a68", "#f08a78"),
    "yellow": ("#efcb3f", "#f5dc4e", "#f7e463", "#e3bd35", "#f8ef9a"),
    "mustard": ("#bf9028", "#b08423"),
    "olive": ("#6c6c3c", "#5c5f36", "#7c7a4a", "#505230"),
    "lime green": ("#b6d63c", "#c8e24a"),
    "green": ("#3f9050", "#2f7f42", "#57a866", "#46a05a", "#2a9a4a"),
    "dark green": ("#1f4630", "#23392b", "#2c5240"),
    "mint": ("#b5dcc4", "#a4cdb2", "#9fb8a0"),
    "turquoise": ("#33b0b0", "#2a9b9e", "#56c2c0", "#1f8088", "#8ad6d4"),
    "light blue": ("#9cc4e6", "#b6d4ee", "#86b4dc", "#a9c0d6", "#c5d9ea"),
    "blue": ("#3570c0", "#2a5cae", "#4a84d0", "#2452b8", "#4c74a4", "#5a8cc8"),
    "navy": ("#222d55", "#1a2140", "#2c3a64", "#1d2433", "#2e3a52"),
    "purple": ("#74479e", "#61378a", "#8a5ab2", "#4c2c64"),
    "lilac": ("#c3a9d8", "#b49aca", "#d2c0e2"),
    "pink": ("#e58bac", "#ea9cb8", "#de7ba0", "#f0a8c0"),
    "hot pink": ("#d4246e", "#e23a86", "#c02a72"),
    "light pink": ("#f4cfd8", "#f0dada", "#ecc6cc", "#e6c4c0"),
}
NAMES = tuple(REFERENCES)
#: Width of a cell of the name table, in steps of 8-bit RGB.
_STEP = 8


@cache
def name_table() -> NDArray[np.int16]:
    """(32, 32, 32) index into NAMES of the colour name of RGB // 8."""
    side = np.arange(_STEP // 2, 256, _STEP)
    rgb = np.stack(np.meshgrid(side, side, side, indexing="ij"), axis=-1) / 255
    lab = rgb2lab(rgb).reshape(-1, 1, 3)
    points, owner = [], []
    for index, codes in enumerate(REFERENCES.values()):
        for code in codes:
            points.append(np.array(ImageColor.getrgb(code)[:3]) / 255)
            owner.append(index)
    references = rgb2lab(np.array(points)[None]).reshape(1, -1, 3)
    nearest = np.empty(len(lab), dtype=np.int64)
    for start in range(0, len(lab), 4096):  # the whole distance table would take 25 MB and more
        part = lab[start : start + 4096]
        nearest[start : start + 4096] = _difference(part, references).argmin(axis=1)
    table = np.array(owner, dtype=np.int16)[nearest]
    return table.reshape(len(side), len(side), len(side))


def _difference(one: Any, other: Any) -> Any:
    # skimage has no annotation for this one function.
    return deltaE_ciede2000(one, other)  # type: ignore[no-untyped-call]


def name_indices(rgb: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Index into NAMES for each pixel of ``rgb`` (..., 3)."""
    cell = rgb // _STEP
    named: NDArray[np.int16] = name_table()[cell[..., 0], cell[..., 1], cell[..., 2]]
    return named


def lab_of(rgb: NDArray[np.uint8]) -> Lab:
    """CIELAB (D65) of sRGB pixels, (..., 3) float32; L in [0, 100]."""
    return np.asarray(rgb2lab(rgb), dtype=np.float32)
