from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import DataError, StoreError
from kg.readers.markup import plain_text
from kg.readers.rows import TableRow
from kg.readers.tables import read_table
from kg.rejects import Rejects

COLUMNS = ("id", "name")


def read(path: Path, rejects: Rejects | None = None, **options: str) -> list[TableRow]:
    return list(read_table(path, columns=COLUMNS, rejects=rejects or Rejects(), **options))


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "byte order mark"])
def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path, mark: bytes) -> None:
    path = tmp_path / "items.csv"
    path.write_bytes(mark + 'id,name\n1,"a ""quoted"" 红裙"\n'.encode())
    assert read(path)[0].values == {"id": "1", "name": 'a "quoted" 红裙'}


def test_a_wrong_delimiter_names_header_columns_and_the_right_one(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text("id;name\n1;x\n")
    with pytest.raises(DataError) as caught:
        read(path)
    assert str(caught.value) == (
        "items.csv:1: header 'id;name' is not a header with columns id, name separated by ','"
        " (it is separated by ';': set delimiter = ';')"
    )
    assert read(path, delimiter=";")[0].values == {"id": "1", "name": "x"}


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text("id,title\n1,x\n")
    with pytest.raises(DataError, match=r"header 'id,title' is not .* \(missing: name\)"):
        read(path)


def test_a_row_knows_the_line_it_starts_on(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text('id,name\n1,"two\nlines"\n\n2,x\n')
    assert [(row.number, row.text("id")) for row in read(path)] == [(2, "1"), (5, "2")]


def test_a_row_of_another_length_is_rejected_and_the_rest_read(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text("id,name\n1,x,surplus\n2\n3,z\n")
    rejects = Rejects()
    assert [row.text("id") for row in read(path, rejects)] == ["3"]
    assert rejects.counts == {"items.csv: row: 2 cells, as the header has": 2}


def test_a_quote_never_closed_does_not_swallow_the_file_in_silence(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_text('id,name\n1,x\n2,"open\n3,z\n')
    rejects = Rejects()
    assert [row.text("id") for row in read(path, rejects)] == ["1"]
    assert [error.row for error in rejects.first.values()] == [3]


def test_a_badly_encoded_cell_costs_its_row_only(tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_bytes(b"id,name\n1,caf\xe9\n2,caf\xc3\xa9\n")
    first, second = read(path)
    with pytest.raises(DataError, match=r"items.csv:2: name .* is not UTF-8 text"):
        first.text("name")
    assert second.text("name") == "café"


@pytest.mark.parametrize("name", ["items.xlsx", "absent.csv"])
def test_a_file_that_is_no_table_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataError, match=name):
        read(tmp_path / name)


def test_an_empty_file_is_not_an_empty_table(tmp_path: Path) -> None:
    (tmp_path / "items.csv").touch()
    with pytest.raises(DataError, match="a table with a header"):
        read(tmp_path / "items.csv")


def test_utf_16_is_said_to_be_no_utf_8(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text("id,name\n1,x\n", encoding="utf-16")
    with pytest.raises(DataError, match="UTF-8 text"):
        read(tmp_path / "items.csv")


def test_json_lines_keep_types_and_reject_what_is_no_object(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text('{"id": 1, "name": ["a", "b"]}\n{"id": 2,\n[3]\n\n{"id": 4, "name": null}\n')
    rejects = Rejects()
    rows = read(path, rejects)
    assert [(row.number, row.text("id")) for row in rows] == [(1, "1"), (5, "4")]
    assert rows[0].texts("name", "|") == ("a", "b")
    assert rejects.counts == {"items.jsonl: row: a JSON object": 2}


def test_a_key_that_no_json_row_has_is_a_wrong_mapping(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text('{"id": 1}\n{"id": 2}\n')
    with pytest.raises(DataError, match="in no row: name"):
        read(path)


def test_parquet_rows_and_a_damaged_parquet_file(tmp_path: Path) -> None:
    path = tmp_path / "items.parquet"
    pq.write_table(pa.table({"id": [7.0, 8.0], "name": ["x", None], "other": [1, 2]}), path)
    rows = read(path)
    # A float id column is what pandas makes of integers with gaps.
    assert [(row.number, row.text("id"), row.text("name")) for row in rows] == [
        (1, "7", "x"),
        (2, "8", ""),
    ]
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(DataError, match="a whole Parquet file"):
        read(path)


def row(**values: object) -> TableRow:
    return TableRow("t.csv", 17, values)


@pytest.mark.parametrize("value", ["abc", "nan", "NaN", float("nan"), "inf", "-1", "1_0", True])
def test_a_price_is_a_finite_number_not_below_zero(value: object) -> None:
    with pytest.raises(DataError) as caught:
        row(price=value).number_or_none("price", at_least=0.0)
    assert str(caught.value) == f"t.csv:17: price {value!r} is not a number >= 0"


@pytest.mark.parametrize(
    ("value", "number"), [("", None), (None, None), ("0", 0.0), ("12.5", 12.5), (3, 3.0)]
)
def test_numbers(value: object, number: float | None) -> None:
    assert row(price=value).number_or_none("price", at_least=0.0) == number


@pytest.mark.parametrize(
    "value",
    [
        "2020-09-21",
        "2020-09-21T00:00:00",
        "2020-09-21T00:00:00Z",
        "2020-09-21T08:00:00+08:00",
        "20200921",
        "1600646400",
        1600646400,
        1600646400000,
        "1600646400000",
        datetime(2020, 9, 21, tzinfo=UTC),
        datetime(2020, 9, 21).date(),
    ],
)
def test_one_moment_written_in_many_ways(value: object) -> None:
    assert row(at=value).time_s("at") == 1600646400.0


@pytest.mark.parametrize("value", ["", None, "yesterday", "2020-13-01", "21/09/2020", "9" * 30])
def test_a_bad_date_is_named(value: object) -> None:
    with pytest.raises(DataError, match=r"t\.csv:17: at .* is not a time"):
        row(at=value).time_s("at")


@given(st.floats(min_value=-1e10, max_value=1e10).map(lambda seconds: round(seconds, 3)))
def test_a_written_time_is_read_back(seconds: float) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    assert row(at=moment.isoformat()).time_s("at") == pytest.approx(seconds, abs=1e-5)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Soft &amp; warm</p>\n<ul><li>a<li>b</ul>", "Soft & warm\na\nb"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("caf&eacute; &bull; x", "café • x"),
        ("<script>alert(1)</script>text<br/>more", "text\nmore"),
        ("a <b>bold</b>ly put", "a boldly put"),
        ("https://shop.example/", "https://shop.example/"),
        ("", ""),
    ],
)
def test_plain_text_of_markup(markup: str, text: str) -> None:
    assert plain_text(markup) == text


def test_rejects_are_lines_with_place_value_and_expectation(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "rejects.jsonl"
    with Rejects(path) as rejects:
        rejects.add(DataError("a.csv", row=3, column="price", value=-1.5, expected="a number"))
        rejects.add(DataError("a.csv", row=4, column="price", value="红", expected="a number"))
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert lines[0] == {
        "file": "a.csv",
        "row": 3,
        "column": "price",
        "value": "-1.5",
        "expected": "a number",
    }
    assert lines[1]["value"] == "红"
    assert rejects.counts == {"a.csv: price: a number": 2}
    assert rejects.total == 2
    Rejects(path).close()
    assert path.read_text() == ""  # of another run


def test_a_rejects_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="rejects file"):
        Rejects(tmp_path)
