"""Brands looked for as written; one brand may have a name in each script.

A catalogue writes such a brand as one string, "Quiet Oak/静橡" or "华为（HUAWEI）". Its value is
the part in Latin letters, so that both languages give one entity.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from kg.extraction.lexicon import Canonical, brand_entity


class BrandNames:
    """Brand names as whole words, longer ones first."""

    def __init__(self, names: Iterable[str]) -> None:
        self._brands: dict[str, Canonical] = {}
        for name in names:
            brand = brand_entity(name)
            for spoken in (name, *brand.names.values()):
                if spoken.strip():
                    self._brands[unicodedata.normalize("NFKC", spoken)] = brand
        ordered = sorted(self._brands, key=lambda one: (-len(one), one))
        parts = [
            rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])"
            if name.isascii()
            else re.escape(name)
            for name in ordered
        ]
        self._pattern = re.compile("|".join(parts)) if parts else None

    def find(self, text: str) -> Iterator[tuple[Canonical, tuple[int, int]]]:
        """Brands and their spans in readable ``text``, by position."""
        for match in self._pattern.finditer(text) if self._pattern else ():
            yield self._brands[match[0]], match.span()
