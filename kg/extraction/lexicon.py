"""The shop lexicon: which words of English and Chinese mean which entity.

Data lives in ``lexicon/*.toml`` beside this file: ``[kind]`` tables of
``value = { zh = [name, words...], en = [words...], broader = value, implies = ["kind:value"] }``.
The value itself is an English word for itself. From these words plural, hyphenated, American
and shaded forms ("light X", 浅X) are made here, so that the data stays short.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from kg.errors import ConfigError

#: Files of the folder that hold no entities.
_NO_ENTITIES = frozenset({"cues.toml", "units.toml"})
_HAN = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Canonical:
    """One entity of the lexicon; ``value`` is the same for every language."""

    kind: str
    value: str
    names: Mapping[str, str]  # language -> display name
    broader: str | None = None  # value of the same kind
    implies: tuple[tuple[str, str], ...] = ()  # (kind, value)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Entities by (kind, value), and by language the words that mean them."""

    entities: Mapping[tuple[str, str], Canonical]
    english: Mapping[str, tuple[Canonical, ...]]  # lower case
    chinese: Mapping[str, tuple[Canonical, ...]]  # simplified, lower case

    def root(self, kind: str, value: str) -> str:
        """The widest value above ``value``: navy -> blue; ``value`` itself when unknown."""
        while (entity := self.entities.get((kind, value))) and entity.broader:
            value = entity.broader
        return value


def canonical(kind: str, value: str) -> Canonical | None:
    """What the lexicon knows of a column's ``value``; None where it knows nothing.

    Case, full-width letters, traditional characters, trade marks, percentages and plurals do
    not matter: ``("material", "100% COTTON")`` and ``("material", "純棉")`` are cotton.
    A brand is known where it is written in two scripts.
    """
    if kind == "brand":
        brand = brand_entity(value)
        return brand if len(brand.names) > 1 else None
    lexicon = load_lexicon()
    plain = unicodedata.normalize("NFKC", re.sub("[®™©]", "", value)).casefold()
    plain = " ".join(re.sub(r"\d+(\.\d+)?\s*%", " ", plain).split())
    for form in (plain, plain.replace("-", " "), simplified(plain)):
        for entity in (*lexicon.english.get(form, ()), *lexicon.chinese.get(form, ())):
            if entity.kind == kind:
                return entity
    return None


def brand_entity(name: str) -> Canonical:
    """``"Quiet Oak/静橡"`` and ``"静橡（Quiet Oak）"`` are Quiet Oak, called 静橡 in Chinese.

    The Latin name is the value, so that texts in both languages give one entity.
    """
    plain = unicodedata.normalize("NFKC", name)
    parts = [part for part in re.split(r"\s*[/|()]\s*", plain) if part]
    latin = [part for part in parts if not _HAN.search(part)]
    han = [part for part in parts if _HAN.search(part)]
    if len(latin) == 1 and len(han) == 1:
        return Canonical("brand", latin[0], {"en": latin[0], "zh": han[0]})
    return Canonical("brand", name, {"zh" if _HAN.search(name) else "en": name})


def simplified(text: str) -> str:
    """Traditional Chinese characters as simplified ones; the length never changes."""
    if not _HAN.search(text):
        return text
    convert = _converter()
    converted = convert(text)
    if len(converted) == len(text):
        return converted
    # A phrase rule changed the length: character by character keeps every position.
    single = (convert(character) for character in text)
    return "".join(new if len(new) == 1 else old for old, new in zip(text, single, strict=True))


@cache
def _converter() -> Callable[[str], str]:
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


@cache
def load_lexicon() -> Lexicon:
    """The built-in lexicon. ConfigError names a broader or implied value that is not in it."""
    entities: dict[tuple[str, str], Canonical] = {}
    english: dict[str, list[Canonical]] = {}
    chinese: dict[str, list[Canonical]] = {}
    for kind, value, row in _rows():
        words_zh = row.get("zh", ())
        names = {"en": value} | ({"zh": words_zh[0]} if words_zh else {})
        implies = tuple(_pair(one) for one in row.get("implies", ()))
        entity = Canonical(kind, value, names, row.get("broader"), implies)
        entities[kind, value] = entity
        for word in (value, *row.get("en", ())):
            for form in _english_forms(word, plural=kind == "category"):
                english.setdefault(form, []).append(entity)
        for word in words_zh:
            chinese.setdefault(word.lower(), []).append(entity)
    for entity in list(entities.values()):
        wider = [(entity.kind, entity.broader)] if entity.broader else []
        for pair in (*wider, *entity.implies):
            if pair not in entities:
                raise ConfigError(f"lexicon: {entity.kind} {entity.value!r}: no {':'.join(pair)}")
    return Lexicon(
        entities,
        {form: _distinct(found) for form, found in english.items()},
        {form: _distinct(found) for form, found in chinese.items()},
    )


@cache
def load_cues() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """``lexicon/cues.toml``: section -> name -> words."""
    text = files("kg.extraction").joinpath("lexicon/cues.toml").read_text(encoding="utf-8")
    return {
        section: {name: tuple(words) for name, words in table.items()}
        for section, table in tomllib.loads(text).items()
    }


def _distinct(found: Iterable[Canonical]) -> tuple[Canonical, ...]:
    return tuple({(entity.kind, entity.value): entity for entity in found}.values())


def _pair(text: str) -> tuple[str, str]:
    kind, _, value = text.partition(":")
    return kind, value


def _rows() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """(kind, value, row) of every file, shaded colours after those written out."""
    folder = files("kg.extraction").joinpath("lexicon")
    written: dict[tuple[str, str], Mapping[str, Any]] = {}
    for path in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if path.name.endswith(".toml") and path.name not in _NO_ENTITIES:
            for kind, table in tomllib.loads(path.read_text(encoding="utf-8")).items():
                written |= {(kind, value): row for value, row in table.items()}
    for (kind, value), row in written.items():
        yield kind, value, row
    taken = {word for (kind, value), row in written.items() for word in (value, *row.get("en", ()))}
    for (kind, value), row in written.items():
        for tone, others, prefix in _SHADES if row.get("shades") else ():
            if f"{tone} {value}" not in taken:
                name = row["zh"][0]
                en = [f"{other} {value}" for other in others]
                zh = [f"{mark}{name}" for mark in prefix]
                yield kind, f"{tone} {value}", {"zh": zh, "en": en, "broader": value}
        if row.get("shades"):
            words = [value, *row.get("en", ())]
            plain = [f"{tone} {word}" for tone in _PLAIN_TONES for word in words]
            yield kind, value, {**row, "en": [*row.get("en", ()), *plain]}


_SHADES = (
    ("dark", ("deep",), ("深", "暗")),
    ("light", ("pale", "pastel", "soft"), ("浅", "淡")),
)
_PLAIN_TONES = ("bright", "vivid", "medium", "dusty", "washed", "faded", "classic", "true", "other")


def _english_forms(word: str, *, plural: bool) -> set[str]:
    """Lower-case spellings of ``word``: hyphens, American endings, the plural."""
    forms = {word.lower()}
    forms |= {form.replace("-", " ") for form in forms}
    if word.count(" ") == 1:
        forms |= {form.replace(" ", "-") for form in forms}
    for british, american in (("colour", "color"), ("grey", "gray"), ("odour", "odor")):
        forms |= {form.replace(british, american) for form in forms}
    if plural and (word.endswith("ss") or not word.endswith("s")):
        forms |= {_plural(form) for form in forms}
    return forms


def _plural(word: str) -> str:
    if word.endswith(("x", "sh", "ch", "z", "ss")):
        return f"{word}es"
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{word[:-1]}ies"
    if word.endswith("f") and not word.endswith("ff"):
        return f"{word[:-1]}ves" if word.endswith(("shelf", "scarf", "loaf")) else f"{word}s"
    return f"{word}s"
