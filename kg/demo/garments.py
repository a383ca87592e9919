"""Outlines of clothes, seen from the front."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from kg.demo.outlines import Part, curve, ellipse, line, mirrored


def dress(rng: Generator) -> list[Part]:
    """A dress, sleeveless or with short sleeves."""
    flare, hem, waist = rng.uniform(0.68, 0.80), rng.uniform(0.80, 0.93), rng.uniform(0.38, 0.44)
    depth = rng.uniform(0.17, 0.23)
    sleeve = [(0.62, 0.12), (0.62, 0.12), (0.59, 0.20), (0.61, 0.28), (0.61, 0.28)]
    if rng.random() < 0.5:
        sleeve = [(0.63, 0.12), (0.72, 0.22), (0.75, 0.29), (0.75, 0.29), (0.66, 0.31)]
        sleeve += [(0.66, 0.31), (0.62, 0.25), (0.62, 0.28)]
    right = [(0.5, depth), (0.55, 0.15), (0.565, 0.11), (0.565, 0.11), *sleeve]
    right += [(0.575, waist), (0.575, waist), (0.5 + (flare - 0.5) * 0.68, 0.62)]
    right += [(flare, hem), (flare, hem), (0.5, hem + 0.025)]
    belt = line(
        (0.424, waist - 0.012), (0.576, waist - 0.012), (0.58, waist + 0.016), (0.42, waist + 0.016)
    )
    folds = [
        Part(
            line(
                (0.5 + side * 0.03, waist + 0.05), (0.5 + side * (flare - 0.5) * 0.55, hem - 0.01)
            ),
            "trim",
            0.004,
        )
        for side in (-1, 1)
    ]
    return [Part(mirrored(right), "body"), *folds, Part(belt, "trim")]


def _top(rng: Generator, *, long: bool, wide: float) -> list[tuple[float, float]]:
    """Right half of a garment for the upper body."""
    length = rng.uniform(0.80, 0.88)
    half = 0.15 + wide
    right = [(0.5, 0.185), (0.555, 0.155), (0.57, 0.13), (0.57, 0.13), (0.65, 0.16)]
    if long:
        right += [(0.72, 0.22), (0.81, 0.46), (0.87, 0.70), (0.87, 0.70), (0.78, 0.735)]
        right += [(0.78, 0.735), (0.71, 0.52), (0.5 + half, 0.37), (0.5 + half, 0.37)]
    else:
        right += [(0.74, 0.22), (0.85, 0.36), (0.85, 0.36), (0.745, 0.425), (0.745, 0.425)]
        right += [(0.69, 0.35), (0.5 + half, 0.36), (0.5 + half, 0.37)]
    right += [(0.5 + half - 0.005, 0.6), (0.5 + half, length), (0.5 + half, length)]
    return [*right, (0.5, length + 0.012)]


def shirt(rng: Generator) -> list[Part]:
    """A shirt with collar and buttons."""
    long = rng.random() < 0.7
    right = _top(rng, long=long, wide=0.03)
    foot = right[-1][1]
    collars = [
        Part(
            np.array(
                [
                    (0.5 + s * x, y)
                    for x, y in [(0, 0.2), (0.055, 0.125), (0.085, 0.145), (0.06, 0.235)]
                ]
            ),
            "trim",
        )
        for s in (-1, 1)
    ]
    buttons = [
        Part(ellipse(0.5, y, 0.0075, 0.0075), "pale") for y in np.linspace(0.26, foot - 0.07, 6)
    ]
    placket = [Part(line((x, 0.21), (x, foot - 0.005)), "trim", 0.0035) for x in (0.478, 0.522)]
    return [Part(mirrored(right), "body"), *placket, *buttons, *collars]


def t_shirt(rng: Generator) -> list[Part]:
    """A short-sleeved round-necked top."""
    right = _top(rng, long=False, wide=rng.uniform(0.025, 0.05))
    neck = curve(
        [(0.43, 0.135), (0.455, 0.18), (0.5, 0.2), (0.545, 0.18), (0.57, 0.135)], closed=False
    )
    seams = [
        Part(line((0.5 + s * 0.345, 0.345), (0.5 + s * 0.237, 0.41)), "trim", 0.004)
        for s in (-1, 1)
    ]
    return [Part(mirrored(right), "body"), Part(neck, "trim", 0.022), *seams]


def jacket(rng: Generator) -> list[Part]:
    """A zipped jacket with pockets."""
    right = _top(rng, long=True, wide=0.055)
    foot = right[-1][1]
    collar = curve(
        [(0.415, 0.16), (0.43, 0.1), (0.5, 0.088), (0.57, 0.1), (0.585, 0.16), (0.5, 0.2)]
    )
    pockets = [
        Part(line((0.5 + s * 0.07, 0.66), (0.5 + s * 0.14, 0.6)), "inside", 0.008) for s in (-1, 1)
    ]
    hem = line(
        (0.302, foot - 0.045),
        (0.698, foot - 0.045),
        (0.704, foot - 0.01),
        (0.5, foot + 0.002),
        (0.296, foot - 0.01),
    )
    cuffs = [
        Part(line((0.5 + s * 0.277, 0.728), (0.5 + s * 0.365, 0.694)), "trim", 0.022)
        for s in (-1, 1)
    ]
    zip_ = Part(line((0.5, 0.13), (0.5, foot - 0.005)), "inside", 0.009)
    return [
        Part(mirrored(right), "body"),
        Part(hem, "trim"),
        *cuffs,
        Part(collar, "trim"),
        zip_,
        *pockets,
    ]


def trousers(rng: Generator) -> list[Part]:
    """Trousers with two straight legs."""
    hem, out = rng.uniform(0.055, 0.085), rng.uniform(0.66, 0.70)
    right = [(0.5, 0.10), (0.625, 0.10), (0.625, 0.10), (0.652, 0.30), (out, 0.60)]
    right += [(out + 0.012, 0.92), (out + 0.012, 0.92), (out - 2 * hem + 0.02, 0.925)]
    right += [(out - 2 * hem + 0.02, 0.925), (0.53, 0.58), (0.503, 0.36), (0.5, 0.36)]
    band = line((0.374, 0.098), (0.626, 0.098), (0.631, 0.14), (0.369, 0.14))
    fly = curve([(0.5, 0.14), (0.5, 0.27), (0.5, 0.36)], closed=False)
    pockets = [
        Part(
            curve(
                [(0.5 + s * 0.07, 0.14), (0.5 + s * 0.085, 0.19), (0.5 + s * 0.138, 0.21)],
                closed=False,
            ),
            "trim",
            0.005,
        )
        for s in (-1, 1)
    ]
    button = Part(ellipse(0.5, 0.119, 0.01, 0.01), "pale")
    return [
        Part(mirrored(right), "body"),
        Part(band, "trim"),
        Part(fly, "trim", 0.005),
        *pockets,
        button,
    ]
