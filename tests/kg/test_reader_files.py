"""Layout ``files``: what goes in, what is rejected, and that nothing else is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from kg.errors import ConfigError, DataError
from kg.items import Interaction, Link, LocalText, User
from kg.readers import Catalog, read_catalog
from kg.rejects import Rejects
from kg.settings import CatalogSettings


def shop(folder: Path, files: dict[str, str], **sections: object) -> tuple[Catalog, Rejects]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    rejects = Rejects()
    settings = CatalogSettings.model_validate({"path": folder, "layout": "files", **sections})
    return read_catalog(settings, rejects=rejects), rejects


def picture(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (2, 2)).save(path)


ITEMS = {"file": "items.csv", "id": "sku", "title": "name", "price": "price"}
EVENTS = {"file": "events.csv", "event": "event", "at": "at"}


def test_every_mapping(tmp_path: Path) -> None:
    picture(tmp_path / "pictures" / "a.png")
    picture(tmp_path / "folder" / "A.jpg")
    picture(tmp_path / "folder" / "A_2.jpg")
    picture(tmp_path / "folder" / "A_10.jpg")
    header = "sku;en;zh;text;cost;maker;smell;pic;family;also;stock\n"
    catalog, rejects = shop(
        tmp_path,
        {
            "items.csv": header
            + 'A;Red dress;红裙;"<p>Soft &amp; warm</p>";9.5;Acme;rose|musk|rose;'
            + "pictures/a.png;F1;B;3\n"
            + "B;Shirt;;;;;;;;;\n",
            "users.csv": "id,age,phone\nu,30-39,123\nw,,\n",
            "events.jsonl": '{"who": "u", "what": "A", "kind": "view", "when": 1600646400000,'
            ' "w": 0.5, "part": "Valid"}\n{"who": "v", "what": "B", "kind": "buy",'
            ' "when": "2020-09-21", "w": null, "part": null}\n',
            "reviews.csv": 'user,item,text,stars\nu,A,"<b>Good</b>, warm",4.5\n',
        },
        languages=["zh", "en"],
        items={
            "file": "items.csv",
            "delimiter": ";",
            "id": "sku",
            "title": {"en": "en", "zh": "zh"},
            "description": {"en": "text"},
            "price": "cost",
            "group": "family",
            "images": "pic",
            "image_folder": "folder",
            "entities": {"brand": "maker", "scent": "smell"},
            "properties": ["stock"],
            "links": {"related": "also"},
        },
        users={"file": "users.csv", "profile": ["age"]},
        interactions={
            "file": "events.jsonl",
            "user": "who",
            "item": "what",
            "event": "kind",
            "at": "when",
            "weight": "w",
            "split": "part",
        },
        reviews={"file": "reviews.csv", "rating": "stars"},
    )
    assert rejects.total == 0
    a, b = catalog.items
    assert a.texts == (
        LocalText("zh", "红裙", ""),
        LocalText("en", "Red dress", "Soft & warm"),
    )
    assert (a.title, a.price, a.group) == ("红裙", 9.5, "F1")
    assert a.columns == {"brand": ("Acme",), "scent": ("rose", "musk")}
    assert a.images == tuple(
        tmp_path / name
        for name in ("folder/A.jpg", "folder/A_2.jpg", "folder/A_10.jpg", "pictures/a.png")
    )
    assert a.links == (Link("related", "B", 0),)
    assert a.properties == {"stock": "3"}
    assert (b.title, b.price, b.columns, b.group) == ("Shirt", None, {}, None)
    assert catalog.kinds == ("brand", "scent")
    assert catalog.users == (User("u", {"age": "30-39"}), User("w"), User("v"))
    assert catalog.interactions == (
        Interaction("u", "A", "view", 0.5, 1600646400.0, "valid"),
        Interaction("v", "B", "buy", 1.0, 1600646400.0, None),
    )
    (review,) = catalog.reviews
    assert (review.text, review.rating, review.user_id) == ("Good, warm", 4.5, "u")
    assert catalog.rows == {"items": 2, "users": 2, "interactions": 2, "reviews": 1}


def test_a_bad_row_is_rejected_with_its_place_and_the_rest_goes_in(tmp_path: Path) -> None:
    catalog, rejects = shop(
        tmp_path,
        {
            "items.csv": "sku,name,price\nA,a,1\nB,b,-5\nA,again,2\n,nameless,1\nC,c,NaN\nD,d,x\n",
            "events.csv": "user,item,event,at\nu,A,view,1\nu,B,view,1\nu,?,view,1\n"
            "u,A,view,soon\n,A,view,1\nu,A,,1\n",
        },
        items=ITEMS,
        interactions=EVENTS,
    )
    assert [item.id for item in catalog.items] == ["A"]
    assert catalog.items[0].title == "a"
    assert [str(error) for error in rejects.first.values()] == [
        "items.csv:3: price '-5' is not a number >= 0",
        "items.csv:4: sku 'A' is not an id of its own (first in row 2)",
        "items.csv:5: sku None is not given (it must not be empty)",
        "events.csv:3: item 'B' is not the id of an item in the catalogue",
        "events.csv:5: at 'soon' is not a time (ISO 8601, epoch seconds or epoch milliseconds)",
        "events.csv:6: user None is not given (it must not be empty)",
        "events.csv:7: event None is not given (it must not be empty)",
    ]
    assert rejects.counts["items.csv: price: a number >= 0"] == 3
    assert rejects.total == 10
    assert len(catalog.interactions) == 1
    # Every row read is in, or rejected: none is in neither place.
    assert catalog.rows["items"] == 1 + 5
    assert catalog.rows["interactions"] == 1 + 5


def test_a_catalogue_without_an_item_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"0 rows, 0 rejected.* at least one item"):
        shop(tmp_path, {"items.csv": "sku,name,price\n"}, items=ITEMS)
    with pytest.raises(DataError, match="1 rows, 1 rejected"):
        shop(tmp_path, {"items.csv": "sku,name,price\nA,a,-1\n"}, items=ITEMS)


def test_a_missing_picture_costs_the_picture_not_the_item(tmp_path: Path) -> None:
    picture(tmp_path / "b.png")
    picture(tmp_path.parent / "outside.png")
    catalog, rejects = shop(
        tmp_path,
        {"items.csv": "sku,name,price,pic\nA,a,1,absent.png|b.png\nB,b,2,../outside.png\n"},
        items={**ITEMS, "images": ["pic"]},
    )
    assert [item.images for item in catalog.items] == [(tmp_path / "b.png",), ()]
    assert [str(error) for error in rejects.first.values()] == [
        "items.csv:2: pic 'absent.png' is not an existing picture",
        "items.csv:3: pic '../outside.png' is not a picture inside the catalogue's folder",
    ]


def test_equal_events_add_their_weights(tmp_path: Path) -> None:
    events = "user,item,event,at\nu,A,buy,2020-09-21\nu,A,buy,2020-09-21\nu,A,buy,2020-09-22\n"
    catalog, rejects = shop(
        tmp_path,
        {"items.csv": "sku,name,price\nA,a,1\n", "events.csv": events},
        items=ITEMS,
        interactions=EVENTS,
    )
    assert [event.weight for event in catalog.interactions] == [2.0, 1.0]
    assert rejects.total == 0


def test_one_event_cannot_be_in_two_splits(tmp_path: Path) -> None:
    catalog, rejects = shop(
        tmp_path,
        {
            "items.csv": "sku,name,price\nA,a,1\n",
            "events.csv": "user,item,event,at,part\nu,A,buy,1,train\nu,A,buy,1,test\nu,A,buy,2,x\n",
        },
        items=ITEMS,
        interactions={**EVENTS, "split": "part"},
    )
    assert [event.split for event in catalog.interactions] == ["train"]
    assert [error.value for error in rejects.first.values()] == ["test", "x"]


def test_a_link_to_an_unknown_item_or_to_itself_is_rejected(tmp_path: Path) -> None:
    catalog, rejects = shop(
        tmp_path,
        {"items.csv": "sku,name,price,up\nA,a,1,B|A|X\nB,b,1,\n"},
        items={**ITEMS, "links": {"upsell": "up"}},
    )
    assert catalog.items[0].links == (Link("upsell", "B", 0),)
    assert rejects.counts == {"items.csv: upsell: the id of another item in the catalogue": 2}


def test_wrong_places_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"kg\.catalog\.items\.file"):
        shop(tmp_path, {})
    with pytest.raises(DataError, match="an existing folder"):
        read_catalog(CatalogSettings(path=tmp_path / "absent"), rejects=Rejects())
    with pytest.raises(ConfigError, match="nowhere is not a folder"):
        shop(
            tmp_path,
            {"items.csv": "sku,name,price\nA,a,1\n"},
            items={**ITEMS, "image_folder": "nowhere"},
        )
