"""The query library: headers, names, and parameters checked before any engine."""

from __future__ import annotations

import re

import pytest

from kg.errors import ConfigError, QueryError
from kg.queries import Query, all_queries, load_query, parse_query, query_names

HEADER = """// What it answers,
// in two lines
// :param id STRING
// :param limit INTEGER
// :returns a, b
// :access read
"""


def test_a_header_is_read() -> None:
    query = parse_query("topic/name", HEADER + "MATCH (n) RETURN n.a AS a, n.b AS b\n// tail")
    assert query.purpose == "What it answers, in two lines"
    assert query.params == {"id": "STRING", "limit": "INTEGER"}
    assert query.returns == ("a", "b")
    assert query.access == "read"
    assert query.text.startswith("// What it answers")


def test_defaults_the_reason_of_slowness_and_the_column_to_draw() -> None:
    text = HEADER.replace("INTEGER", "INTEGER = 20").replace("a, b", "a, graph")
    text = text.replace("STRING", 'LIST<STRING> = ["x = 1"]')
    query = parse_query("t/n", text + "// :slow reads all,\n// :slow twice\nRETURN 1")
    assert query.params == {"id": "LIST<STRING>", "limit": "INTEGER"}
    assert query.defaults == {"id": ["x = 1"], "limit": 20}
    assert query.slow == "reads all, twice"
    assert query.returns == ("a", "graph")
    assert query.columns == ("a",)
    assert query.bind({"limit": 3}) == {"id": ["x = 1"], "limit": 3}
    assert parse_query("t/n", HEADER + "RETURN 1").slow is None


def test_which_other_people_an_answer_names() -> None:
    named = parse_query("t/n", HEADER + "// :people who bought the same\nRETURN 1")
    assert named.people == "who bought the same"
    assert parse_query("t/n", HEADER + "RETURN 1").people is None


def test_a_name_in_quotes_is_no_write() -> None:
    assert parse_query("t/n", HEADER + "MATCH (n {a: 'set'}) RETURN n.`delete`").access == "read"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("MATCH (n) RETURN n", "cypher/t/n.cypher: the header must say"),
        (HEADER.replace("read", "maybe"), "cypher/t/n.cypher:6: 'maybe' is not :access read|write"),
        (
            HEADER.replace("INTEGER", "INTEGER = many"),
            "cypher/t/n.cypher:4: default 'many' of limit",
        ),
        (HEADER.replace("INTEGER", "INTEGER = 1.5"), "default 1.5 of limit is not INTEGER"),
        (HEADER.replace("id STRING", "id"), "cypher/t/n.cypher:3: 'id' is not NAME TYPE"),
        (HEADER.replace("a, b", "graph, b"), "cypher/t/n.cypher:5: graph is the last column"),
        (HEADER + "// :slow", "cypher/t/n.cypher:7: :slow must say why"),
        (HEADER + "// :people", "cypher/t/n.cypher:7: :people must say which people"),
        (HEADER.replace("INTEGER", "NUMBER"), "cypher/t/n.cypher:4: type 'NUMBER' is not one of"),
        (HEADER.replace(":param", ":parm"), "cypher/t/n.cypher:3: :parm is not one of"),
        (HEADER + "MATCH (n)\nDETACH delete n", ":access read, but it says delete"),
    ],
)
def test_a_wrong_header_says_where(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse_query("t/n", text)
    assert message in str(raised.value)


@pytest.mark.parametrize("name", ["users/nothing", "users", "../kg/errors", "users/history.cypher"])
def test_an_unknown_name_lists_the_known_ones(name: str) -> None:
    with pytest.raises(ConfigError, match=r"is not one of: .*catalogue/item, .*users/history"):
        load_query(name)


def test_every_file_is_found_once() -> None:
    names = query_names()
    assert len(set(names)) == len(names) >= 30
    assert {"catalogue/search_titles", "explanations/co_purchase"} <= set(names)


@pytest.mark.parametrize("query", all_queries(), ids=lambda query: query.name)
def test_a_header_agrees_with_its_query(query: Query) -> None:
    body = "\n".join(line for line in query.text.splitlines() if not line.startswith("//"))
    assert set(re.findall(r"\$(\w+)", body)) == set(query.params)
    assert len(query.purpose) > 20
    assert ";" not in body, "one statement a file"
    last = re.split(r"\bRETURN\b", body)[-1]
    for column in query.returns:
        assert re.search(rf"(\bAS\s+|(^|,)\s*){column}\b", last), column


TYPED = Query(
    "t/typed",
    "",
    "",
    {
        "s": "STRING",
        "i": "INTEGER",
        "f": "FLOAT",
        "b": "BOOLEAN",
        "l": "LIST<STRING>",
        "m": "MAP",
        "ms": "LIST<MAP>",
    },
    (),
    "read",
)
RIGHT = {"s": "x", "i": 1, "f": 1.5, "b": True, "l": ["x"], "m": {"a": [1]}, "ms": [{}]}


def test_right_parameters_pass_through() -> None:
    assert TYPED.bind(RIGHT) == RIGHT
    assert TYPED.bind(RIGHT | {"f": 2, "l": []})["f"] == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("s", 1),
        ("i", 1.0),
        ("i", True),
        ("f", "1"),
        ("f", False),
        ("b", 1),
        ("l", "x"),
        ("l", [1]),
        ("m", []),
        ("m", {1: 2}),
        ("ms", {}),
        ("s", None),
    ],
)
def test_a_wrong_type_is_refused(name: str, value: object) -> None:
    with pytest.raises(QueryError, match=rf"query t/typed: {name} .* is not "):
        TYPED.bind(RIGHT | {name: value})


def test_all_that_is_wrong_is_said_at_once() -> None:
    given = {name: value for name, value in RIGHT.items() if name != "s"} | {"i": "one", "x": 1}
    with pytest.raises(QueryError) as raised:
        TYPED.bind(given)
    message = str(raised.value)
    assert "missing parameter s (STRING)" in message
    assert "unknown parameter x (takes: s, i, f, b, l, m, ms)" in message
    assert "i 'one' is not INTEGER" in message
