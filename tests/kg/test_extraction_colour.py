"""Colours from pixels: squares and discs whose answer is known, and hostile files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from kg.errors import DataError
from kg.extraction.colour import ColourExtractor
from kg.items import CatalogItem, LocalText


@pytest.fixture(scope="module")
def extractor() -> ColourExtractor:
    return ColourExtractor()


def disc(colour: str, *, ground: str = "#f2f2f0", size: int = 128) -> Image.Image:
    picture = Image.new("RGB", (size, size), ground)
    ImageDraw.Draw(picture).ellipse((size // 4, size // 4, 3 * size // 4, 3 * size // 4), colour)
    return picture


def names(extractor: ColourExtractor, picture: Image.Image, path: Path) -> list[str]:
    picture.save(path)
    return [colour.name for colour in extractor.colours(path)]


@pytest.mark.parametrize(
    ("colour", "name"),
    [
        ("#c8202c", "red"),
        ("#000000", "black"),
        ("#222d55", "navy"),
        ("#2f7f42", "green"),
        ("#f5dc4e", "yellow"),
        ("#e8812c", "orange"),
        ("#6f4a2f", "brown"),
        ("#e58bac", "pink"),
        ("#9cc4e6", "light blue"),
        ("#808080", "grey"),
        ("#6d1a2e", "burgundy"),
    ],
)
def test_a_disc_on_a_light_ground_is_named_and_the_ground_is_not(
    extractor: ColourExtractor, tmp_path: Path, colour: str, name: str
) -> None:
    assert names(extractor, disc(colour), tmp_path / "disc.png") == [name]


def test_a_gradient_behind_the_product_is_background(
    extractor: ColourExtractor, tmp_path: Path
) -> None:
    ramp = np.linspace(250, 120, 128)[:, None, None] * np.ones((1, 128, 3))
    picture = Image.fromarray(ramp.astype(np.uint8))
    ImageDraw.Draw(picture).rectangle((40, 40, 88, 88), "#2f7f42")
    assert names(extractor, picture, tmp_path / "ramp.png") == ["green"]


def test_before_a_scene_the_middle_of_the_picture_is_taken(
    extractor: ColourExtractor, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    scene = rng.integers(0, 256, (128, 128, 3), dtype=np.uint8)
    scene[32:96, 32:96] = (0xC8, 0x20, 0x2C)
    picture = Image.fromarray(scene).resize((96, 96), Image.Resampling.NEAREST)
    assert names(extractor, picture, tmp_path / "scene.png") == ["red"]


def test_white_on_white_and_a_dark_ground(extractor: ColourExtractor, tmp_path: Path) -> None:
    assert names(extractor, disc("#ffffff", ground="#ffffff"), tmp_path / "w.png") == ["white"]
    assert names(extractor, disc("#c8202c", ground="#111111"), tmp_path / "d.png") == ["red"]


def test_two_colours_come_by_share_with_their_regions(
    extractor: ColourExtractor, tmp_path: Path
) -> None:
    picture = Image.new("RGB", (100, 100), "#f2f2f0")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((20, 20, 79, 59), "#c8202c")  # two thirds
    draw.rectangle((20, 60, 79, 79), "#2452b8")
    picture.save(tmp_path / "two.png")
    red, blue = extractor.colours(tmp_path / "two.png")
    assert (red.name, blue.name) == ("red", "blue")
    assert red.share == pytest.approx(2 / 3, abs=0.03)
    assert blue.share == pytest.approx(1 / 3, abs=0.03)
    assert blue.region == pytest.approx((0.2, 0.6, 0.8, 0.8), abs=0.03)


def test_the_attribute_carries_share_names_and_region(
    extractor: ColourExtractor, tmp_path: Path
) -> None:
    disc("#c8202c").save(tmp_path / "red.png")
    item = CatalogItem("x", (LocalText("en", "Mug"),), images=(tmp_path / "red.png",))
    (red,) = extractor.extract(item)
    assert (red.name, red.value, red.names["zh"]) == ("colour", "red", "红色")
    assert 0.9 < red.confidence <= 0.95  # all of the product but its soft rim
    assert red.evidence.modality == "image"
    assert red.evidence.extractor == extractor.name
    assert red.evidence.region == pytest.approx((0.25, 0.25, 0.75, 0.75), abs=0.03)
    assert extractor.extract(CatalogItem("y", ())) == []
    assert extractor.extract_many([item, item]) == [[red], [red]]


def test_odd_but_valid_pictures(extractor: ColourExtractor, tmp_path: Path) -> None:
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))  # transparent black is white paper
    ImageDraw.Draw(clear).rectangle((16, 16, 47, 47), (47, 127, 66, 255))
    assert names(extractor, clear, tmp_path / "clear.png") == ["green"]
    cmyk = disc("#c8202c").convert("CMYK")
    assert names(extractor, cmyk, tmp_path / "cmyk.jpg") == ["red"]
    assert names(extractor, Image.new("RGB", (1, 1), "#000000"), tmp_path / "dot.png") == ["black"]
    assert names(extractor, Image.new("RGB", (300, 1), "#c8202c"), tmp_path / "row.png") == ["red"]
    frames = [disc("#c8202c"), disc("#2452b8")]
    frames[0].save(tmp_path / "two.gif", save_all=True, append_images=frames[1:])
    assert extractor.colours(tmp_path / "two.gif")[0].name == "red"


@pytest.mark.parametrize("content", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + b"\x00" * 40])
def test_a_damaged_picture_is_an_error_that_names_it(
    extractor: ColourExtractor, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "damaged.png"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"damaged\.png"):
        extractor.colours(path)


def test_a_missing_picture_is_an_error_that_names_it(
    extractor: ColourExtractor, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=r"gone\.jpg"):
        extractor.colours(tmp_path / "gone.jpg")
