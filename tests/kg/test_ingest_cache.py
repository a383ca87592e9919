"""What extractors found is kept by content; processes change nothing but the time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kg.encoders.contract import FloatMatrix
from kg.errors import DataError, StoreError
from kg.extraction.contract import Extractor, VectorExtractor
from kg.ingest import default_canonical
from kg.ingest_cache import ExtractionCache, item_key
from kg.ingest_content import Encoded
from kg.ingest_extract import Extraction, extract_items
from kg.ingest_workers import LEAST_ITEMS, Workers
from kg.items import Attribute, CatalogItem, Evidence, LocalText, Modality
from kg.rejects import Rejects
from kg.vectors import VectorStore


class FirstWord:
    """The title's first word as a material; ``bad`` cannot be read. Counts what it reads."""

    name = "first/1"

    def __init__(self) -> None:
        self.read: list[str] = []

    def extract(self, item: CatalogItem, /) -> list[Attribute]:
        self.read.append(item.id)
        word = item.title.split()[0]
        if word == "bad":
            raise DataError("picture.png", column="picture", value=item.id, expected="whole")
        evidence = Evidence("text", self.name, field="title.en", quote=word, span=(0, len(word)))
        return [Attribute("material", word, 0.75, evidence, {"en": word})]


class Bright:
    """Brightness from a vector's first number."""

    name, encoder = "bright/1", "pixels"
    modality: Modality = "image"

    def extract_vectors(
        self, items: Sequence[CatalogItem], vectors: FloatMatrix, present: NDArray[np.bool_], /
    ) -> list[list[Attribute]]:
        assert len(items) == len(vectors) == len(present)
        return [
            [Attribute("style", "bright", float(row[0]), Evidence("image", self.name))]
            if there
            else []
            for row, there in zip(vectors, present, strict=True)
        ]


def shop(count: int, *, bad: int = -1) -> list[CatalogItem]:
    return [
        CatalogItem(
            f"i{number}", (LocalText("en", f"{'bad' if number == bad else 'oak'} {number}"),)
        )
        for number in range(count)
    ]


def extracted(
    items: Sequence[CatalogItem],
    *extractors: Extractor,
    kept: ExtractionCache | None = None,
    processes: int = 1,
    rejects: Rejects | None = None,
    image_hashes: Sequence[str | None] | None = None,
    vector_extractors: Sequence[VectorExtractor] = (),
    vectors: VectorStore | None = None,
) -> list[list[tuple[str, float, str]]]:
    """(entity, confidence, evidence) by item."""
    hashes: list[str | None] = [None] * len(items)
    contents, _ = extract_items(
        items,
        Encoded(hashes, list(image_hashes or hashes)),
        extractors=extractors,
        extraction=Extraction(vector_extractors, kept, processes),
        vectors=vectors,
        canonical=default_canonical(),
        rejects=Rejects() if rejects is None else rejects,
        on_progress=lambda stage, done, total: None,
    )
    return [[(s.entity, s.confidence, s.evidence) for s in one.statements] for one in contents]


def test_only_what_is_new_is_read(tmp_path: Path) -> None:
    items = shop(3)
    reader = FirstWord()
    with ExtractionCache(tmp_path / "kept.sqlite") as kept:
        first = extracted(items, reader, kept=kept)
        assert extracted(items, reader, kept=kept) == first
        assert reader.read == ["i0", "i1", "i2"]
        changed = replace(items[1], texts=(LocalText("en", "tin can"),))
        after = extracted([items[0], changed, items[2]], reader, kept=kept)
        assert reader.read[3:] == ["i1"]
        assert [of_item[0][0] for of_item in after] == [
            *("material:oak", "material:tin", "material:oak")
        ]
        # Two items of the same words are one content; price and links are none of it.
        extracted([replace(items[0], id="twin", price=3.0)], reader, kept=kept)
        assert reader.read[4:] == []
        extracted([replace(items[0], columns={"brand": ("Acme",)})], reader, kept=kept)
        assert reader.read[4:] == ["i0"]
    # Another list of brands, say, and all is read anew; what the first made is dropped.
    with ExtractionCache(tmp_path / "kept.sqlite", depends={"first/1": "brands"}) as kept:
        extracted(items, reader, kept=kept)
        assert reader.read[5:] == ["i0", "i1", "i2"]
    with ExtractionCache(tmp_path / "kept.sqlite") as kept:
        extracted(items, reader, kept=kept)
        assert reader.read[8:] == ["i0", "i1", "i2"]


def test_what_cannot_be_read_is_said_each_time(tmp_path: Path) -> None:
    items = shop(3, bad=1)
    reader = FirstWord()
    with ExtractionCache(tmp_path / "kept.sqlite") as kept:
        for _ in range(2):
            rejects = Rejects()
            found = extracted(items, reader, kept=kept, rejects=rejects)
            assert [len(one) for one in found] == [1, 0, 1]
            assert rejects.total == 1
    assert reader.read == ["i0", "i1", "i2", "i1"]


def test_an_interrupted_run_keeps_what_it_read(tmp_path: Path) -> None:
    items = shop(600)

    class Stopped(FirstWord):
        def extract(self, item: CatalogItem, /) -> list[Attribute]:
            if len(self.read) == 300:
                raise KeyboardInterrupt
            return super().extract(item)

    with ExtractionCache(tmp_path / "kept.sqlite") as kept:
        with pytest.raises(KeyboardInterrupt):
            extracted(items, Stopped(), kept=kept)
        reader = FirstWord()
        extracted(items, reader, kept=kept)
    assert reader.read == [f"i{number}" for number in range(256, 600)]


def test_processes_find_the_same_in_the_same_order() -> None:
    items = shop(LEAST_ITEMS + 60, bad=7)
    alone, reader = Rejects(), FirstWord()
    expected = extracted(items, reader, rejects=alone)
    assert len(reader.read) == len(items)
    beside, reader = Rejects(), FirstWord()
    assert extracted(items, reader, processes=2, rejects=beside) == expected
    assert reader.read == []  # none was read in this process
    assert beside.counts == alone.counts
    assert {k: str(one) for k, one in beside.first.items()} == {
        k: str(one) for k, one in alone.first.items()
    }


def test_what_does_not_pickle_stays_in_this_process() -> None:
    class Local(FirstWord):
        pass

    items = shop(LEAST_ITEMS)
    with Workers([Local(), FirstWord()], processes=2, expected=len(items)) as workers:
        mine, theirs = workers.run([items[:3], items[:3]])
    assert mine == theirs


def test_extractors_of_vectors_come_last_and_see_what_encoders_made(tmp_path: Path) -> None:
    items = shop(300)
    hashes = [f"h{number}" if number % 2 else None for number in range(300)]
    with VectorStore(tmp_path / "vectors.sqlite") as vectors:
        known = [one for one in hashes if one is not None]
        rows = np.array([[number / 300, 1.0] for number in range(1, 300, 2)], dtype=np.float32)
        vectors.put("pixels", known, rows)
        found = extracted(
            items,
            FirstWord(),
            image_hashes=hashes,
            vector_extractors=[Bright()],
            vectors=vectors,
        )
    assert [len(one) for one in found] == [1, 2] * 150
    assert found[299][1][:2] == ("style:bright", pytest.approx(299 / 300))


def test_a_damaged_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "kept.sqlite"
    path.write_bytes(b"no database " * 99)
    with pytest.raises(StoreError, match="damaged file may be deleted"):
        ExtractionCache(path)


#: With lone surrogates, as a badly decoded file gives them.
texts = st.text(st.characters(), max_size=20)
attributes = st.builds(
    Attribute,
    st.sampled_from(["colour", "material"]),
    texts,
    st.floats(0, 1),
    st.builds(
        Evidence,
        st.sampled_from(["text", "image"]),
        texts,
        field=texts,
        quote=texts,
        span=st.none() | st.tuples(st.integers(0, 9), st.integers(9, 99)),
        region=st.none() | st.tuples(*[st.floats(0, 1)] * 4),
    ),
    st.dictionaries(st.sampled_from(["en", "zh"]), texts),
)


@settings(max_examples=40, deadline=None)
@given(found=st.lists(attributes, max_size=4))
def test_what_is_kept_comes_back_as_it_was(
    found: list[Attribute], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with ExtractionCache(tmp_path_factory.getbasetemp() / "round.sqlite") as kept:
        kept.put("e", {"key": found})
        assert kept.get("e", ["key", "other"]) == {"key": found}
        assert kept.count("e", ["key", "other"]) == 1


@given(st.lists(st.tuples(texts, texts), min_size=2, max_size=2, unique=True))
def test_other_words_are_another_content(titles: list[tuple[str, str]]) -> None:
    one, other = (CatalogItem("i", (LocalText("en", *parts),)) for parts in titles)
    assert item_key(one, None) != item_key(other, None)
    assert item_key(one, "h") != item_key(one, None)


def test_where_one_field_ends_and_the_next_begins_matters() -> None:
    one, other = (
        CatalogItem("i", (LocalText("en", *parts),)) for parts in (("ab", "c"), ("a", "bc"))
    )
    assert item_key(one, None) != item_key(other, None)
