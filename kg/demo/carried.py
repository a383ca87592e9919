"""Outlines of shoes and bags."""

from __future__ import annotations

from numpy.random import Generator

from kg.demo.outlines import Part, curve, ellipse, line, mirrored


def trainers(rng: Generator) -> list[Part]:
    """A shoe from the side."""
    heel = rng.uniform(0.36, 0.43)
    upper = curve(
        [
            (0.1, 0.66),
            (0.1, 0.66),
            (0.105, 0.52),
            (0.13, heel),
            (0.17, heel - 0.03),
            (0.23, heel + 0.035),
            (0.33, heel + 0.03),
            (0.4, heel - 0.02),
            (0.43, heel - 0.02),
            (0.55, 0.475),
            (0.7, 0.55),
            (0.84, 0.585),
            (0.905, 0.635),
            (0.915, 0.68),
            (0.915, 0.68),
        ]
    )
    sole = curve(
        [
            (0.085, 0.65),
            (0.085, 0.65),
            (0.3, 0.672),
            (0.6, 0.675),
            (0.92, 0.655),
            (0.92, 0.655),
            (0.94, 0.7),
            (0.9, 0.745),
            (0.6, 0.755),
            (0.15, 0.755),
            (0.085, 0.73),
        ]
    )
    toe = curve(
        [(0.76, 0.665), (0.755, 0.61), (0.79, 0.578), (0.87, 0.605), (0.912, 0.66), (0.912, 0.667)]
    )
    heel_tab = curve(
        [(0.10, 0.655), (0.105, 0.52), (0.125, heel + 0.01), (0.185, heel + 0.04), (0.2, 0.655)]
    )
    opening = curve(
        [(0.165, heel - 0.012), (0.23, heel + 0.05), (0.33, heel + 0.045), (0.40, heel - 0.003)],
        closed=False,
    )
    laces = [
        Part(line((x, y), (x - 0.035, y + 0.062)), "pale", 0.014)
        for x, y in [(0.45, heel + 0.02), (0.50, 0.458), (0.55, 0.486), (0.60, 0.513)]
    ]
    swoosh = Part(curve([(0.30, 0.63), (0.42, 0.60), (0.52, 0.545)], closed=False), "trim", 0.022)
    return [
        Part(upper, "body"),
        Part(heel_tab, "trim"),
        Part(toe, "trim"),
        swoosh,
        Part(opening, "inside", 0.014),
        *laces,
        Part(sole, "pale"),
        Part(curve([(0.09, 0.742), (0.5, 0.752), (0.915, 0.728)], closed=False), "trim", 0.014),
    ]


def handbag(rng: Generator) -> list[Part]:
    """A bag with one handle, with a flap or without."""
    top, wide = rng.uniform(0.40, 0.46), rng.uniform(0.30, 0.35)
    body = mirrored(
        [
            (0.5, top),
            (0.5 + wide * 0.82, top),
            (0.5 + wide * 0.86, top + 0.015),
            (0.5 + wide, 0.76),
            (0.5 + wide * 0.97, 0.82),
            (0.5 + wide * 0.9, 0.835),
            (0.5, 0.84),
        ]
    )
    reach = rng.uniform(0.15, 0.22)
    handle = curve(
        [
            (0.5 - wide * 0.5, top + 0.03),
            (0.5 - wide * 0.45, top - reach * 0.75),
            (0.5, top - reach),
            (0.5 + wide * 0.45, top - reach * 0.75),
            (0.5 + wide * 0.5, top + 0.03),
        ],
        closed=False,
    )
    parts = [Part(handle, "trim", 0.026), Part(body, "body")]
    if rng.random() < 0.6:
        flap = mirrored(
            [
                (0.5, top),
                (0.5 + wide * 0.84, top),
                (0.5 + wide * 0.88, top + 0.04),
                (0.5 + wide * 0.62, top + 0.15),
                (0.5, top + 0.19),
            ]
        )
        parts.append(Part(flap, "trim"))
        parts.append(Part(ellipse(0.5, top + 0.165, 0.022, 0.02), "leg"))
    else:
        parts.append(
            Part(
                line((0.5 - wide * 0.83, top + 0.05), (0.5 + wide * 0.83, top + 0.05)),
                "trim",
                0.008,
            )
        )
        parts += [
            Part(ellipse(0.5 + s * wide * 0.5, top + 0.045, 0.014, 0.014), "leg") for s in (-1, 1)
        ]
    return parts


def backpack(rng: Generator) -> list[Part]:
    """A rucksack from the front."""
    wide, top = rng.uniform(0.22, 0.26), rng.uniform(0.20, 0.25)
    body = mirrored(
        [
            (0.5, top),
            (0.5 + wide * 0.6, top + 0.012),
            (0.5 + wide * 0.95, top + 0.12),
            (0.5 + wide, 0.6),
            (0.5 + wide, 0.8),
            (0.5 + wide * 0.85, 0.865),
            (0.5, 0.875),
        ]
    )
    pocket = mirrored(
        [
            (0.5, 0.58),
            (0.5 + wide * 0.62, 0.58),
            (0.5 + wide * 0.72, 0.61),
            (0.5 + wide * 0.74, 0.77),
            (0.5 + wide * 0.65, 0.82),
            (0.5, 0.825),
        ]
    )
    handle = curve(
        [
            (0.45, top + 0.02),
            (0.455, top - 0.055),
            (0.5, top - 0.075),
            (0.545, top - 0.055),
            (0.55, top + 0.02),
        ],
        closed=False,
    )
    straps = [
        Part(
            curve(
                [
                    (0.5 + s * wide * 0.8, top + 0.1),
                    (0.5 + s * (wide + 0.055), 0.45),
                    (0.5 + s * (wide + 0.05), 0.7),
                    (0.5 + s * wide * 0.9, 0.82),
                ],
                closed=False,
            ),
            "trim",
            0.03,
        )
        for s in (-1, 1)
    ]
    seam = curve(
        [
            (0.5 - wide * 0.86, 0.5),
            (0.5 - wide * 0.5, top + 0.1),
            (0.5, top + 0.075),
            (0.5 + wide * 0.5, top + 0.1),
            (0.5 + wide * 0.86, 0.5),
        ],
        closed=False,
    )
    return [
        Part(handle, "trim", 0.026),
        *straps,
        Part(body, "body"),
        Part(seam, "trim", 0.007),
        Part(pocket, "trim"),
        Part(line((0.5 - wide * 0.55, 0.62), (0.5 + wide * 0.55, 0.62)), "inside", 0.008),
    ]
