"""Open a shop's pictures safely: whatever the file, either RGB pixels or a DataError naming it."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from kg.errors import DataError

#: Formats that Pillow decodes itself. Others are refused: EPS, for one, starts Ghostscript.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "PPM")
#: A declared size beyond this is refused before a pixel is decoded.
MAX_PIXELS = 64_000_000

_ALPHA_MODES = frozenset({"RGBA", "RGBa", "LA", "La", "PA"})
_WHITE = (255, 255, 255, 255)


def open_picture(path: Path, *, max_side: int | None = None) -> Image.Image:
    """The picture as RGB, upright, on white, first frame; not longer than ``max_side``.

    Transparent pixels are composited on white, CMYK and 16-bit are brought to 8-bit RGB, EXIF
    orientation is applied. ``max_side`` (pixels, longest side) shrinks and never enlarges;
    JPEG is then decoded at a reduced scale, which is several times faster.

    DataError: the file is missing, is no picture of FORMATS, is cut off or damaged, or
    declares more than MAX_PIXELS.
    """
    if not path.is_file():
        raise DataError(str(path), column="picture", value=path.name, expected="an existing file")
    try:
        with Image.open(path, formats=FORMATS) as opened:
            width, height = opened.size
            if width * height > MAX_PIXELS:
                raise _bomb(path, f"{width}x{height}")
            if max_side is not None and max(width, height) > max_side:
                scale = max_side / max(width, height)
                # Only JPEG has a draft mode, others ignore it; the result is never smaller.
                opened.draft(None, (max(1, int(width * scale)), max(1, int(height * scale))))
            opened.load()
            upright = ImageOps.exif_transpose(opened)
            picture = _to_rgb(upright)
    except DataError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _bomb(path, str(error).split(",")[0]) from error
    except Exception as error:
        # Hostile bytes make Pillow's decoders raise nearly anything (OSError, SyntaxError,
        # struct.error, KeyError, ...): to the caller each of them means the same.
        raise DataError(
            str(path),
            column="picture",
            value=f"{path.name} ({type(error).__name__}: {_short(error, path)})",
            expected=f"a whole, undamaged picture ({', '.join(FORMATS)})",
        ) from error
    if max_side is not None and max(picture.size) > max_side:
        picture.thumbnail((max_side, max_side), Image.Resampling.BICUBIC, reducing_gap=3.0)
    return picture


def picture_bytes_hash(path: Path) -> str:
    """SHA-256 (hex) of the file's bytes; DataError where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(
            str(path), column="file", value=path.name, expected="a file that can be read"
        ) from error


def _to_rgb(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I;16"):
        return _from_levels(picture, 65535.0)
    if picture.mode == "I":  # 16 bits in a 32-bit holder, or true 32-bit (TIFF)
        top = int(np.asarray(picture).max(initial=0))
        return _from_levels(picture, 65535.0 if top <= 65535 else 2.0**31 - 1)
    if picture.mode == "F":
        brightest = float(np.nan_to_num(np.asarray(picture)).max(initial=0.0))
        return _from_levels(picture, 1.0 if brightest <= 1.0 else 255.0)
    if picture.mode in _ALPHA_MODES or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        paper = Image.new("RGBA", layer.size, _WHITE)
        return Image.alpha_composite(paper, layer).convert("RGB")
    if picture.mode == "RGB":
        return picture
    return picture.convert("RGB")


def _from_levels(picture: Image.Image, white: float) -> Image.Image:
    """Grey of more than 8 bits: Pillow's own conversion would clip instead of scaling."""
    levels = np.nan_to_num(np.asarray(picture, dtype=np.float64), nan=0.0, posinf=white)
    grey = np.clip(levels * (255.0 / white) + 0.5, 0.0, 255.0).astype(np.uint8)
    return Image.fromarray(grey).convert("RGB")


def _bomb(path: Path, declared: str) -> DataError:
    return DataError(
        str(path),
        column="picture size",
        value=declared,
        expected=f"at most {MAX_PIXELS:,} pixels",
    )


def _short(error: Exception, path: Path) -> str:
    if isinstance(error, UnidentifiedImageError):
        return "format not recognised"
    if isinstance(error, struct.error | KeyError | IndexError):
        return "damaged header"
    return str(error).replace(str(path), path.name)
