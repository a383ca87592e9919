"""What products are drawn from: outlines in unit coordinates: (0, 0) left top, (1, 1) right bottom.

A product is a list of parts, painted in order. Roles say how a part is painted: ``body`` in
the product's colour, pattern and material; ``trim`` in a darker tone of it; ``shade`` in a
lighter tone; ``inside`` very dark; ``pale`` off-white; ``leg`` wood or metal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Points: TypeAlias = NDArray[np.float64]
Role: TypeAlias = Literal["body", "trim", "shade", "inside", "pale", "leg"]


@dataclass(frozen=True, slots=True)
class Part:
    """A filled outline, or with ``stroke`` > 0 an open line of that width (unit lengths)."""

    outline: Points  # (n, 2)
    role: Role
    stroke: float = 0.0


def curve(points: Sequence[tuple[float, float]], *, closed: bool = True) -> Points:
    """Catmull-Rom spline through ``points``; a point given twice is a corner."""
    knots = np.array(points, dtype=np.float64)
    if closed:
        before, after = np.roll(knots, 1, axis=0), np.roll(knots, -1, axis=0)
    else:
        before, after = np.vstack([knots[:1], knots[:-1]]), np.vstack([knots[1:], knots[-1:]])
    corner = (knots == before).all(axis=1) | (knots == after).all(axis=1)
    tangent = np.where(corner[:, None], 0.0, (after - before) / 2)
    start, end = (knots, after) if closed else (knots[:-1], knots[1:])
    leave = tangent if closed else tangent[:-1]
    arrive = np.roll(tangent, -1, axis=0) if closed else tangent[1:]
    t = np.linspace(0, 1, 9, endpoint=False)[None, :, None]
    spline = (
        (2 * t**3 - 3 * t**2 + 1) * start[:, None]
        + (t**3 - 2 * t**2 + t) * leave[:, None]
        + (3 * t**2 - 2 * t**3) * end[:, None]
        + (t**3 - t**2) * arrive[:, None]
    )
    path: Points = np.vstack([spline.reshape(-1, 2), end[-1:]])
    return path


def mirrored(right: Sequence[tuple[float, float]]) -> Points:
    """A symmetric closed outline from its right half, top centre to bottom centre."""
    left = [(1 - x, y) for x, y in reversed(right)]
    return curve([*right, *left])


def ellipse(x: float, y: float, width: float, height: float) -> Points:
    """Closed outline of an axis-parallel ellipse with the given centre and radii."""
    angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    return np.column_stack([x + width * np.cos(angle), y + height * np.sin(angle)])


def line(*points: tuple[float, float]) -> Points:
    """An open line or a straight-edged outline."""
    return np.array(points, dtype=np.float64)
