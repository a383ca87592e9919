"""Measurements with units in English and Chinese text: 10 x 20 cm, 2 1⁄2 inches, 500毫升.

Units are converted by pint, so that 0.5 L, 500 ml and 500毫升 are one value. Numbers may have
thousands separators, fractions (2 1⁄2, 3/4) and ranges (30-55 in).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from kg.extraction.lexicon import simplified

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\s+\d+[⁄/]\d+|\d+[⁄/]\d+|\d+(?:\.\d+)?|\.\d+)"
_BETWEEN = r"\s*(?:[x×*✕✖]|by)\s*"
_TO = r"\s*(?:-|–|—|~|to|至|到)\s*"
#: How far before a value a word that names its quantity may stand, in characters.
_NEAR = 24
#: More than this many digits are an article number.
_DIGITS = 9
_INNER = re.compile("(?<=\\d)[\\s-]*([A-Za-z\"″”']+|[\u4e00-\u9fff]+)")
_FOLLOWS = re.compile(r"[.\s]*(?:\(\s*)?([A-Za-zø⌀]+|[\u4e00-\u9fff]{1,3})")
_PRECEDES = re.compile(r"(?:\s|of\b|is\b|approx\.?|about\b|约|为|[:：(=])+$")


@dataclass(frozen=True, slots=True)
class Measurement:
    """One value at [start, end) of the text.

    ``quantity`` is what is measured (``capacity``, ``height``); ``magnitudes`` in ``unit``,
    the quantity's own (cm, g, ml, ...): one, or the sides of ``10 x 20 cm``, or both ends of
    a range; ``si`` the same in SI base units (metres, kilograms, cubic metres, bytes as bits).
    """

    quantity: str
    magnitudes: tuple[float, ...]
    unit: str
    si: tuple[float, ...]
    span: tuple[int, int]
    between: str = " x "  # or "-" for a range

    @property
    def value(self) -> str:
        """One spelling whatever the unit written: ``capacity 500 ml``."""
        return f"{self.quantity} {self._amount} {self.unit}"

    @property
    def names(self) -> Mapping[str, str]:
        """Display names by language."""
        spoken = _tables()["names_zh"][self.quantity]
        return {"en": self.value, "zh": f"{spoken} {self._amount} {self.unit}"}

    @property
    def _amount(self) -> str:
        return self.between.join(
            f"{number:.4g}" if number < 1e4 else f"{number:.0f}" for number in self.magnitudes
        )


def measurements(text: str) -> list[Measurement]:
    """Measurements of this product in readable ``text``, by position.

    Left out: values said of something else ("fits laptops up to 15 inches"), and "in" before
    another word, which is a preposition.
    """
    folded = simplified(text)
    found = []
    taken = 0  # a word that named one value does not name the next
    for match in _pattern().finditer(folded):
        if sum(map(str.isdigit, match["numbers"])) > _DIGITS or _is_word(folded, match):
            continue
        parts = [_number(one) for one in re.findall(_NUMBER, match["numbers"])]
        # Sides in several units are no plain size.
        inner = (_factors().get(word) for word in _INNER.findall(match["numbers"]))
        if any(one not in (None, _factors()[match["unit"]]) for one in inner) or None in parts:
            continue
        numbers = [part for part in parts if part is not None]
        ranged = len(numbers) == 2 and not re.search(_BETWEEN, match["numbers"])
        measured, taken = _measured(folded, match, numbers, ranged=ranged, taken=taken)
        if measured is not None:
            found.append(measured)
    return found


def _measured(
    text: str, match: re.Match[str], numbers: list[float], *, ranged: bool, taken: int
) -> tuple[Measurement | None, int]:
    """The value, unless it is another thing's, and where the words that name it end."""
    factor = _factors()[match["unit"]]
    before = text[max(taken, match.start() - 2 * _NEAR, 0) : match.start()]
    before = re.split(r"[.;。；!?！？]\s|\n", before)[-1]
    if _elsewhere(before):
        return None, match.end()
    quantity, end = factor.quantity, match.end()
    if len(numbers) == 1 or ranged:
        quantity, end = _quantity(factor.quantity, before, text, match.end())
    measured = Measurement(
        quantity,
        tuple(number * factor.own for number in numbers),
        _tables()["quantities"][factor.quantity],
        tuple(number * factor.si for number in numbers),
        match.span(),
        "-" if ranged else " x ",
    )
    return measured, end


def _quantity(general: str, before: str, text: str, end: int) -> tuple[str, int]:
    """Named right after the value ("5 cm wide"), else right before it ("width: 5 cm")."""
    words = _tables()["words"]
    follows = _FOLLOWS.match(text, end, end + _NEAR)
    if follows and (name := _named(words, follows[1].casefold())) and _sort(name) == general:
        return name, follows.end()
    last = re.split(r"[,，、;|]|\d", before)[-1].casefold()
    precedes = _PRECEDES.search(last)
    stem = last[: precedes.start()] if precedes else last
    for name, spoken in words.items():
        for word in spoken if _sort(name) == general else ():
            whole = not word.isascii() or not stem[: -len(word)][-1:].isalpha()
            if stem.endswith(word) and whole:
                return name, end
    return general, end


def _named(words: Mapping[str, list[str]], word: str) -> str | None:
    return next((name for name, spoken in words.items() if word in spoken), None)


def _sort(name: str) -> str:
    return {"memory": "storage", "load": "weight"}.get(name, "size")


def _elsewhere(before: str) -> bool:
    cues = _tables()["elsewhere"]
    low = before.casefold()
    return any(
        re.search(rf"(?<![a-z]){re.escape(cue)}(?![a-z])", low) for cue in cues["en"]
    ) or any(cue in low for cue in cues["zh"])


def _is_word(text: str, match: re.Match[str]) -> bool:
    """``in`` before a word that is no quantity is a preposition: "a pack of 3 in red"."""
    follows = _FOLLOWS.match(text, match.end())
    if match["unit"] != "in" or follows is None or "\n" in follows[0]:
        return False
    word = follows[1].casefold()
    return not (word in {"x", "by"} or _named(_tables()["words"], word))


def _number(text: str) -> float | None:
    """3/4, 2 1⁄2, 1,200 and .5 as numbers; None for a fraction of nothing."""
    whole, _, fraction = text.replace(",", "").replace("⁄", "/").rpartition(" ")
    if "/" in fraction:
        above, _, below = fraction.partition("/")
        if not int(below):
            return None
        return (float(whole) if whole.strip() else 0.0) + int(above) / int(below)
    return float(fraction)


@dataclass(frozen=True, slots=True)
class _Factor:
    quantity: str
    own: float  # to the quantity's own unit
    si: float


@cache
def _tables() -> Mapping[str, Any]:
    text = files("kg.extraction").joinpath("lexicon/units.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _pattern() -> re.Pattern[str]:
    units = sorted(
        (one for row in _tables()["units"].values() for one in row), key=len, reverse=True
    )
    bounded = [
        re.escape(one) + (r"(?![A-Za-z0-9])" if one[-1].isalpha() and one.isascii() else "")
        for one in units
    ]
    unit = "|".join(bounded)
    axis = r"(?:[LWHDlwhd]\s*[:：]?\s*)?"
    inner = rf"(?:\s*-?(?:{unit})\.?(?:\s*\(?[LWHDlwhd]\)?)?)?"
    numbers = rf"{_NUMBER}(?:(?:{inner}{_BETWEEN}{axis}{_NUMBER}){{1,2}}|{inner}{_TO}{_NUMBER})?"
    return re.compile(
        rf"(?<![A-Za-z0-9_.,⁄/])(?:[LWHD]\s*[:：]?\s*)?(?P<numbers>{numbers})\s*-?\s*(?P<unit>{unit})"
    )


@cache
def _factors() -> Mapping[str, _Factor]:
    """Unit as written -> its quantity and factors."""
    from pint import UnitRegistry

    registry: Any = UnitRegistry(cache_folder=None)
    own = {name: registry(unit).units for name, unit in _tables()["quantities"].items()}
    found = {}
    for unit, spellings in _tables()["units"].items():
        amount = 1 * registry(unit)
        for quantity, wanted in own.items():
            if amount.dimensionality == wanted.dimensionality:
                factor = _Factor(
                    quantity,
                    float(amount.to(wanted).magnitude),
                    float(amount.to_base_units().magnitude),
                )
                found.update(dict.fromkeys(spellings, factor))
                break
    return found
