"""Separate a product from the studio behind it, by a model of the picture's border."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from kg.extraction.colour_names import Lab

Mask: TypeAlias = NDArray[np.bool_]

#: Share of the picture below which what was found cannot be the product.
_LEAST = 0.03
#: A border that varies more than this (median Lab distance) is a scene, not a studio.
_BUSY = 14.0


def foreground(lab: Lab) -> Mask:
    """(height, width) True on the product of ``lab`` (height, width, 3).

    The background is a plane in each Lab channel fitted to the border, and what hangs
    together with the border and is near it, or is a smooth neutral step away (shadow). Where
    the border is a scene, or nothing stands out (white on white), the middle is taken.
    """
    height, width = lab.shape[:2]
    border = _border(height, width)
    plane = _fitted_plane(lab, border)
    distance = np.linalg.norm((lab - plane) * np.array([0.8, 1, 1], dtype=np.float32), axis=-1)
    spread = float(np.median(distance[border]))
    if spread > _BUSY:
        return _middle(height, width)
    near = distance < max(4.5, 3.5 * spread)
    shadow = _smooth(lab[..., 0]) & (np.abs(lab - plane)[..., 1:].max(axis=-1) < 4)
    shadow &= (lab[..., 0] > 50) & (lab[..., 0] < plane[..., 0] + 2)
    labels, _ = ndimage.label(near | shadow)
    outside = np.unique(labels[border])
    background = np.isin(labels, outside[outside > 0])
    found = ndimage.binary_opening(~background) if min(height, width) > 8 else ~background
    return found if found.mean() >= _LEAST else _middle(height, width)


def _border(height: int, width: int) -> Mask:
    ring = np.ones((height, width), dtype=bool)
    edge = max(1, min(height, width) // 32)
    ring[edge : height - edge, edge : width - edge] = False
    return ring


def _middle(height: int, width: int) -> Mask:
    """The inner half in each direction; never empty."""
    mask = np.zeros((height, width), dtype=bool)
    mask[height // 4 : height - height // 4, width // 4 : width - width // 4] = True
    return mask


def _fitted_plane(lab: Lab, border: Mask) -> Lab:
    """Background predicted at every pixel: least squares on the border, outliers left out once."""
    height, width = lab.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    columns = np.stack([np.ones_like(x), x / width, y / height], axis=-1)
    design, seen = columns[border], lab[border]
    centre = np.median(seen, axis=0)
    off = np.linalg.norm(seen - centre, axis=1)
    kept = off <= max(12.0, 2.5 * float(np.median(off)))
    solution = np.linalg.lstsq(design[kept], seen[kept], rcond=None)[0]
    return np.asarray(columns @ solution, dtype=np.float32)


def _smooth(lightness: NDArray[np.float32]) -> Mask:
    """True where lightness changes slowly: shadows do, edges of products do not."""
    down = ndimage.sobel(lightness, axis=0) / 8
    right = ndimage.sobel(lightness, axis=1) / 8
    return np.asarray(np.hypot(down, right) < 1.6)
