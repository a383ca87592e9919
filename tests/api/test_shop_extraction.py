"""From settings to an ingest: extractors, corrections and labels as the settings say."""

from __future__ import annotations

from pathlib import Path

from api.shop import Rate, correct_item, ingest_shop, open_graph
from kg.queries import load_query


def test_a_rate_and_the_time_left() -> None:
    seen: list[tuple[str, int, int, str]] = []
    times = iter([0.0, 0.0, 10.0, 20.0, 50.0])
    rate = Rate(lambda *told: seen.append(told), clock=lambda: next(times))
    rate("extract", 0, 1000)
    rate("write", 0, 3)
    rate("extract", 200, 1000)  # 20 a second, 800 to go
    rate("write", 1, 3)
    rate("extract", 1000, 1000)
    assert [note for _, _, _, note in seen] == [
        "",
        "",
        "20/s, 0:40 left",
        "0.1/s, 0:40 left",
        "20/s",
    ]


def test_a_correction_and_learned_labels_in_a_shop_of_files(tmp_path: Path) -> None:
    from api.settings import load_settings

    words = {"red": ("rose", "ruby"), "blue": ("sky", "sea")}
    lines = ["id,title,shade"]
    for number in range(60):
        shade = "red" if number % 2 else "blue"
        lines.append(f"p{number:02},{words[shade][number // 2 % 2]} thing {number},{shade}")
    lines.append("p98,ruby thing,")
    (tmp_path / "items.csv").write_text("\n".join(lines) + "\n")
    config = tmp_path / "shopgraph.toml"
    config.write_text(
        '[kg.store]\nurl = "embedded:graph"\n'
        "[kg.extraction]\ncolours = false\ntext_labels = true\nprocesses = 1\n"
        '[kg.catalog.items]\nfile = "items.csv"\n'
        '[kg.catalog.items.entities]\nshade = "shade"\n'
    )
    settings = load_settings(config)
    with open_graph(settings) as store:
        ingest_shop(settings, store, show=lambda *_: None)

        def shades(item: str) -> list[tuple[str, str]]:
            (row,) = store.run(load_query("catalogue/item"), item_id=item)
            return [(one["name"], one["modality"]) for one in row["attributes"]]

        # Its column is empty: what the others' titles teach.
        assert shades("p98") == [("red", "text")]
        correct_item(settings, store, item_id="p98", kind="shade", value="red", says="no", at_s=1.0)
        assert shades("p98") == []
        again = ingest_shop(settings, store, show=lambda *_: None)
        assert shades("p98") == []
        assert again["written"]["relationships_created"] == 0
