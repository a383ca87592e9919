"""Kind of product -> its outline; each call draws a slightly different one."""

from __future__ import annotations

from collections.abc import Callable

from numpy.random import Generator

from kg.demo import carried, furnishings, garments
from kg.demo.outlines import Part

SILHOUETTES: dict[str, Callable[[Generator], list[Part]]] = {
    "dress": garments.dress,
    "shirt": garments.shirt,
    "t-shirt": garments.t_shirt,
    "trousers": garments.trousers,
    "jacket": garments.jacket,
    "trainers": carried.trainers,
    "handbag": carried.handbag,
    "backpack": carried.backpack,
    "table lamp": furnishings.lamp,
    "mug": furnishings.mug,
    "chair": furnishings.chair,
    "cushion": furnishings.cushion,
}
