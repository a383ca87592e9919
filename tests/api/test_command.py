"""The `shopgraph` command: help, answers, exit codes, errors in one line."""

from __future__ import annotations

import csv
import io
import json
import re
import socket
from pathlib import Path

import pytest
import typer
from serving_fixtures import RED, STRANGER, fan, shop  # noqa: F401

from api import models
from api.cli import build, main

NAMES = [
    "demo",
    "ingest",
    "migrate",
    "align",
    "train",
    "evaluate",
    "serve",
    "recommend",
    "similar",
    "explain",
    "query",
    "check",
    "export",
    "openapi",
]


def run(*arguments: str) -> int:
    """Exit code of the command."""
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return int(left.value.code or 0)


def test_these_are_the_commands() -> None:
    found = list(typer.main.get_command(build()).commands)  # type: ignore[attr-defined]
    assert found == [*NAMES, "extract"]


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_an_example_and_speaks_json(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(name, "--help") == 0
    shown = capsys.readouterr().out
    assert f"Example: shopgraph {name}" in shown
    assert "--json" in shown


def test_recommend_as_a_table_and_as_the_services_document(
    shop: Path,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    config = str(shop / "shopgraph.toml")
    user = fan("red", 5)
    assert run("recommend", user, "--k", "2", "--config", config) == 0
    shown = capsys.readouterr().out
    assert "Red thing 5" in shown
    assert "red" in shown
    assert run("recommend", user, "--k", "2", "--config", config, "--json") == 0
    answer = models.RecommendationsAnswer.model_validate_json(capsys.readouterr().out)
    assert answer.items[0].id == RED[5]
    assert len(answer.items) == 2
    assert run("recommend", STRANGER, "--lang", "zh", "-c", config, "--json") == 0
    answer = models.RecommendationsAnswer.model_validate_json(capsys.readouterr().out)
    assert (answer.strategy, answer.language) == ("popular", "zh")


def test_similar_and_explain(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    config = str(shop / "shopgraph.toml")
    assert run("similar", "r☕", "--k", "7", "-c", config, "--json") == 0
    similar = models.RecommendationsAnswer.model_validate_json(capsys.readouterr().out)
    assert {item.id for item in similar.items} == set(RED) - {"r☕"}
    # Without an item: the first that is recommended.
    assert run("explain", fan("red", 6), "-c", config, "--json") == 0
    why = models.ExplanationAnswer.model_validate_json(capsys.readouterr().out)
    assert why.item.id == RED[6]
    assert run("explain", fan("red", 6), RED[6], "-c", config) == 0
    shown = capsys.readouterr().out
    assert why.sentence[:40] in shown
    assert "score" in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("similar", "never-was"), "never-was"),
        (("explain", "u", "never-was"), "never-was"),
        (("query", "users/histroy"), "users/history"),
        (("query", "users/history"), "missing parameter user_id (STRING)"),
        (("query", "users/history", "-p", "user_id=u", "-p", "limit=x"), "limit 'x' is not INT"),
        (("query", "users/history", "-p", "user_id"), "--param 'user_id' is not name=value"),
    ],
)
def test_an_error_is_one_line_without_a_traceback(
    shop: Path,  # noqa: F811
    arguments: tuple[str, ...],
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    config = str(shop / "shopgraph.toml")
    assert run(*arguments, "--config", config) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1
    assert words in said.err
    assert run(*arguments, "--config", config, "--json") == 1
    said = capsys.readouterr()
    assert said.out == ""
    problem = json.loads(said.err)
    assert words in problem["message"]
    assert problem["error"] in {"NotFound", "ConfigError", "QueryError"}


def test_several_wrong_settings_are_still_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "shopgraph.toml"
    config.write_text("[api]\nprot = 1\nhots = 2\n", encoding="utf-8")
    assert run("recommend", "u", "-c", str(config)) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "api.prot" in said
    assert "api.hots" in said


@pytest.mark.parametrize(
    "arguments",
    [
        ("recommend",),
        ("recommend", "u", "--k", "0"),
        ("recommend", "u", "--lang", "fr"),
        ("recomend", "u"),
        ("query", "--format", "xml"),
        ("serve", "--port", "70000"),
    ],
)
def test_wrong_usage_is_2(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*arguments) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_no_artifact_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "shopgraph.toml").touch()
    assert run("recommend", "u", "-c", str(tmp_path / "shopgraph.toml")) == 1
    said = capsys.readouterr().err
    assert "train" in said
    assert str(tmp_path) in said


def test_the_query_library_is_listed_in_three_forms(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("query") == 0
    table = capsys.readouterr().out
    assert run("query", "--format", "csv") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert run("query", "--json") == 0
    documents = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == [each["name"] for each in documents]
    assert {"users/history", "administration/counts"} <= {each["name"] for each in documents}
    assert "users/history" in table
    history = next(each for each in documents if each["name"] == "users/history")
    assert history["params"] == "user_id STRING, limit INTEGER = 20"


def test_openapi_needs_neither_store_nor_artifact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("openapi", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert list(tmp_path.iterdir()) == []
    assert document["openapi"].startswith("3.")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation.get("description"), path
            # The library is read from files: to list it, no graph is asked.
            if path.startswith("/v1/") and (method, path[:11]) != ("get", "/v1/queries"):
                assert {"422", "503"} <= set(operation["responses"]), path
    schema = document["paths"]["/v1/users/{user_id}/recommendations"]["get"]
    answer = schema["responses"]["200"]["content"]["application/json"]["schema"]
    assert answer["$ref"].endswith("/RecommendationsAnswer")


def test_a_busy_port_is_named(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = str(busy.getsockname()[1])
        assert run("serve", "--port", port, "-c", str(shop / "shopgraph.toml")) == 1
        said = capsys.readouterr().err
        assert re.search(rf"port {port} .*in use by another process", said)
        assert "--port 0" in said
        # Said before a minute of work, not after it.
        assert run("demo", str(shop / "nothing-here"), "--port", port) == 1
    assert not (shop / "nothing-here").exists()
