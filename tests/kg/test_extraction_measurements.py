"""Measurements in two languages, worked out by hand, and what only looks like one."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.extraction.measurements import measurements
from kg.extraction.plain_text import readable


def values(text: str) -> list[str]:
    return [one.value for one in measurements(readable(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("350 ml", ["capacity 350 ml"]),
        ("0.35 L", ["capacity 350 ml"]),
        ("350毫升", ["capacity 350 ml"]),
        ("３５０ｍｌ", ["capacity 350 ml"]),
        ("16 fl oz", ["capacity 473.2 ml"]),  # 16 * 29.5735
        ("1,200 g", ["weight 1200 g"]),
        ("净重1.2公斤", ["weight 1200 g"]),
        ("2斤装", ["weight 1000 g"]),
        ("3 lbs", ["weight 1361 g"]),  # 3 * 453.592
        ("12 cm tall", ["height 12 cm"]),
        ("高12厘米", ["height 12 cm"]),
        ("高12釐米", ["height 12 cm"]),
        ("height: 120 mm, width: 5 cm", ["height 12 cm", "width 5 cm"]),
        ("20寸行李箱", ["size 50.8 cm"]),
        ("2½ inches wide", ["width 6.35 cm"]),
        ("3/4 inch", ["size 1.905 cm"]),
        ("10 x 20 cm", ["size 10 x 20 cm"]),
        ("10cm×20cm×5cm", ["size 10 x 20 x 5 cm"]),
        ("L10 x W20 x H30 cm", ["size 10 x 20 x 30 cm"]),
        ('From 30" to 55"', ["size 76.2-139.7 cm"]),
        ("30-55 in. long", ["length 76.2-139.7 cm"]),
        ("8 GB RAM, 256GB", ["memory 8 GB", "storage 256 GB"]),
        ("5000mAh, 45W, 230 V, 60Hz", ["battery 5000 mAh", "power 45 W", "voltage 230 V",
                                       "frequency 60 Hz"]),
        ("4'' inseam", ["inseam 10.16 cm"]),
    ],
)  # fmt: skip
def test_units_are_converted(text: str, expected: list[str]) -> None:
    assert values(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Pack of 3 in red",
        "size XL, 5G, 4K",
        "model B-200g7",
        "1/0 cm",
        "Fits laptops up to 15 inches",
        "适合15寸电脑",
        "1234567890 g",
        "5 ft x 20 cm",  # sides in two units are no plain size
        "",
    ],
)
def test_what_only_looks_like_a_measurement(text: str) -> None:
    assert values(text) == []


def test_si_values_and_spans() -> None:
    text = "Mug, 350 ml, 12 cm tall"
    capacity, height = measurements(text)
    assert text[slice(*capacity.span)] == "350 ml"
    assert capacity.si == pytest.approx((0.00035,))  # cubic metres
    assert height.si == pytest.approx((0.12,))  # metres
    assert height.magnitudes == pytest.approx((12.0,))
    assert height.names == {"en": "height 12 cm", "zh": "高 12 cm"}


@given(
    st.integers(1, 9999),
    st.sampled_from(
        [("ml", "L", 1000), ("g", "kg", 1000), ("mm", "m", 1000), ("毫升", "升", 1000)]
    ),
)
def test_one_value_whatever_its_unit(number: int, units: tuple[str, str, int]) -> None:
    small, large, ratio = units
    assert values(f"{number} {small}") == values(f"{number / ratio:.3f} {large}") != []


@pytest.mark.parametrize("part", ["5 cm ", "1", "10 x ", "1/", "1,", "1 ", "- ", "5 - "])
def test_a_hundred_kilobytes_of_numbers_take_less_than_two_seconds(part: str) -> None:
    begin = time.process_time()
    measurements(part * (100_000 // len(part)))
    assert time.process_time() - begin < 2
