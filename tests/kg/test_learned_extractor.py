"""The learned model at ingestion: kinds, evidence, entities."""

from __future__ import annotations

import learned_fixtures as fixtures
import pytest

from kg.extraction.learned.artifact import load_model
from kg.extraction.learned.extractor import LearnedExtractor, kind_of
from kg.extraction.learned.model import LearnedModel
from kg.ingest import catalog_snapshot
from kg.items import CatalogItem, LocalText
from kg.readers import Catalog
from kg.schema import DEFAULT_SCHEMA


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> LearnedModel:
    return load_model(fixtures.world_model(tmp_path_factory.getbasetemp()))


def test_extractor_gives_statements_with_evidence(model: LearnedModel) -> None:
    """Full-width digits become ordinary ones, and the span is of the text so made readable."""
    extractor = LearnedExtractor(model)
    one = fixtures.mug(103, brand="Zorvex")
    item = CatalogItem(
        "1", (LocalText("en", one.text.replace("ml", "ｍｌ")), LocalText("zh", "")),
        columns={"category": ("Mug",)},
    )  # fmt: skip
    found = {attribute.name: attribute for attribute in extractor.extract(item)}
    assert {name: each.value for name, each in found.items()} == {
        "brand": "Zorvex",
        "colour": one.values["Colour"][0],
        "net_content": one.values["Net content"][0],
    }
    evidence = found["net_content"].evidence
    assert evidence.extractor == f"text-learned-{model.version}"
    assert (evidence.modality, evidence.field) == ("text", "title.en")
    assert evidence.span is not None
    assert one.text[slice(*evidence.span)] == evidence.quote == found["net_content"].value
    # The graph's schema takes all of them, Chinese labels too.
    assert set(extractor.kinds) <= set(DEFAULT_SCHEMA.extended(extractor.kinds).kinds)
    assert extractor.extract(CatalogItem("2", ())) == []


def test_ingestion_makes_entities_of_learned_values(model: LearnedModel) -> None:
    """The colour that the lexicon knows is its node; a label's kind is a kind of its own."""
    extractor = LearnedExtractor(model)
    titles = [fixtures.mug(103, colour="dark blue").text, fixtures.cup_zh(103).text]
    items = tuple(
        CatalogItem(str(row), (LocalText(language, title),))
        for row, (language, title) in enumerate(zip(("en", "zh"), titles, strict=True))
    )
    catalog = Catalog("test", items, kinds=extractor.kinds)
    snapshot = catalog_snapshot(catalog, extractors=[extractor])
    entities = {(one.kind, one.name) for one in snapshot.entities}
    assert ("colour", "navy") in entities
    assert ("net_content", "450 ml") in entities
    assert (kind_of("容量"), "450毫升") in entities


def test_kinds_of_attribute_names() -> None:
    assert kind_of("Shoe type") == "shoe_type"
    assert kind_of("Color") == kind_of("颜色") == "colour"
    assert kind_of("2nd colour (café)") == "nd_colour_cafe"
    assert kind_of("容量") == kind_of("容量 ") != kind_of("重量")
    assert kind_of("容量").startswith("attribute_")
