"""What a catalogue no longer states leaves the graph; nothing else does, however interrupted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ingest_fixtures import InterruptedStore, ingest_shop, shop

from kg.graph import GraphBatch, NodeRow, RelationshipRow
from kg.items import LocalText
from kg.queries import load_query
from kg.readers import Catalog
from kg.stores import open_store
from kg.stores.bolt import BoltStore


def statements(store: BoltStore) -> set[tuple[str, str, str]]:
    """(type, item, target) of everything that goes out of items."""
    text = "MATCH (i:Item)-[r]->(o) RETURN type(r) AS type, i.id AS item, o.id AS target"
    return {
        (row["type"], row["item"], row["target"]) for row in store.connection.call("read", text, {})
    }


def two_editions(folder: Path) -> tuple[Catalog, Catalog]:
    """A shop, and the same shop after an editor's day.

    i0000 is of tin (was oak), without brand and links; i0001 has left its group and i0002,
    i0003 change theirs to g9; no item has a scent.
    """
    before = shop(folder, items=6, users=2, events=5)
    zero, one, two, three, *others = (
        replace(item, columns={"brand": item.columns["brand"]}) for item in before.items
    )
    zero = replace(zero, texts=(LocalText("en", "thing 0 of tin"),), columns={}, links=())
    one, two, three = (
        replace(item, group=group) for item, group in ((one, None), (two, "g9"), (three, "g9"))
    )
    after = replace(before, items=(zero, one, two, three, *others), kinds=("brand",))
    return before, after


GONE = {
    *{("HAS_SCENT", f"i000{number}", "scent:rose") for number in range(6)},
    ("HAS_BRAND", "i0000", "brand:brand 0"),
    ("MADE_OF", "i0000", "material:oak"),
    ("LINKED_TO", "i0000", "i0001"),
    ("VARIANT_OF", "i0001", "i0000"),
}


def test_what_is_no_longer_stated_goes_and_comes_back(tmp_path: Path) -> None:
    before, after = two_editions(tmp_path)
    with open_store(f"embedded:{tmp_path}/graph") as store:
        ingest_shop(tmp_path, before, store)
        stated, first = statements(store), store.snapshot()
        # Others than ingest have spoken too.
        store.write(
            GraphBatch(
                (NodeRow("Colour", "colour:red", {"name": "red"}),),
                (
                    RelationshipRow(
                        *("HAS_COLOUR", "Item", "i0000", "Colour", "colour:red"),
                        {"modality": "column", "extractor": "person", "confidence": 1.0},
                    ),
                    RelationshipRow("SIMILAR_TO", "Item", "i0000", "Item", "i0003", {"score": 0.5}),
                ),
            )
        )
        spoken = {("HAS_COLOUR", "i0000", "colour:red"), ("SIMILAR_TO", "i0000", "i0003")}
        summary = ingest_shop(tmp_path, after, store)
        assert statements(store) == stated - GONE | spoken | {("MADE_OF", "i0000", "material:tin")}
        assert summary.relationships_withdrawn == len(GONE)
        # Events and reviews are history.
        assert len(store.snapshot().interactions) == len(first.interactions) == 5
        orphans = store.run(load_query("quality/orphans"), limit=9)
        assert [(row["label"], row["id"]) for row in orphans] == [("Entity", "scent:rose")]
        assert ingest_shop(tmp_path, after, store).relationships_withdrawn == 0
        assert ingest_shop(tmp_path, before, store).relationships_withdrawn == 1  # tin
        assert statements(store) == stated | spoken


def test_a_part_of_the_catalogue_does_not_unsay_the_rest(tmp_path: Path) -> None:
    catalog = shop(tmp_path, items=6, users=2, events=5)
    with open_store(f"embedded:{tmp_path}/graph") as store:
        ingest_shop(tmp_path, catalog, store)
        stated = statements(store)
        # i0001 is a variant of i0000 and links to i0002, which this part does not have.
        one = replace(catalog.items[1], links=())
        part = replace(catalog, items=(one,), interactions=(), reviews=())
        assert ingest_shop(tmp_path, part, store).relationships_withdrawn == 0
        assert statements(store) == stated
        part = replace(part, items=(replace(one, group="g9"),))
        assert ingest_shop(tmp_path, part, store).relationships_withdrawn == 1
        assert statements(store) == stated - {("VARIANT_OF", "i0001", "i0000")}


def test_an_interruption_loses_nothing_that_is_still_stated(tmp_path: Path) -> None:
    before, after = two_editions(tmp_path)
    with open_store(f"embedded:{tmp_path}/graph") as store:
        ingest_shop(tmp_path, before, store)
        stated = statements(store)
        left: set[int] = set()
        # Amid nodes, relationships, and what is withdrawn.
        for calls in (1, 12, 30, 44, 47, 49):
            with pytest.raises(KeyboardInterrupt):
                ingest_shop(tmp_path, after, InterruptedStore(store, calls))
            assert statements(store) >= stated - GONE
            waiting = len(statements(store) & GONE)
            left.add(waiting)
            summary = ingest_shop(tmp_path, after, store)
            assert summary.relationships_withdrawn == waiting
            assert statements(store) == stated - GONE | {("MADE_OF", "i0000", "material:tin")}
            ingest_shop(tmp_path, before, store)
            assert statements(store) == stated
        assert len(left) > 2, "some were cut amid the withdrawing"
