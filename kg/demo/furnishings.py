"""Outlines of things for the home."""

from __future__ import annotations

from numpy.random import Generator

from kg.demo.outlines import Part, curve, ellipse, line, mirrored


def lamp(rng: Generator) -> list[Part]:
    """A table lamp: foot, then shade."""
    rim, foot = rng.uniform(0.24, 0.29), rng.uniform(0.10, 0.14)
    top = rng.uniform(0.11, 0.17)
    shade = mirrored(
        [
            (0.5, 0.135),
            (0.5 + top, 0.135),
            (0.5 + top, 0.135),
            (0.5 + rim, 0.50),
            (0.5 + rim, 0.50),
            (0.5, 0.512),
        ]
    )
    belly = rng.uniform(0.035, 0.11)
    base = mirrored(
        [
            (0.5, 0.49),
            (0.515, 0.49),
            (0.522, 0.55),
            (0.5 + belly, 0.68),
            (0.5 + belly * 0.8, 0.78),
            (0.525, 0.83),
            (0.5 + foot, 0.855),
            (0.5 + foot, 0.885),
            (0.5 + foot, 0.885),
            (0.5, 0.892),
        ]
    )
    return [
        Part(base, "leg"),
        Part(shade, "body"),
        Part(line((0.5 - top, 0.137), (0.5 + top, 0.137)), "trim", 0.01),
        Part(curve([(0.5 - rim, 0.5), (0.5, 0.511), (0.5 + rim, 0.5)], closed=False), "trim", 0.01),
    ]


def mug(rng: Generator) -> list[Part]:
    """A mug with its handle on the right."""
    wide, foot = rng.uniform(0.20, 0.24), rng.uniform(0.15, 0.20)
    centre, top = 0.45, rng.uniform(0.25, 0.31)
    body = curve(
        [
            (centre - wide, top),
            (centre - wide, top),
            (centre, top + 0.05),
            (centre + wide, top),
            (centre + wide, top),
            (centre + wide * 0.99, 0.55),
            (centre + foot, 0.775),
            (centre + foot * 0.85, 0.805),
            (centre, 0.82),
            (centre - foot * 0.85, 0.805),
            (centre - foot, 0.775),
            (centre - wide * 0.99, 0.55),
        ]
    )
    handle = curve(
        [
            (centre + wide - 0.02, top + 0.1),
            (centre + wide + 0.11, top + 0.09),
            (centre + wide + 0.15, top + 0.2),
            (centre + wide + 0.09, 0.64),
            (centre + wide - 0.03, 0.675),
        ],
        closed=False,
    )
    return [
        Part(handle, "trim", 0.045),
        Part(body, "body"),
        Part(ellipse(centre, top, wide, 0.052), "shade"),
        Part(ellipse(centre, top + 0.006, wide - 0.018, 0.04), "inside"),
    ]


def chair(rng: Generator) -> list[Part]:
    """A chair from the front."""
    top, wide = rng.uniform(0.10, 0.16), rng.uniform(0.17, 0.2)
    back = mirrored(
        [
            (0.5, top),
            (0.5 + wide * 0.75, top + 0.01),
            (0.5 + wide, top + 0.07),
            (0.5 + wide * 0.93, 0.50),
            (0.5, 0.52),
        ]
    )
    seat = curve(
        [
            (0.5 - wide - 0.01, 0.51),
            (0.5, 0.495),
            (0.5 + wide + 0.01, 0.51),
            (0.5 + wide + 0.07, 0.605),
            (0.5 + wide + 0.045, 0.64),
            (0.5, 0.65),
            (0.5 - wide - 0.045, 0.64),
            (0.5 - wide - 0.07, 0.605),
        ]
    )
    legs = []
    for s in (-1, 1):
        legs.append(
            Part(line((0.5 + s * (wide - 0.03), 0.6), (0.5 + s * (wide - 0.01), 0.87)), "leg", 0.02)
        )
        legs.append(
            Part(
                line((0.5 + s * (wide + 0.035), 0.62), (0.5 + s * (wide + 0.075), 0.92)),
                "leg",
                0.027,
            )
        )
    parts = [*legs, Part(back, "body"), Part(seat, "body")]
    if rng.random() < 0.6:
        parts[4:5] = [Part(back, "body")] + [
            Part(line((0.5 + x, top + 0.06), (0.5 + x * 0.95, 0.46)), "trim", 0.008)
            for x in (-0.09, 0, 0.09)
        ]
    front = curve(
        [(0.5 - wide - 0.068, 0.607), (0.5, 0.617), (0.5 + wide + 0.068, 0.607)], closed=False
    )
    return [*parts, Part(front, "trim", 0.006)]


def cushion(rng: Generator) -> list[Part]:
    """A square cushion with a seam."""
    half, bulge = rng.uniform(0.27, 0.31), rng.uniform(0.012, 0.03)
    corner = half + 0.006
    body = curve(
        [
            (0.5 - corner, 0.5 - corner),
            (0.5 - corner, 0.5 - corner),
            (0.5, 0.5 - half + bulge),
            (0.5 + corner, 0.5 - corner),
            (0.5 + corner, 0.5 - corner),
            (0.5 + half - bulge, 0.5),
            (0.5 + corner, 0.5 + corner),
            (0.5 + corner, 0.5 + corner),
            (0.5, 0.5 + half - bulge),
            (0.5 - corner, 0.5 + corner),
            (0.5 - corner, 0.5 + corner),
            (0.5 - half + bulge, 0.5),
        ]
    )
    return [Part(body, "body"), Part(body, "trim", 0.009)]
