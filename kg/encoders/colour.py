"""What colours a product has, as a vector: a soft histogram in CIE Lab of its foreground."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kg.encoders.contract import Content, FloatMatrix
from kg.errors import DataError
from kg.items import Modality
from kg.pictures import open_picture

_SIDE = 96
#: Bins of L, a and b and the range they cover; beyond it a colour counts in the last bin.
_BINS = (5, 7, 7)
_LOW = np.array([0.0, -60.0, -60.0])
_HIGH = np.array([100.0, 60.0, 60.0])
#: Lab distance from the border's colour up to which a pixel is background.
_BACKGROUND = 10.0
#: Below this share of foreground the product has the background's colour: all pixels count.
_LEAST_FOREGROUND = 0.02


class ColourHistogram:
    """``colour-histogram``: 245-d (5 x 7 x 7 bins of L, a, b), unit rows, values >= 0.

    A row is the square root of the histogram, so the cosine of two rows is the Bhattacharyya
    coefficient of the two colour distributions. Each pixel is shared linearly between the
    nearest bins: a small change of light is a small change of the vector. Pixels like the
    border's median colour are background and left out.
    """

    name = "colour-histogram"
    modality: Modality = "image"
    dim = _BINS[0] * _BINS[1] * _BINS[2]

    def encode(self, contents: Sequence[Content], /) -> FloatMatrix:
        """(n, 245) float32, unit rows; DataError names a picture that cannot be read."""
        matrix = np.zeros((len(contents), self.dim), dtype=np.float32)
        for row, content in enumerate(contents):
            if not isinstance(content, Path):
                raise DataError(
                    str(content)[:80],
                    column="content",
                    value=content,
                    expected="the path of a picture",
                )
            matrix[row] = np.sqrt(_histogram(_foreground(content)))
        return matrix


def _foreground(path: Path) -> NDArray[np.float64]:
    """(m, 3) Lab values of the pixels that differ from the border's colour."""
    from skimage.color import rgb2lab

    lab = np.asarray(rgb2lab(np.asarray(open_picture(path, max_side=_SIDE))), dtype=np.float64)
    border = np.concatenate([lab[0], lab[-1], lab[:, 0], lab[:, -1]])
    distance = np.linalg.norm(lab - np.median(border, axis=0), axis=2)
    kept = distance > _BACKGROUND
    pixels: NDArray[np.float64] = lab[kept] if kept.mean() >= _LEAST_FOREGROUND else lab
    return pixels.reshape(-1, 3)


def _histogram(lab: NDArray[np.float64]) -> NDArray[np.float64]:
    """(dim,) shares that sum to 1: each pixel trilinearly between eight bins."""
    bins = np.array(_BINS)
    place = np.clip((lab - _LOW) / (_HIGH - _LOW), 0.0, 1.0) * (bins - 1)
    lower = np.minimum(place.astype(np.int64), bins - 2)
    part = place - lower
    total = np.zeros(int(bins.prod()))
    for corner in np.ndindex(2, 2, 2):
        weight = np.where(np.array(corner) == 1, part, 1.0 - part).prod(axis=1)
        index = np.ravel_multi_index(tuple((lower + np.array(corner)).T), _BINS)
        total += np.bincount(index, weights=weight, minlength=len(total))
    return total / len(lab)
