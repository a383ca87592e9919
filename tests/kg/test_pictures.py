"""open_picture: right pixels from honest files, a DataError that names the file from others."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from kg.errors import DataError
from kg.pictures import open_picture, picture_bytes_hash

RED, GREEN = (220, 20, 30), (10, 180, 40)


def saved(picture: Image.Image, path: Path, **options: object) -> Path:
    picture.save(path, **options)
    return path


def pixel(path: Path, at: tuple[int, int] = (0, 0)) -> tuple[int, ...]:
    value = open_picture(path).getpixel(at)
    assert isinstance(value, tuple)
    return value


@pytest.mark.parametrize("suffix", ["png", "bmp", "tiff", "gif", "ppm"])
def test_lossless_formats_keep_their_pixels(tmp_path: Path, suffix: str) -> None:
    picture = Image.new("RGB", (4, 3), RED)
    picture.putpixel((3, 2), GREEN)
    opened = open_picture(saved(picture, tmp_path / f"a.{suffix}"))
    assert (opened.mode, opened.size) == ("RGB", (4, 3))
    assert np.array_equal(np.asarray(opened), np.asarray(picture))


def test_transparent_pixels_lie_on_white(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (3, 1), (*RED, 255))
    picture.putpixel((1, 0), (*RED, 0))
    picture.putpixel((2, 0), (0, 0, 0, 51))  # a fifth of black on white
    path = saved(picture, tmp_path / "a.png")
    assert [pixel(path, (x, 0)) for x in range(3)] == [RED, (255, 255, 255), (204, 204, 204)]


def test_transparent_palette_colour_lies_on_white(tmp_path: Path) -> None:
    picture = Image.new("P", (2, 1), 0)
    picture.putpalette([*RED, *GREEN])
    picture.putpixel((1, 0), 1)
    path = saved(picture, tmp_path / "a.png", transparency=bytes([0, 255]))
    assert (pixel(path), pixel(path, (1, 0))) == ((255, 255, 255), GREEN)


def test_cmyk_becomes_rgb(tmp_path: Path) -> None:
    path = saved(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), tmp_path / "a.tiff")
    assert pixel(path) == (255, 0, 0)


def test_sixteen_bits_are_scaled_not_clipped(tmp_path: Path) -> None:
    levels = np.array([[0, 257 * 100, 65535]], dtype=np.uint16)
    path = saved(Image.fromarray(levels), tmp_path / "a.png")
    assert [pixel(path, (x, 0))[0] for x in range(3)] == [0, 100, 255]


def test_float_tiff_in_unit_range_is_scaled(tmp_path: Path) -> None:
    levels = np.array([[0.0, 0.2, 1.0, np.nan]], dtype=np.float32)
    path = saved(Image.fromarray(levels), tmp_path / "a.tiff")
    assert [pixel(path, (x, 0))[0] for x in range(4)] == [0, 51, 255, 0]


def test_exif_orientation_turns_the_picture_upright(tmp_path: Path) -> None:
    picture = Image.new("RGB", (40, 20), RED)
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter: show rotated clockwise
    opened = open_picture(saved(picture, tmp_path / "a.jpg", exif=exif))
    assert opened.size == (20, 40)


def test_first_frame_of_an_animation(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (5, 5), colour) for colour in (RED, GREEN)]
    path = saved(frames[0], tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert pixel(path) == RED


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_max_side_shrinks_and_never_enlarges(tmp_path: Path, suffix: str) -> None:
    path = saved(Image.new("RGB", (1200, 600), RED), tmp_path / f"a.{suffix}")
    small = open_picture(path, max_side=100)
    assert small.size == (100, 50)
    assert np.abs(np.asarray(small).astype(int) - RED).max() <= 3
    assert open_picture(path, max_side=5000).size == (1200, 600)


def test_draft_decoding_shows_the_same_picture(tmp_path: Path) -> None:
    grid = np.indices((512, 768)).sum(axis=0) // 128 % 2 * 255
    path = saved(Image.fromarray(grid.astype(np.uint8)), tmp_path / "a.jpg", quality=95)
    drafted = np.asarray(open_picture(path, max_side=96), dtype=float)
    whole = open_picture(path).resize((96, 64), Image.Resampling.BOX)
    assert np.abs(drafted - np.asarray(whole, dtype=float)).mean() < 6


def png_declaring(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("side", [8_001, 9_500, 20_000])  # ours, Pillow's warning, its error
def test_a_bomb_is_refused_by_its_declared_size(tmp_path: Path, side: int) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_declaring(side, side))
    with pytest.raises(DataError, match=r"bomb\.png: picture size .* at most 64,000,000 pixels"):
        open_picture(path)


def test_just_under_the_limit_is_not_called_a_bomb(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(png_declaring(8_000, 8_000))
    with pytest.raises(DataError, match="undamaged"):  # it has no pixels, and says that instead
        open_picture(path)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.jpg", tmp_path):
        with pytest.raises(DataError, match="an existing file") as caught:
            open_picture(path)
        assert caught.value.source == str(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"<svg xmlns='http://www.w3.org/2000/svg'/>"],
    ids=["empty", "text", "only a signature", "svg"],
)
def test_what_is_no_picture_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "shirt.jpg"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"shirt\.jpg") as caught:
        open_picture(path)
    assert caught.value.source == str(path)


def test_eps_never_reaches_ghostscript(tmp_path: Path) -> None:
    path = saved(Image.new("RGB", (5, 5), RED), tmp_path / "a.eps")
    with pytest.raises(DataError, match="format not recognised"):
        open_picture(path)


@pytest.mark.parametrize("max_side", [None, 32])
@pytest.mark.parametrize("suffix", ["jpg", "png", "gif", "webp", "tiff"])
def test_a_cut_off_file_is_refused(tmp_path: Path, suffix: str, max_side: int | None) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    path = saved(Image.fromarray(noise), tmp_path / f"a.{suffix}")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(DataError, match="undamaged"):
        open_picture(path, max_side=max_side)


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_damaged_bytes_give_rgb_or_a_data_error(tmp_path: Path, data: st.DataObject) -> None:
    suffix = data.draw(st.sampled_from(["jpg", "png", "gif", "webp", "tiff", "bmp"]))
    original = tmp_path / f"whole.{suffix}"
    if not original.exists():
        noise = np.random.default_rng(1).integers(0, 256, (24, 24, 3), dtype=np.uint8)
        saved(Image.fromarray(noise), original)
    content = bytearray(original.read_bytes())
    places = st.integers(0, min(len(content) - 1, 400))
    for place in data.draw(st.lists(places, min_size=1, max_size=8)):
        content[place] = data.draw(st.integers(0, 255))
    path = tmp_path / f"hurt.{suffix}"
    path.write_bytes(content)
    sources = []
    try:
        assert open_picture(path, max_side=64).mode == "RGB"
    except DataError as error:  # and nothing else
        sources.append(error.source)
    assert sources in ([], [str(path)])


def test_hash_is_of_the_bytes(tmp_path: Path) -> None:
    path = tmp_path / "abc"
    path.write_bytes(b"abc")
    assert picture_bytes_hash(path) == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, B.1
    )
    with pytest.raises(DataError, match="can be read"):
        picture_bytes_hash(tmp_path / "none")
