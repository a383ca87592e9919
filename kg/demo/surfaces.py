"""Patterns and material textures of the demo's drawn products, as arrays of SIZE x SIZE.

A pattern is the share in [0, 1] of the second colour at each pixel; a texture is a factor
of brightness around 1. Both come from closed formulas and seeded noise.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

SIZE = 256

Plane: TypeAlias = NDArray[np.float32]


def plane(values: Any) -> Plane:
    """``values`` as float32."""
    return np.asarray(values, dtype=np.float32)


def _grid() -> tuple[Plane, Plane]:
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)
    return x, y


def _soft(distance: Plane, width: float = 1.0) -> Plane:
    """1 inside (distance < 0), 0 outside, with an anti-aliased edge ``width`` pixels wide."""
    return plane(np.clip(0.5 - distance / width, 0, 1))


def pattern(name: str, rng: Generator) -> Plane:
    """Share of the second colour for ``name``; all zero for ``plain``."""
    x, y = _grid()
    if name == "plain":
        return np.zeros_like(x)
    if name == "striped":
        return _stripes(x, y, rng)
    if name == "dotted":
        return _dots(x, y, rng)
    if name == "checked":
        return _checks(x, y, rng)
    if name == "zigzag":
        period = rng.uniform(24, 34)
        wave = np.abs((x + rng.uniform(0, 20)) % 22 - 11)
        return _soft(np.abs((y + wave) % period - period / 2) - period * 0.2, 1.3)
    return _flowers(x, y, rng)


def _stripes(x: Plane, y: Plane, rng: Generator) -> Plane:
    angle = rng.choice([0.0, 0.0, np.pi / 2, np.pi / 4])
    period = rng.uniform(13, 24)
    along = x * np.sin(angle) + y * np.cos(angle) + rng.uniform(0, period)
    return _soft(np.abs(along % period - period / 2) - period * rng.uniform(0.16, 0.26))


def _dots(x: Plane, y: Plane, rng: Generator) -> Plane:
    period = rng.uniform(17, 26)
    row = np.floor(y / period)
    across = (x + (row % 2) * period / 2) % period - period / 2
    return _soft(np.hypot(across, y % period - period / 2) - period * rng.uniform(0.20, 0.28))


def _checks(x: Plane, y: Plane, rng: Generator) -> Plane:
    period = rng.uniform(24, 36)
    bands = [
        0.5 * _soft(np.abs(a % period - period / 2) - period * 0.22)
        + 0.28 * _soft(np.abs((a + period * 0.5) % period - period / 2) - 1.2)
        for a in (x, y)
    ]
    return plane(np.clip(bands[0] + bands[1], 0, 1))


def _flowers(x: Plane, y: Plane, rng: Generator) -> Plane:
    """Five-petalled blossoms on a jittered grid, each with an open heart."""
    share = np.zeros_like(x)
    period = 34
    for row in range(-1, SIZE // period + 2):
        for column in range(-1, SIZE // period + 2):
            cx = (column + 0.5 * (row % 2)) * period + rng.uniform(-6, 6)
            cy = row * period + rng.uniform(-6, 6)
            reach, turn = rng.uniform(9, 13.5), rng.uniform(0, 6.28)
            left, top = int(max(cx - 16, 0)), int(max(cy - 16, 0))
            box = np.s_[top : int(max(cy + 16, 0)), left : int(max(cx + 16, 0))]
            if share[box].size == 0:
                continue
            dx, dy = x[box] - cx, y[box] - cy
            radius = np.hypot(dx, dy)
            petal = reach * (0.62 + 0.38 * np.cos(5 * (np.arctan2(dy, dx) + turn)))
            bloom = _soft(radius - petal) * (1 - _soft(radius - 2.2))
            share[box] = np.maximum(share[box], bloom)
    return share


def texture(material: str, rng: Generator) -> Plane:
    """Brightness of ``material``, shifted at random so that no two products are equal."""
    shift = (int(rng.integers(SIZE)), int(rng.integers(SIZE)))
    fixed = material in ("metal", "glass", "ceramic", "plastic")  # gloss stays in place
    surface = _surface(material)
    return surface if fixed else np.roll(surface, shift, (0, 1))


def _noise(seed: int, sigma: tuple[float, float]) -> Plane:
    """Seeded smooth noise with unit deviation that tiles."""
    raw = np.random.default_rng(seed).standard_normal((SIZE, SIZE)).astype(np.float32)
    smooth = gaussian_filter(raw, sigma, mode="wrap")
    return plane(smooth / smooth.std())


@cache
def _surface(material: str) -> Plane:
    x, y = _grid()
    fine = _noise(1, (0.7, 0.7))
    if material in ("linen", "canvas", "cotton"):
        strength = {"linen": 0.075, "canvas": 0.06, "cotton": 0.018}[material]
        threads = _noise(2, (0.6, 7)) + _noise(3, (7, 0.6))
        return plane(1 + strength * 0.6 * threads + strength * 0.4 * fine)
    if material == "denim":
        twill = np.sin((x + y) * (2 * np.pi / 4))
        return plane(1 + 0.07 * twill + 0.06 * fine + 0.05 * _noise(4, (26, 9)))
    if material == "corduroy":
        return plane(1 + 0.11 * np.sin(x * (2 * np.pi / 8)) + 0.03 * fine)
    if material == "leather":
        grain = np.abs(_noise(5, (2.2, 2.2)))
        return plane(1.05 - 0.10 * np.exp(-grain * 4) + 0.045 * _noise(6, (30, 30)))
    if material in ("suede", "velvet"):
        sheen = _noise(7, (14, 22))
        depth = 0.10 if material == "velvet" else 0.05
        return plane(1 + depth * sheen + 0.035 * fine)
    if material == "wool":
        stitch = np.cos((y + np.abs(x % 8 - 4) * 1.1) * (2 * np.pi / 8))
        return plane(1 + 0.09 * stitch + 0.04 * fine)
    if material == "silk":
        wave = np.sin((x * 0.6 + y * 0.35 + 9 * _noise(8, (30, 30))) * (2 * np.pi / 90))
        return plane(1.03 + 0.10 * wave)
    if material == "mesh":
        row = np.floor(y / 5)
        hole = np.hypot((x + (row % 2) * 3) % 6 - 3, y % 5 - 2.5)
        return plane(1.02 - 0.22 * _soft(hole - 1.3, 1.4))
    if material in ("nylon", "polyester"):
        rip = ((x % 12 < 1) | (y % 12 < 1)).astype(np.float32)
        strength = 0.07 if material == "nylon" else 0.02
        return plane(1 + strength * rip + 0.03 * _noise(9, (20, 12)))
    if material == "wood":
        rings = np.sin((x * 0.9 + 7 * _noise(10, (40, 7))) * (2 * np.pi / 15))
        return plane(1 + 0.09 * rings + 0.035 * _noise(11, (22, 0.8)))
    if material == "rattan":
        weave = np.where(
            (np.floor(x / 9) + np.floor(y / 9)) % 2 == 0,
            np.sin(x % 9 / 9 * np.pi),
            np.sin(y % 9 / 9 * np.pi),
        )
        return plane(0.80 + 0.30 * weave)
    if material == "metal":
        brushed = _noise(12, (0.6, 30))
        gloss = np.exp(-(((x - 96) / 22) ** 2)) * 0.30 - np.exp(-(((x - 158) / 30) ** 2)) * 0.14
        return plane(1 + gloss + 0.025 * brushed)
    strength = {"ceramic": 0.22, "glass": 0.34, "plastic": 0.12}[material]
    gloss = np.exp(-(((x - 92) / 13) ** 2) - ((y - 130) / 90) ** 2)
    return plane(1 + strength * gloss)
