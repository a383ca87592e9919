"""Titles and descriptions of the demo's products in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any, Literal, TypeAlias

from numpy.random import Generator

from kg.demo.products import Product, Tables

Place: TypeAlias = Literal["title", "description", "nowhere"]

#: kind of attribute -> chances of (title, description); the rest is stated nowhere.
_PLACES = {
    "colour": (0.62, 0.22),
    "pattern": (0.60, 0.22),
    "material": (0.50, 0.42),
    "audience": (0.55, 0.20),
    "style": (0.30, 0.35),
    "use": (0.20, 0.68),
    "function": (0.25, 0.65),
}
_TABLE = {
    "category": "kinds",
    "colour": "colours",
    "pattern": "patterns",
    "material": "materials",
    "audience": "audiences",
    "style": "styles",
    "use": "uses",
    "function": "functions",
}


@dataclass(frozen=True, slots=True)
class Wording:
    """One language's title and description, and what they state: kind -> values."""

    title: str
    description: str
    stated: Mapping[str, list[str]]


def choose_places(rng: Generator) -> dict[str, Place]:
    """Where a product states each kind of attribute: the same place in every language."""
    places: dict[str, Place] = {}
    for kind, (title, description) in _PLACES.items():
        draw = rng.random()
        places[kind] = (
            "title" if draw < title else "description" if draw < title + description else "nowhere"
        )
    return places


def write(
    product: Product,
    language: str,
    places: Mapping[str, Place],
    tables: tuple[Tables, Tables],
    rng: Generator,
) -> Wording:
    """Title and description in ``language``; ``tables`` are vocabulary and sentences."""
    vocabulary, sentences = tables[0], tables[1][language]
    truth = product.truth()
    if product.pattern == "plain" and rng.random() < 0.6:
        places = {**places, "pattern": "nowhere"}
    spoken = {
        kind: sentences["and"].join(
            [_word(vocabulary, kind, value, language, rng) for value in truth[kind]]
        )
        for kind in _PLACES
        if kind in truth
    }
    brand = product.brand if language == "en" else vocabulary["brands"][product.brand]["zh"]
    noun = _word(vocabulary, "category", product.kind, language, rng)
    template, slots = _title_template(sentences["titles"], places, rng)
    values = {
        "kind": noun,
        "name": sentences["names"][product.name % len(sentences["names"])],
        "brand": brand,
    }
    stated = {"category": truth["category"]}
    if "brand" in slots:
        stated["brand"] = truth["brand"]
    for kind, place in places.items():
        if place == "title" and kind in spoken and kind in slots:
            values[kind] = spoken[kind]
            stated[kind] = truth[kind]
    title = _tidy(_fill(template, values, sentences, language), language, rng)
    body = [
        _sentence(sentences, _manner(product, kind), spoken[kind], rng)
        for kind, place in places.items()
        if kind in spoken and kind not in stated and place != "nowhere"
    ]
    stated |= {
        kind: truth[kind] for kind, place in places.items() if kind in spoken and place != "nowhere"
    }
    body += [
        _sentence(sentences, "negated", vocabulary["functions"][value][language][0], rng)
        for value in product.negated
    ]
    if rng.random() < 0.35:
        body.append(_sentence(sentences, "distractor", "", rng))
    body += [str(line) for line in rng.permutation(sentences["filler"])[: int(rng.integers(1, 3))]]
    order = rng.permutation(len(body))
    gap = " " if language == "en" else ""
    return Wording(title, gap.join(body[index] for index in order), stated)


def _manner(product: Product, kind: str) -> str:
    """The list of sentences that states ``kind``."""
    return "unisex" if kind == "audience" and product.audience == "unisex" else kind


def _word(vocabulary: Tables, kind: str, value: str, language: str, rng: Generator) -> str:
    words = vocabulary[_TABLE[kind]][value][language]
    return str(words[int(rng.integers(len(words)))])


def _slots(template: str) -> set[str]:
    names = {name for _, name, _, _ in Formatter().parse(template) if name}
    return {name.removeprefix("for_").removeprefix("of_") for name in names}


def _title_template(
    templates: Sequence[str], places: Mapping[str, Place], rng: Generator
) -> tuple[str, set[str]]:
    """One of the two templates, of those drawn, with more slots for what goes into the title."""
    wanted = {kind for kind, place in places.items() if place == "title"}
    drawn = rng.permutation(list(templates))[:2]
    best = max((str(template) for template in drawn), key=lambda one: len(_slots(one) & wanted))
    return best, _slots(best)


def _fill(
    template: str, values: Mapping[str, str], sentences: Mapping[str, Any], language: str
) -> str:
    filled = dict.fromkeys((name for _, name, _, _ in Formatter().parse(template) if name), "")
    filled |= {name: value for name, value in values.items() if name in filled}
    if "audience" in values:
        audience = values["audience"]
        everyone = language == "en" and audience == "unisex"
        filled["for_audience"] = (
            "" if everyone else sentences["for_audience"].format(audience=audience)
        )
        if everyone and "for_audience" in filled:
            template = template.replace("{kind}", "unisex {kind}").replace("{of_audience} ", "")
        owner = audience if audience == "unisex" else f"{audience}'s".replace("kids's", "kids'")
        filled["of_audience"] = owner
    if "use" in values:
        filled["for_use"] = sentences["for_use"].format(use=values["use"])
    if language == "zh":
        template = template.replace("适合{use}", "{for_use}").replace("{use}专用", "{for_use}")
        filled.setdefault("for_use", "")
    return template.format(**filled)


def _tidy(title: str, language: str, rng: Generator) -> str:
    words = title.split()
    while words and words[-1] in ("-", "in", "by"):
        words.pop()
    title = " ".join(words).replace(" in for ", " for ")
    if language == "zh":
        return title
    if rng.random() < 0.7:
        small = {"in", "for", "and", "by", "the", "a"}
        return " ".join(word if word in small else word[0].upper() + word[1:] for word in words)
    return title[0].upper() + title[1:]


def _sentence(sentences: Mapping[str, Any], kind: str, value: str, rng: Generator) -> str:
    lines = sentences[kind]
    line = str(lines[int(rng.integers(len(lines)))]).format(x=value)
    return line[0].upper() + line[1:]
