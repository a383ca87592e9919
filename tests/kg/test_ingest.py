"""Ingest into the real embedded store: the same graph however often, and however interrupted."""

from __future__ import annotations

import contextlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path

import ingest_fixtures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ingest_fixtures import (
    HashEncoder,
    WordExtractor,
    ingest_shop,
    picture,
    shop,
)

from kg.errors import StoreError
from kg.ingest import catalog_snapshot, default_canonical
from kg.ingest_content import Encoded
from kg.ingest_extract import Extraction, extract_items
from kg.ingest_rows import GraphRows, graph_rows
from kg.items import CatalogItem, LocalText
from kg.readers import Catalog
from kg.rejects import Rejects
from kg.schema import DEFAULT_SCHEMA
from kg.snapshot import Snapshot
from kg.stores import open_store
from kg.vectors import VectorStore


def clean_snapshot(catalog: Catalog) -> Snapshot:
    """What an uninterrupted ingest of ``catalog`` gives, by the way without a store."""
    return catalog_snapshot(catalog, extractors=[WordExtractor()])


def test_twice_gives_the_same_graph_and_encodes_nothing_new(tmp_path: Path) -> None:
    catalog = shop(tmp_path)
    said: dict[str, tuple[int, int]] = {}
    with open_store(f"embedded:{tmp_path}/graph") as store:
        first = ingest_shop(
            tmp_path,
            catalog,
            store,
            on_progress=lambda stage, done, total: said.update({stage: (done, total)}),
        )
        snapshot = store.snapshot()
        second = ingest_shop(tmp_path, catalog, store)
        assert store.snapshot().fingerprint == snapshot.fingerprint
    # A store and the way without one go through the same rows.
    assert snapshot.fingerprint == clean_snapshot(catalog).fingerprint

    assert set(said) == {"text", "image", "extract", "write"}
    assert all(done == total > 0 for done, total in said.values())
    # 120 items, 80 users; entities: 5 brands, 1 scent, oak, linen, tin, wood above oak.
    assert first.nodes == first.written.nodes_created == 120 + 80 + 5 + 1 + 3 + 1
    # 3,000 events, 1 review, 120 links, 10 variants beside the first of their group of two;
    # every item states its brand, its scent and one material; oak is a wood.
    assert first.relationships == 3000 + 1 + 120 + 10 + 3 * 120 + 1
    assert first.written.relationships_created == first.relationships
    assert first.written.relationships_dangling == 0
    assert first.relationships_withdrawn == second.relationships_withdrawn == 0
    assert first.vectors_encoded == {"hash-text": 120, "hash-image": 10}
    assert (second.written.nodes_created, second.written.relationships_created) == (0, 0)
    assert second.vectors_encoded == {"hash-text": 0, "hash-image": 0}
    assert second.vectors_cached == {"hash-text": 120, "hash-image": 10}
    assert set(second.seconds) == {"text", "image", "extract", "write"}
    assert not (tmp_path / "ingest.journal").exists()


def test_what_the_graph_says_of_an_item(tmp_path: Path) -> None:
    snapshot = clean_snapshot(shop(tmp_path))
    item = snapshot.items[1]
    assert item.title == "thing 1 of Linen"
    assert item.titles == {"en": "thing 1 of Linen", "zh": "东西 1"}
    assert (item.price, item.group) == (0.25, "g0")
    assert item.image == str(tmp_path / "i0001.png")
    entities = {row.id: row for row in snapshot.entities}
    assert entities["brand:brand 1"].name == "Brand 1"
    assert entities["scent:rose"].kind == "scent"
    of_item = snapshot.item_entities.item == 1
    assert [
        (snapshot.entities[entity].id, confidence, modality)
        for entity, confidence, modality, mine in zip(
            snapshot.item_entities.entity,
            snapshot.item_entities.confidence,
            snapshot.item_entities.modality,
            of_item,
            strict=True,
        )
        if mine
    ] == [
        ("brand:brand 1", 1.0, "column"),
        ("material:linen", 0.5, "text"),
        ("scent:rose", 1.0, "column"),
    ]
    assert snapshot.item_items[0] == ("LINKED_TO", 0, 1, 1.0)
    variants = [link[1:3] for link in snapshot.item_items if link[0] == "VARIANT_OF"]
    assert variants == [(number, number - 1) for number in range(1, 20, 2)]


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_the_order_of_rows_in_the_files_does_not_matter(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / "order"
    catalog = shop(folder, items=12, users=4, events=20)
    shuffled = replace(
        catalog,
        items=tuple(data.draw(st.permutations(catalog.items))),
        users=tuple(data.draw(st.permutations(catalog.users))),
        interactions=tuple(data.draw(st.permutations(catalog.interactions))),
    )
    assert clean_snapshot(shuffled).fingerprint == clean_snapshot(catalog).fingerprint
    # Nor for the journal: an interrupted ingest goes on although the export is in new order.
    assert rows(shuffled) == rows(catalog)


def rows(catalog: Catalog) -> GraphRows:
    hashes: list[str | None] = [None] * len(catalog.items)
    contents, _ = extract_items(
        catalog.items,
        Encoded(hashes, hashes),
        extractors=[WordExtractor()],
        extraction=Extraction(),
        canonical=default_canonical(),
        rejects=Rejects(),
        on_progress=lambda stage, done, total: None,
    )
    schema = DEFAULT_SCHEMA.extended(catalog.kinds)
    return graph_rows(catalog, contents, schema=schema, canonical=default_canonical())


def test_a_changed_catalogue_changes_the_graph_and_back_again(tmp_path: Path) -> None:
    catalog = shop(tmp_path, items=6, users=2, events=5)
    first, second, *others = catalog.items
    dearer = replace(catalog, items=(first, replace(second, price=None), *others))
    with open_store(f"embedded:{tmp_path}/graph") as store:
        ingest_shop(tmp_path, catalog, store)
        ingest_shop(tmp_path, dearer, store)
        assert store.snapshot().items[1].price is None
        ingest_shop(tmp_path, catalog, store)
        assert store.snapshot().fingerprint == clean_snapshot(catalog).fingerprint


def test_wider_entities_are_in_the_graph(tmp_path: Path) -> None:
    cardigan = CatalogItem("a", (LocalText("en", "a"),), columns={"category": ("Cardigans",)})
    cap = CatalogItem("b", (LocalText("en", "b"),), columns={"colour": ("navy", "marine thing")})
    catalog = Catalog("test", (cardigan, cap))
    with open_store(f"embedded:{tmp_path}/graph") as store:
        ingest_shop(tmp_path, catalog, store)
        text = "MATCH (n)-[:BROADER]->(w:Entity) RETURN n.id AS n, w.id AS w ORDER BY n"
        assert [(row["n"], row["w"]) for row in store.connection.call("read", text, {})] == [
            ("category:cardigan", "category:sweater"),
            ("category:sweater", "category:tops"),
            ("category:tops", "category:clothing"),
            ("colour:navy", "colour:blue"),
        ]
        snapshot = store.snapshot()
        again = ingest_shop(tmp_path, catalog, store)
    assert (again.written.nodes_created, again.written.relationships_created) == (0, 0)
    assert snapshot.fingerprint == clean_snapshot(catalog).fingerprint
    blue = next(row for row in snapshot.entities if row.id == "colour:blue")
    assert (blue.kind, blue.name, dict(blue.names)) == (
        "colour",
        "blue",
        {"en": "blue", "zh": "蓝色"},
    )
    # Nothing is stated of any item by being wider.
    assert {snapshot.entities[entity].id for entity in snapshot.item_entities.entity} == {
        "category:cardigan",
        "colour:navy",
        "colour:marine thing",
    }


def start_ingest(folder: Path) -> subprocess.Popen[str]:
    script = Path(ingest_fixtures.__file__)
    return subprocess.Popen(
        [sys.executable, str(script), str(folder)], stdout=subprocess.PIPE, text=True
    )


def test_a_killed_ingest_goes_on_where_the_store_acknowledged(tmp_path: Path) -> None:
    catalog = shop(tmp_path)
    process = start_ingest(tmp_path)
    assert process.stdout is not None
    acknowledged = 0
    for line in process.stdout:
        if line.startswith("write ") and (acknowledged := int(line.split()[1])) == 2:
            process.send_signal(signal.SIGKILL)
            break
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    assert acknowledged == 2
    with open_store(f"embedded:{tmp_path}/graph") as store:
        resumed = ingest_shop(tmp_path, catalog, store)
        snapshot = store.snapshot()
    assert 2 <= resumed.batches_resumed < resumed.batches
    assert resumed.vectors_encoded == {"hash-text": 0, "hash-image": 0}
    assert snapshot.fingerprint == clean_snapshot(catalog).fingerprint


def test_a_full_disk_is_said_and_loses_nothing_acknowledged(tmp_path: Path) -> None:
    catalog = shop(tmp_path / "pictures")
    disk = tmp_path / "disk"
    disk.mkdir()
    tools = shutil.which("mount"), shutil.which("umount")
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(disk)]
    if not all(tools) or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine lets nobody mount a small disk")
    filler = disk / "filler"

    def fill(stage: str, done: int, total: int) -> None:
        if (stage, done) == ("write", 2):
            with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
                while True:
                    file.write(bytes(4096))

    try:
        with (
            pytest.raises(StoreError) as caught,
            open_store(f"embedded:{disk}/graph", timeout_s=5.0) as store,
        ):
            ingest_shop(disk, catalog, store, on_progress=fill)
        assert re.search("MB are free|No space left|room", str(caught.value))
        filler.unlink()
        with open_store(f"embedded:{disk}/graph") as store:
            resumed = ingest_shop(disk, catalog, store)
            assert store.snapshot().fingerprint == clean_snapshot(catalog).fingerprint
        assert 2 <= resumed.batches_resumed < resumed.batches
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def bomb(path: Path) -> Path:
    """A PNG of a few bytes that declares 60,000 x 60,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + data)
    return path


def test_a_bad_picture_is_rejected_once_and_its_item_goes_in(tmp_path: Path) -> None:
    whole = picture(tmp_path / "whole.png")
    cut = picture(tmp_path / "cut.png")
    cut.write_bytes(cut.read_bytes()[:40])
    text = tmp_path / "text.jpg"
    text.write_text("no picture")
    names = {"a": whole, "b": cut, "c": text, "d": bomb(tmp_path / "e.png"), "e": tmp_path / "gone"}
    items = tuple(
        CatalogItem(name, (LocalText("en", name),), images=(path,)) for name, path in names.items()
    )
    rejects = Rejects()
    with VectorStore(tmp_path / "vectors.sqlite") as vectors:
        snapshot = catalog_snapshot(
            Catalog("test", items),
            vectors=vectors,
            text_encoder=HashEncoder("text"),
            image_encoder=HashEncoder("image"),
            further_image_encoders=[HashEncoder("image")],
            rejects=rejects,
        )
        assert vectors.count("hash-image") == 1
    assert [row.image for row in snapshot.items] == [str(whole), None, None, None, None]
    assert [row.image_hash is None for row in snapshot.items] == [False, True, True, True, True]
    assert all(row.text_hash for row in snapshot.items)
    assert rejects.total == 4
    assert rejects.counts["picture size: at most 64,000,000 pixels"] == 1
