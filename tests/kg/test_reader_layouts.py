"""The ready layouts: the format by small hand-made folders, the real data by its counts."""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kg.demo import build_demo
from kg.errors import DataError
from kg.items import Interaction, Link, LocalText, User
from kg.readers import Catalog, read_catalog
from kg.readers.hm import ENTITY_COLUMNS
from kg.rejects import Rejects
from kg.settings import CatalogSettings, KgSettings


def read(layout: str, folder: Path, **more: object) -> tuple[Catalog, Rejects]:
    rejects = Rejects()
    settings = CatalogSettings.model_validate({"layout": layout, "path": folder, **more})
    return read_catalog(settings, rejects=rejects), rejects


def test_hm_by_hand(tmp_path: Path) -> None:
    articles = {
        "article_id": ["01", "02", "03"],
        "product_code": [7, 7, 8],
        "prod_name": ["Tee", "Tee", "Sock"],
        "detail_desc": ["Soft tee.", None, "x"],
        **{column: [column, None, "z"] for column in ENTITY_COLUMNS.values()},
    }
    pq.write_table(pa.table(articles), tmp_path / "articles.parquet")
    (tmp_path / "inter_5core.csv").write_text(
        "customer_id,article_id,t_dat,price,sales_channel_id,split\n"
        "u,01,2020-09-21,0.1,2,train\nv,01,2020-09-22,0.3,2,test\n"
        "v,02,2020-09-22,-1,2,valid\nv,09,2020-09-22,1,2,valid\nu,02,2020-09-22,0.4,2,valid\n"
    )
    (tmp_path / "customers_known.csv").write_text(
        "customer_id,FN,Active,club_member_status,fashion_news_frequency,age\n"
        "u,,,ACTIVE,NONE,40.0\nx,,,ACTIVE,NONE,30\n"
    )
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "01.jpg").touch()
    catalog, rejects = read("hm", tmp_path)
    first, second = catalog.items  # 03 is in no interaction
    assert first.price == pytest.approx(0.2)
    assert first.texts == (LocalText("en", "Tee", "Soft tee."),)
    assert first.columns["category"] == ("product_type_name",)
    assert first.columns["colour_family"] == ("perceived_colour_master_name",)
    assert (first.group, second.group, second.columns) == ("7", "7", {})
    assert first.images == (tmp_path / "images" / "01.jpg",)
    assert catalog.users == (
        User(
            "u",
            {
                "club_member_status": "ACTIVE",
                "fashion_news_frequency": "NONE",
                "age_band": "40-49",
            },
        ),
        User("v"),
    )
    assert catalog.interactions[0] == Interaction("u", "01", at_s=1600646400.0, split="train")
    assert rejects.counts == {
        "articles.parquet: photo: an existing picture": 1,
        "inter_5core.csv: price: a number >= 0": 1,
        "inter_5core.csv: article_id: the id of an item in the catalogue": 1,
    }


def test_movielens_by_hand(tmp_path: Path) -> None:
    (tmp_path / "x.item").write_text(
        "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
        '1\t"Toy" Story\t1995\tAnimation Comedy\n'
        "2\tunkonwn\tunkonwn\tunknown\n3\tLand\tV\tDrama\n"
    )
    (tmp_path / "x.user").write_text(
        "user_id:token\tage:token\tgender:token\toccupation:token\tzip_code:token\n"
        "5\t24\tM\twriter\t12345\n"
    )
    (tmp_path / "x.inter").write_text(
        "user_id:token\titem_id:token\trating:float\ttimestamp:float\n5\t1\t4\t881250949\n"
    )
    catalog, rejects = read("movielens", tmp_path)
    toy, unknown, land = catalog.items
    assert toy.title == '"Toy" Story'
    assert toy.columns == {"genre": ("Animation", "Comedy"), "decade": ("1990s",)}
    assert (unknown.title, unknown.columns) == ("2", {})
    assert land.columns == {"genre": ("Drama",)}  # a year that is none costs the year only
    assert [str(error) for error in rejects.first.values()] == [
        "x.item:4: release_year:token 'V' is not a number from 1800 to 2200"
    ]
    # The zip code says where a person lives: it is not read.
    assert catalog.users[0].profile == {"gender": "M", "occupation": "writer", "age_band": "20-29"}
    assert catalog.interactions == (Interaction("5", "1", "rating", 4.0, 881250949.0),)


def luma_folder(folder: Path) -> None:
    def write(name: str, text: str) -> None:
        path = folder / "Some" / "fixtures" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    write(
        "attributes.csv",
        "frontend_label,frontend_input,attribute_code\nColor,select,color\n"
        "Activity,multiselect,activity\nStyle,multiselect,style_bags\nSize,select,size\n"
        "Material,multiselect,material\nNew,boolean,new\n",
    )
    write(
        "products.csv",
        "sku,product_type,categories,name,description,price,base_image,additional_images,"
        "additional_attributes,configurable_variations\n"
        'H-S,simple,"Default Category/Men/Tops",Hoodie-S,<p>Warm</p>,52,/m/h.jpg,,'
        '"has_options=0,size=S,color=Gray",\n'
        'H,configurable,"Default Category/Men/Tops,Default Category",Hoodie,<p>Warm</p>,52,'
        '/m/h.jpg,"/m/h2.jpg,/m/absent.jpg","material=Wool|Rayon, spun,new=Yes,size=",'
        '"sku=H-S,size=S,color=Gray|sku=H-M,size=M,color=Gray"\n',
    )
    write(
        "SimpleProduct/bags.csv",
        'category,name,sku,price,activity,style_bags,new\n"Gear\nBags",Duffle,B1,34,'
        '"Gym\nTravel\n",Tote,1\n',
    )
    write("SimpleProduct/images_bags.csv", "sku,image\nB1,/m/b.jpg\n")
    write("images_none.csv", "sku,image\n")
    for kind in ("related", "upsell", "crosssell"):
        write(f"Links/{kind}.csv", "sku,linked_sku\n")
    write("Links/related.csv", 'sku,linked_sku\nH,"B1\nX"\n')
    write(
        "products_reviews.csv",
        "sku,rating_code,rating_value,title,review,reviewer,email\n"
        "B1,Rating,2,Small,Too small,Chi,\n"
        "B1,Rating,9,Small,Too small,Chi,\n",
    )
    for name in ("h.jpg", "h2.jpg", "b.jpg"):
        path = folder / "media" / "m" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_luma_by_hand(tmp_path: Path) -> None:
    luma_folder(tmp_path)
    catalog, rejects = read("luma", tmp_path)
    items = {item.id: item for item in catalog.items}
    media = tmp_path / "media" / "m"
    assert items["H"].columns == {
        "material": ("Wool", "Rayon, spun"),
        "category": ("Men", "Tops"),
    }
    assert items["H"].properties["new"] is True
    assert items["H"].images == (media / "h.jpg", media / "h2.jpg")
    # A variant is in its parent's group and has the parent's material.
    assert items["H-S"].group == items["H"].group == "H"
    assert items["H-S"].columns == {
        "size": ("S",),
        "colour": ("Gray",),
        "material": ("Wool", "Rayon, spun"),
        "category": ("Men", "Tops"),
    }
    assert items["H-S"].texts == (LocalText("en", "Hoodie-S", "Warm"),)
    assert items["B1"].columns == {
        "use": ("Gym", "Travel"),
        "style": ("Tote",),
        "category": ("Gear", "Bags"),
    }
    assert items["B1"].images == (media / "b.jpg",)
    assert items["H"].links == (Link("related", "B1", 0),)
    assert [(review.user_id, review.rating) for review in catalog.reviews] == [("Chi", 2.0)]
    assert sorted((error.column, error.value) for error in rejects.first.values()) == [
        ("image", "m/absent.jpg"),
        ("linked_sku", "X"),
        ("rating_value", "9"),
    ]


@pytest.mark.parametrize("layout", ["hm", "movielens", "luma", "demo"])
def test_a_folder_of_another_layout_is_a_clear_error(tmp_path: Path, layout: str) -> None:
    with pytest.raises(DataError, match=r"inter_5core|\*\.item|fixtures|items\.jsonl"):
        read(layout, tmp_path)


def test_the_demo_shop_is_read_whole_by_either_of_its_layouts(tmp_path: Path) -> None:
    made = build_demo(tmp_path, items=12, users=8)
    catalog, rejects = read("demo", tmp_path)
    assert rejects.total == 0
    assert (len(catalog.items), len(catalog.users)) == (12, 8)
    assert (len(catalog.interactions), len(catalog.reviews)) == (made.interactions, made.reviews)
    assert catalog.kinds == ("brand",)  # the rest has to be extracted
    for item in catalog.items:
        assert [text.language for text in item.texts] == ["en", "zh"]
        assert item.price is not None
        assert len(item.images) == 1
    mapping = tomllib.loads((tmp_path / "shopgraph.toml").read_text(encoding="utf-8"))
    settings = KgSettings.model_validate(mapping["kg"]).relative_to(tmp_path)
    assert replace(read_catalog(settings.catalog, rejects=rejects), source="") == replace(
        catalog, source=""
    )


def test_hm_data(shared: Path) -> None:
    catalog, rejects = read("hm", shared / "data" / "hm")
    assert (len(catalog.items), len(catalog.users), len(catalog.interactions)) == (
        3196,
        8944,
        64946,
    )
    assert Counter(event.split for event in catalog.interactions) == {
        "train": 43163,
        "valid": 9286,
        "test": 12497,
    }
    assert sum(len(item.images) for item in catalog.items) == 3196
    assert rejects.total == 0


def test_movielens_data(shared: Path) -> None:
    catalog, rejects = read("movielens", shared / "data" / "ml-100k")
    assert (len(catalog.items), len(catalog.users), len(catalog.interactions)) == (
        1682,
        943,
        100_000,
    )
    assert sum(len(item.images) for item in catalog.items) == 1300
    assert rejects.total == 1  # the year 'V' of one film


def test_luma_data(shared: Path) -> None:
    catalog, _ = read("luma", shared / "data" / "luma")
    assert Counter(item.properties.get("product_type") for item in catalog.items) == {
        "simple": 1847,
        "configurable": 147,
        None: 52,
    }
    assert all(item.images for item in catalog.items)
    # 152 of the 500 reviews are of products that the fixtures do not contain.
    assert len(catalog.reviews) + 152 == 500
    assert not any("<p>" in item.texts[0].description for item in catalog.items)
