"""What extraction finds, against known truth and against columns that shops wrote.

Rules were tuned on the demo shop of seed 7 and on the errors of a third of the two real shops'
groups (every third group by id; every fifth picture for colours); text figures of Luma are of
the other two thirds, a description counted once; the demo's figures are of seed 11. The demo's
words and the lexicon have one author, so its text figures are an upper bound: the real shops'
columns are the measure.
H&M and Luma need ``../shared/data`` (or ``SHOPGRAPH_SHARED``).
"""

from __future__ import annotations

import json
import os
import random
import re
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from kg.demo import build_demo
from kg.extraction.colour import ColourExtractor
from kg.extraction.lexicon import canonical, load_lexicon
from kg.extraction.syntax import installed
from kg.extraction.text import TextExtractor
from kg.items import Attribute, CatalogItem
from kg.readers import Catalog, read_catalog
from kg.rejects import Rejects
from kg.settings import CatalogSettings

SEED = 11
SHARED = Path(os.environ.get("SHOPGRAPH_SHARED", Path(__file__).parents[2] / "shared"))
KINDS = (
    "category", "colour", "material", "pattern", "style", "use", "function", "audience", "brand",
)  # fmt: skip
Found = list[list[Attribute]]


def catalog(layout: str, path: Path) -> Catalog:
    """A catalogue without rejects kept."""
    settings = CatalogSettings(layout=layout, path=path, languages=("en", "zh"))  # type: ignore[arg-type]
    return read_catalog(settings, rejects=Rejects())


def timed(
    extract: Callable[[Iterable[CatalogItem]], Found], items: list[CatalogItem]
) -> tuple[Found, float]:
    """Attributes of each item and items per CPU-second, after a warm-up of eight."""
    extract(items[:8])
    begin = time.process_time()
    found = extract(items)
    return found, len(items) / (time.process_time() - begin)


def counts(
    truth: list[Mapping[str, list[str]]], found: Found, kind: str, agree: Callable[[str, str], bool]
) -> tuple[float, float, float]:
    """Micro precision, recall and F1 of one kind; values match where ``agree`` says so."""
    right = said = there = recalled = 0
    for true, attributes in zip(truth, found, strict=True):
        wanted = true.get(kind, [])
        values = [one.value for one in attributes if one.name == kind]
        right += sum(any(agree(value, want) for want in wanted) for value in values)
        recalled += sum(any(agree(value, want) for value in values) for want in wanted)
        said, there = said + len(values), there + len(wanted)
    precision, recall = right / max(said, 1), recalled / max(there, 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def equal(value: str, want: str) -> bool:
    """The same value."""
    return value == want


def related(kind: str) -> Callable[[str, str], bool]:
    """The same value or one wider than the other (navy and blue)."""
    entities = load_lexicon().entities

    def above(value: str) -> list[str]:
        chain = [value]
        while (entity := entities.get((kind, chain[-1]))) and entity.broader:
            chain.append(entity.broader)
        return chain

    return lambda value, want: value in above(want) or want in above(value)


def row(name: str, kind: str, figures: tuple[float, float, float]) -> str:
    """One line of a table."""
    return f"| {name} | {kind} | " + " | ".join(f"{figure:.3f}" for figure in figures) + " |"


def demo() -> None:
    """F1 by kind on the demo shop, per language, and of pictures."""
    print("| demo shop, seed 11 | kind | precision | recall | F1 |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        build_demo(Path(folder), seed=SEED)
        items = list(catalog("demo", Path(folder)).items)
        rows = [json.loads(line) for line in (Path(folder) / "truth.jsonl").open(encoding="utf-8")]
        speeds = []
        brands = sorted({name for item in items for name in item.columns["brand"]})
        for position, language in enumerate(("en", "zh")):
            texts = [replace(item, texts=item.texts[position : position + 1]) for item in items]
            found, speed = timed(TextExtractor(brands=brands).extract_many, texts)
            stated = [true["in_text"][language] for true in rows]
            for kind in KINDS:
                print(row(f"text {language}", kind, counts(stated, found, kind, equal)))
            speeds.append(f"text {language} {speed:.0f}/s")
        found, speed = timed(ColourExtractor().extract_many, items)
        speeds.append(f"pictures {speed:.0f}/s")
        truth = [true["attributes"] for true in rows]
        print(row("pictures", "colour", counts(truth, found, "colour", equal)))
        family = related("colour")
        print(row("pictures, family", "colour", counts(truth, found, "colour", family)))
        first = [[one for one in some if one.name == "colour"][:1] for some in found]
        main = [{"colour": true["colour"][:1]} for true in truth]
        print(row("pictures, first, family", "colour", counts(main, first, "colour", family)))
    print("\nText truth is what that language's text states.", end=" ")
    print(f"Items per CPU-second: {', '.join(speeds)}.\n")


def shop(layout: str, path: Path, kinds: tuple[str, ...], *, limit: int) -> None:
    """Precision and recall against a real shop's columns, where the lexicon knows the value."""
    items = [replace(item, columns={}) for item in catalog(layout, path).items]
    truths: list[Mapping[str, list[str]]] = [
        {
            kind: [known.value for value in values if (known := canonical(kind, value))]
            for kind, values in item.columns.items()
        }
        for item in catalog(layout, path).items
    ]
    step = max(1, len(items) // limit)
    items, truths = items[::step], truths[::step]
    text, speed = timed(TextExtractor().extract_many, items)
    pictured = [bool(item.images) for item in items]
    pictures, rate = timed(ColourExtractor().extract_many, items)
    print(
        f"| {layout}: {len(items)} items | kind | precision | recall | F1 |\n|---|---|---|---|---|"
    )
    for kind in kinds:
        stated = [index for index, true in enumerate(truths) if true.get(kind)]
        some = [truths[index] for index in stated]
        figures = counts(some, [text[index] for index in stated], kind, related(kind))
        print(row("text", kind, figures))
    stated = [index for index, true in enumerate(truths) if true.get("colour") and pictured[index]]
    if stated:
        some = [truths[index] for index in stated]
        for name, most in (("pictures, first", 1), ("pictures, all", 3)):
            seen = [pictures[index][:most] for index in stated]
            print(row(name, "colour", counts(some, seen, "colour", related("colour"))))
    print(
        f"\nItems per CPU-second: text {speed:.0f}, pictures {rate:.0f}. A value agrees with "
        "a column where they are equal or one is the wider of the two.\n"
    )


def unseen_texts() -> list[CatalogItem]:
    """Luma's products outside the tuning third, one a description: variants share it."""
    every = catalog("luma", SHARED / "data/luma").items
    tuned = set(sorted({item.group or item.id for item in every})[::3])
    return list(
        {
            item.texts[0].description: item
            for item in every
            if item.texts and (item.group or item.id) not in tuned
        }.values()
    )


def known_columns(item: CatalogItem) -> dict[str, list[str]]:
    """Canonical values of the item's columns, where the lexicon knows them."""
    found = {
        kind: [known.value for value in values if (known := canonical(kind, value))]
        for kind, values in item.columns.items()
    }
    return {kind: values for kind, values in found.items() if values}


def spelled(kind: str, value: str, text: str) -> bool:
    """Whether any word for ``value`` stands in the text: what no reader of it could miss."""
    words = [
        form
        for form, entities in load_lexicon().english.items()
        if any((one.kind, one.value) == (kind, value) for one in entities)
    ]
    return bool(re.search(rf"\b(?:{'|'.join(map(re.escape, words))})\b", text.lower()))


def luma_text() -> None:
    """Word lists alone and with the parser, and a sample of what is said against the columns."""
    items = unseen_texts()
    truths = [known_columns(item) for item in items]
    hidden = [replace(item, columns={}) for item in items]
    kinds = ("category", "colour", "material", "pattern", "use", "audience")
    head = "| kind | precision | recall | F1 | columns spelled in the text | recall of those |"
    sampled: list[tuple[str, bool]] = []
    for syntax in (False, True) if installed() else (False,):
        extractor = TextExtractor(syntax=syntax)
        found, speed = timed(extractor.extract_many, hidden)
        print(f"| luma text, {len(items)} unseen descriptions: {extractor.name} {head}")
        print("|---|---|---|---|---|---|---|")
        for kind in kinds:
            agree = related(kind)
            stated = [index for index, true in enumerate(truths) if true.get(kind)]
            figures = counts(
                [truths[index] for index in stated], [found[index] for index in stated], kind, agree
            )
            wants = [(index, want) for index in stated for want in truths[index][kind]]
            there = [
                (index, want)
                for index, want in wants
                if spelled(kind, want, f"{items[index].title} {items[index].texts[0].description}")
            ]
            caught = sum(
                any(one.name == kind and agree(one.value, want) for one in found[index])
                for index, want in there
            )
            share = f"{len(there)}/{len(wants)} | {caught / max(len(there), 1):.3f}"
            print(f"{row('', kind, figures)} {share} |")
        print(f"\nItems per CPU-second: {speed:.0f}.\n")
        sampled = [
            (one.name, any(related(one.name)(one.value, want) for want in true[one.name]))
            for true, some in zip(truths, found, strict=True)
            for one in some
            if one.name in true
        ]
    chosen = random.Random(SEED).sample(sampled, min(200, len(sampled)))
    kept = [name for name, _ in chosen]
    right = [name for name, ok in chosen if ok]
    print(f"Precision of {len(chosen)} sampled attributes (of {len(sampled)} of a kind that the")
    print(f"item has a column for): {len(right) / max(len(chosen), 1):.3f}; ", end="")
    parts = [f"{kind} {right.count(kind)}/{kept.count(kind)}" for kind in sorted(set(kept))]
    print(f"right of said: {', '.join(parts)}.\n")


def main() -> None:
    """Print every table."""
    demo()
    if not (SHARED / "data").is_dir():
        print(f"(no {SHARED.name}/data: the two real shops are left out)")
        return
    shop("hm", SHARED / "data/hm", ("category",), limit=1600)
    shop("luma", SHARED / "data/luma", ("category", "material", "colour"), limit=700)
    luma_text()


if __name__ == "__main__":
    main()
