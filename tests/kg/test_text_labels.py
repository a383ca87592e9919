"""Labels learned from descriptions."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from label_fixtures import item

from kg.encoders.contract import unit_rows
from kg.extraction.text_labels import TextLabels, fit_text_labels


def test_text_implies_what_it_does_not_spell(tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    told = {"denim": "five pockets and a zip fly", "knit": "soft yarn with ribbed cuffs"}
    filler = ["long sleeves", "a round neck", "for every day", "regular fit", "side slits"]

    def text(value: str) -> str:
        return f"{random.choice(filler)}, {told[value]}, {random.choice(filler)}"

    values = ["denim" if at % 2 else "knit" for at in range(80)]
    items = [item(f"i{at}", text=text(value), fabric=value) for at, value in enumerate(values)]
    # The vectors say nothing: the n-grams must.
    rows = unit_rows(random.standard_normal((80, 8)))
    everywhere = np.ones(80, dtype=bool)
    learned = fit_text_labels(items, rows, everywhere, folder=tmp_path)
    fresh = [
        item("a", text=text("denim")),
        item("b", text="A Denim skirt, " + text("denim")),
        item("c", text=text("knit")),
        item("d", text=text("knit"), fabric="silk"),
        item("e", text=text("knit")),
    ]
    present = np.array([True, True, True, True, False])
    found = learned.extract_vectors(fresh, rows[:5], present)
    assert [[one.value for one in own] for own in found] == [["denim"], ["denim"], ["knit"], [], []]
    spelt, unspelt = found[1][0].evidence, found[0][0].evidence
    assert (spelt.field, spelt.span, spelt.quote) == ("title.en", (2, 7), "Denim")
    assert (unspelt.modality, unspelt.field, unspelt.span) == ("text", "title.en", None)
    assert unspelt.extractor == learned.name
    (path,) = tmp_path.glob("text-labels-*.npz")
    assert TextLabels.load(path).extract_vectors(fresh, rows[:5], present) == found
