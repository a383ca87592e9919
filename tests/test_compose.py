"""docker-compose.yml and Dockerfile: rules that hold everywhere, and what docker itself says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from api.settings import load_settings

ROOT = Path(__file__).resolve().parent.parent
COMPOSE = ROOT / "docker-compose.yml"
SERVICES = ("api", "neo4j")
_VARIABLE = re.compile(r"(?<!\$)\$\{(\w+)(?::([-?])([^}]*))?\}")


class NotSet(Exception):
    """What `docker compose` would say."""


def resolved(value: Any, environment: dict[str, str]) -> Any:
    """``value`` with ``${NAME}``, ``${NAME:-default}`` and ``${NAME:?words}`` filled in."""
    if isinstance(value, dict):
        return {key: resolved(each, environment) for key, each in value.items()}
    if isinstance(value, list):
        return [resolved(each, environment) for each in value]
    if not isinstance(value, str):
        return value

    def fill(found: re.Match[str]) -> str:
        name, form, words = found.groups()
        given = environment.get(name, "")
        if not given and form == "?":
            raise NotSet(words)
        return given or (words if form == "-" else "")

    return _VARIABLE.sub(fill, value).replace("$$", "$")


def compose(**environment: str) -> dict[str, Any]:
    return resolved(yaml.safe_load(COMPOSE.read_text("utf-8")), environment)


def test_filling_in_is_done_as_docker_does_it() -> None:
    text = "${A:-b c}:$$x:${B}:${C:-}"
    assert resolved(text, {}) == "b c:$x::"
    assert resolved(text, {"A": "1", "B": "2"}) == "1:$x:2:"
    with pytest.raises(NotSet, match=r"^say A$"):
        resolved(["${A:?say A}"], {"A": ""})


def test_without_a_password_it_says_what_to_set() -> None:
    with pytest.raises(NotSet, match="set NEO4J_PASSWORD"):
        compose()


@pytest.mark.parametrize("service", SERVICES)
def test_every_port_is_for_this_machine_unless_asked(service: str) -> None:
    closed = compose(NEO4J_PASSWORD="p")["services"][service]["ports"]
    opened = compose(NEO4J_PASSWORD="p", SHOPGRAPH_BIND="0.0.0.0")["services"][service]["ports"]
    assert closed
    assert [port.split(":")[0] for port in closed] == ["127.0.0.1"] * len(closed)
    assert [port.split(":")[0] for port in opened] == ["0.0.0.0"] * len(opened)


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_is_watched_restarted_and_keeps_its_data(service: str) -> None:
    found = compose(NEO4J_PASSWORD="p")
    health = found["services"][service]["healthcheck"]
    assert {"test", "interval", "timeout", "retries", "start_period"} <= health.keys()
    assert found["services"][service]["restart"] == "unless-stopped"
    volumes = dict(each.split(":") for each in found["services"][service]["volumes"])
    assert volumes.keys() <= found["volumes"].keys(), "a volume without a name"
    assert {"api": "/shop", "neo4j": "/data"}[service] in volumes.values()


def test_no_secret_is_written_down() -> None:
    """What is secret comes from the environment and has no default."""
    plain = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]
    secrets = [
        value
        for service in plain.values()
        for name, value in service["environment"].items()
        if re.search("PASSWORD|AUTH|KEY|SECRET|TOKEN", name)
    ]
    assert len(secrets) == 3
    for value in secrets:
        assert value is None or re.fullmatch(r"(neo4j/)?\$\{NEO4J_PASSWORD:\?[^}]+\}", value)


def test_the_service_waits_for_a_database_of_the_version_that_is_tested() -> None:
    services = compose(NEO4J_PASSWORD="p")["services"]
    assert services["api"]["depends_on"] == {"neo4j": {"condition": "service_healthy"}}
    assert services["neo4j"]["image"] == "neo4j:5.26-community"


def test_the_database_has_room_that_can_be_changed() -> None:
    def memory(**given: str) -> dict[str, str]:
        environment = compose(NEO4J_PASSWORD="p", **given)["services"]["neo4j"]["environment"]
        start = "NEO4J_server_memory_"
        return {k.removeprefix(start): v for k, v in environment.items() if k.startswith(start)}

    names = ("heap_initial__size", "heap_max__size", "pagecache_size")
    assert memory() == dict(zip(names, ("1g", "1g", "512m"), strict=True))
    assert memory(NEO4J_HEAP="4g", NEO4J_PAGECACHE="2g") == dict(
        zip(names, ("4g", "4g", "2g"), strict=True)
    )


def test_the_settings_are_those_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = compose(NEO4J_PASSWORD="a password")["services"]["api"]["environment"]
    assert environment.pop("SHOPGRAPH_API__ADMIN_KEY") is None  # handed on, where it is set
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    assert settings.kg.store.url == "bolt://neo4j:7687"
    assert settings.kg.store.password is not None
    assert settings.kg.store.password.get_secret_value() == "a password"
    assert (settings.api.host, settings.api.port) == ("0.0.0.0", 8000)


def test_the_image_runs_as_a_user_and_without_build_tools() -> None:
    lines = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", " ").splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("FROM ")]
    assert len(starts) == 2
    last = [line for line in lines[starts[-1] :] if not line.startswith("#")]
    assert not [line for line in last if re.search(r"apt-get|pip |build-essential|gcc", line)]
    assert [line for line in last if line.startswith("COPY")] == ["COPY --from=build /venv /venv"]
    user = last.index("USER shopgraph")
    assert not [line for line in last[user:] if line.startswith("RUN")]
    assert 'ENTRYPOINT ["shopgraph"]' in last[user:]


def test_what_is_sent_to_the_builder_is_the_program_alone() -> None:
    patterns = (ROOT / ".dockerignore").read_text("utf-8").split("\n")
    rules = [line for line in patterns if line and not line.startswith("#")]
    assert rules[0] == "*"
    kept = [line.removeprefix("!") for line in rules if line.startswith("!")]
    assert all((ROOT / name).exists() for name in kept)
    for private in (".git", ".env", ".venv", ".shopgraph", "tests", "benchmarks"):
        assert not any(fnmatch(private, name) for name in kept), private


def test_docker_itself_reads_it() -> None:
    docker = shutil.which("docker")
    if docker is None:
        pytest.skip("no docker on this machine")
    command = [docker, "compose", "--file", str(COMPOSE), "config"]
    if subprocess.run([docker, "compose", "version"], check=False, capture_output=True).returncode:
        pytest.skip("this docker has no compose")
    environment = {k: v for k, v in os.environ.items() if k != "NEO4J_PASSWORD"}
    without = subprocess.run(
        command, check=False, capture_output=True, text=True, env=environment, cwd=ROOT
    )
    assert without.returncode != 0
    assert "set NEO4J_PASSWORD" in without.stderr
    given = environment | {"NEO4J_PASSWORD": "not a secret"}
    found = subprocess.run(command, check=True, capture_output=True, text=True, env=given, cwd=ROOT)
    ports = [
        port for each in yaml.safe_load(found.stdout)["services"].values() for port in each["ports"]
    ]
    assert {port["host_ip"] for port in ports} == {"127.0.0.1"}
    assert {int(port["published"]) for port in ports} == {7474, 7687, 8000}
