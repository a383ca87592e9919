"""Dominant colours of a product's main picture, named in a perceptual space."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kg.extraction.colour_names import NAMES, lab_of, name_indices
from kg.extraction.foreground import Mask, foreground
from kg.extraction.lexicon import load_lexicon
from kg.items import Attribute, CatalogItem, Evidence
from kg.pictures import open_picture

_SIDE = 96  # pixels: colours need no detail
#: Least share of the foreground for the first colour named, and for the ones after it.
_FIRST, _FURTHER = 0.0, 0.12
#: Black and grey are also what shadows look like: as a further colour they need more.
_FURTHER_DARK = 0.27
_MOST = 3


@dataclass(frozen=True, slots=True)
class NamedColour:
    """A colour of a picture: ``share`` of the product's pixels, ``region`` as in Evidence."""

    name: str
    share: float
    region: tuple[float, float, float, float]


class ColourExtractor:
    """One to three colours of ``item.images[0]`` with their share as confidence."""

    name = "colour-lab-1"

    def __init__(self) -> None:
        lexicon = load_lexicon()
        self._family = np.array(
            [NAMES.index(lexicon.root("colour", name)) for name in NAMES], dtype=np.int16
        )
        self._names = {name: dict(lexicon.entities["colour", name].names) for name in NAMES}

    def extract_many(self, items: Iterable[CatalogItem], /) -> list[list[Attribute]]:
        """``extract`` of each item, in order."""
        return [self.extract(item) for item in items]

    def extract(self, item: CatalogItem, /) -> list[Attribute]:
        """Colours by falling share; none without a picture. DataError names a bad picture."""
        if not item.images:
            return []
        return [
            Attribute(
                "colour",
                colour.name,
                round(min(0.3 + 0.65 * colour.share, 0.95), 4),
                Evidence("image", self.name, field="image", region=colour.region),
                self._names[colour.name],
            )
            for colour in self.colours(item.images[0])
        ]

    def colours(self, path: Path) -> list[NamedColour]:
        """Colours of one picture by falling share."""
        picture = open_picture(path, max_side=_SIDE)
        rgb = np.asarray(picture, dtype=np.uint8)
        mask = foreground(lab_of(rgb))
        return self._ranked(name_indices(rgb), mask)

    def _ranked(self, named: NDArray[np.int16], mask: Mask) -> list[NamedColour]:
        """Families of colours by share; each under the name that most of its pixels have."""
        shares = np.bincount(named[mask], minlength=len(NAMES)) / mask.sum()
        families = np.bincount(self._family, weights=shares, minlength=len(NAMES))
        found: list[NamedColour] = []
        for family in np.argsort(-families, kind="stable")[:_MOST]:
            dark = NAMES[int(family)] in ("black", "grey")
            least = _FIRST if not found else _FURTHER_DARK if dark else _FURTHER
            if families[family] <= least:
                continue
            members = np.flatnonzero(self._family == family)
            name = NAMES[int(members[shares[members].argmax()])]
            place = mask & (self._family[named] == family)
            found.append(NamedColour(name, float(families[family]), _region(place)))
        return found


def _region(place: Mask) -> tuple[float, float, float, float]:
    """Box of the middle 96 % of the pixels in each direction, as fractions of the picture."""
    rows, columns = np.nonzero(place)
    height, width = place.shape
    top, bottom = np.percentile(rows, [2, 98])
    left, right = np.percentile(columns, [2, 98])
    box = (left / width, top / height, (right + 1) / width, (bottom + 1) / height)
    return tuple(round(float(min(side, 1.0)), 4) for side in box)  # type: ignore[return-value]
