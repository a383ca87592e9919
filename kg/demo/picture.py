"""One product picture: silhouette, colours, pattern, texture, light and shadow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw, ImageFilter

from kg.demo.outlines import Part, Role
from kg.demo.silhouettes import SILHOUETTES
from kg.demo.surfaces import SIZE, Plane, pattern, plane, texture

_SCALE = 3  # outlines are drawn this much larger, then averaged: smooth edges
_Box: TypeAlias = tuple[slice, slice]

_BACKDROPS = ("#f3f1ec", "#eef1f4", "#f6f4f4", "#eef3ef", "#f4efe8", "#f7f7f7", "#e9ecef")
_LEG = {"metal": "#9a9ea6", "glass": "#c9d6d8", "plastic": "#d8d8d6"}
_WOOD = ("#b98552", "#8a5a35", "#d2a874")


@dataclass(frozen=True, slots=True)
class Look:
    """What a picture shows; ``second`` is the pattern's other colour, None when plain."""

    kind: str
    colour: str  # "#rrggbb"
    second: str | None
    pattern: str
    material: str


def draw(look: Look, rng: Generator) -> Image.Image:
    """A SIZE x SIZE RGB picture; the same look and generator state give the same pixels."""
    parts = _placed(SILHOUETTES[look.kind](rng), look.kind, rng)
    main, other = _rgb(look.colour), _rgb(look.second or look.colour)
    share = pattern(look.pattern, rng)[..., None]
    grain = texture(look.material, rng)[..., None]
    body = (main * (1 - share) + other * share) * grain
    wood = _rgb(str(rng.choice(_WOOD))) * texture("wood", rng)[..., None]
    leg = _leg(look, main, wood)
    paints: dict[Role, NDArray[np.float32]] = {
        "body": body,
        "trim": main * 0.80 * grain,
        "shade": np.clip(main * 0.75 + 70, 0, 255) * np.ones_like(body),
        "inside": np.full_like(body, 52.0) + main * 0.12,
        "pale": np.full_like(body, 240.0) * plane([1, 0.99, 0.965]),
        "leg": leg,
    }
    masks = [_mask(part) for part in parts]
    whole = np.zeros((SIZE, SIZE), dtype=np.float32)
    for box, mask in masks:
        whole[box] = np.maximum(whole[box], mask)
    canvas = _backdrop(whole, rng)
    for part, (box, mask) in zip(parts, masks, strict=True):
        lit = paints[part.role][box]
        alpha = mask[..., None]
        if part.stroke == 0:
            full = np.zeros_like(whole)
            full[box] = mask
            lit = lit * _light(full)[box]
        if look.material == "glass" and part.role in ("body", "leg"):
            alpha = alpha * 0.86
        canvas[box] += (lit - canvas[box]) * alpha
    return Image.fromarray(np.clip(canvas, 0, 255).astype(np.uint8), "RGB")


def _rgb(colour: str) -> NDArray[np.float32]:
    return np.array(ImageColor.getrgb(colour)[:3], dtype=np.float32)


def _leg(look: Look, main: NDArray[np.float32], wood: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lamp feet show the material; clasps and chair legs are metal or wood."""
    if look.kind == "table lamp" and look.material == "ceramic":
        return main * 0.9 * np.ones_like(wood)
    if look.kind == "handbag":
        return np.ones_like(wood) * _rgb("#c8a55a")
    return np.ones_like(wood) * _rgb(_LEG[look.material]) if look.material in _LEG else wood


def _placed(parts: Sequence[Part], kind: str, rng: Generator) -> list[Part]:
    """The parts moved, scaled and (for shoes) turned a little."""
    scale, turn = rng.uniform(0.94, 1.06), rng.normal(0, 0.02)
    if kind in ("trainers", "cushion"):
        turn = rng.uniform(-0.10, 0.06)
    move = np.array([0.5, 0.5]) + rng.uniform(-0.025, 0.025, 2)
    flip = -1.0 if kind in ("mug", "trainers") and rng.random() < 0.4 else 1.0
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    return [
        Part(
            ((part.outline - 0.5) * [flip, 1.0]) @ turned.T * scale + move,
            part.role,
            part.stroke * scale,
        )
        for part in parts
    ]


def _mask(part: Part) -> tuple[_Box, Plane]:
    """The box of pixels that a part touches, and its coverage in [0, 1] there, float32."""
    margin = part.stroke / 2 + 1 / SIZE
    corner = np.floor((part.outline.min(0) - margin) * SIZE).clip(0, SIZE - 1).astype(int)
    far = np.ceil((part.outline.max(0) + margin) * SIZE).clip(1, SIZE).astype(int)
    width, height = far - corner
    image = Image.new("L", (int(width) * _SCALE, int(height) * _SCALE))
    points = [(float(x), float(y)) for x, y in (part.outline * SIZE - corner) * _SCALE]
    drawing = ImageDraw.Draw(image)
    if part.stroke > 0:
        across = max(round(part.stroke * SIZE * _SCALE), 2)
        drawing.line(points, fill=255, width=across, joint="curve")
        for x, y in (points[0], points[-1]):
            r = across / 2
            drawing.ellipse((x - r, y - r, x + r, y + r), fill=255)
    else:
        drawing.polygon(points, fill=255)
    box = (slice(int(corner[1]), int(far[1])), slice(int(corner[0]), int(far[0])))
    return box, plane(image.reduce(_SCALE)) / np.float32(255)


def _blurred(mask: Plane, radius: float) -> Plane:
    """Gaussian blur, done at a quarter of the size."""
    small = Image.fromarray((mask * 255).astype(np.uint8)).reduce(4)
    small = small.filter(ImageFilter.GaussianBlur(radius / 4))
    wide = small.resize((SIZE, SIZE), Image.Resampling.BICUBIC)
    return plane(wide) / np.float32(255)


def _light(mask: Plane) -> NDArray[np.float32]:
    """Light from the upper left on a softly rounded body, (SIZE, SIZE, 1) factor around 1."""
    height = _blurred(mask, 12)
    down, right = np.gradient(height)
    light = 1 + 0.9 * np.clip(7 * (right + 1.1 * down), -0.30, 0.16)
    edge = 0.90 + 0.10 * np.clip((height - 0.35) * 2.2, 0, 1)
    return plane((light * edge)[..., None])


def _backdrop(mask: Plane, rng: Generator) -> NDArray[np.float32]:
    """A light studio: tint, soft vignette and the product's own shadow."""
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32) / SIZE
    tint = _rgb(str(rng.choice(_BACKDROPS)))
    centre = rng.uniform(0.35, 0.65)
    light = 1.02 - 0.10 * ((x - centre) ** 2 + (y - 0.4) ** 2)
    shadow = np.zeros_like(mask)
    shadow[9:, 5:] = _blurred(mask, 16)[:-9, :-5] * rng.uniform(0.16, 0.26)
    return plane(tint * (light * (1 - shadow))[..., None])
