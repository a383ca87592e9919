"""One `shopgraph.toml`, overridden by `SHOPGRAPH_KG__STORE__URL`-style environment variables."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError

from gnn.settings import GnnSettings
from kg.errors import ConfigError
from kg.settings import KgSettings, config_error

#: Where the configuration is looked for when no ``--config`` is given, first one wins.
CONFIG_PLACES = (Path("shopgraph.toml"), Path(".shopgraph/demo/shopgraph.toml"))


class ApiSettings(BaseModel):
    """How the service listens and presents itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="Address to listen on; 0.0.0.0 for every one.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    shop_name: str = Field("Shopgraph", description="Name that the page shows.")
    currency: str = Field(
        "", pattern=r"^([A-Z]{3})?$", description="ISO 4217 code of prices; empty shows numbers."
    )
    max_k: int = Field(200, ge=1, description="Longest list that one request may ask for.")
    check_graph: bool = Field(
        True, description="At start, ask the graph whether the artifact was trained on it."
    )
    admin_key: SecretStr | None = Field(
        None,
        min_length=16,
        description="Key for ad-hoc Cypher and for answers that name other people, at least 16 "
        "characters; give it in SHOPGRAPH_API__ADMIN_KEY, not in a file. None: nobody may.",
    )
    query_timeout_s: float = Field(
        10.0, gt=0, description="Longest time a query of the graph may take, in seconds."
    )
    cypher_timeout_s: float = Field(
        10.0, gt=0, description="Longest time an ad-hoc Cypher query may take, in seconds."
    )
    max_rows: int = Field(
        1000, ge=1, description="Most rows that one page of a query of the graph may have."
    )
    max_ranked: int = Field(
        5000, ge=1, description="Most rows of a query that are ordered for a user."
    )
    graph_threads: int = Field(
        8, ge=1, description="Most queries of the graph that run at once; others wait."
    )


class Settings(BaseSettings):
    """Every setting of Shopgraph, by room."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="SHOPGRAPH_", env_nested_delimiter="__"
    )

    kg: KgSettings = Field(default_factory=KgSettings, description="Knowledge graph.")
    gnn: GnnSettings = Field(default_factory=GnnSettings, description="Learning.")
    api: ApiSettings = Field(
        default_factory=lambda: ApiSettings.model_validate({}), description="Serving."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment over file; nothing else is read."""
        return (env_settings, init_settings)

    def relative_to(self, folder: Path) -> Settings:
        """The same settings with relative paths below ``folder``."""
        artifact_dir = folder / self.gnn.artifact_dir
        return self.model_copy(
            update={
                "kg": self.kg.relative_to(folder),
                "gnn": self.gnn.model_copy(update={"artifact_dir": artifact_dir}),
            }
        )


def find_config(given: Path | None) -> Path | None:
    """``given`` (which must exist), else the first of CONFIG_PLACES that does, else None."""
    if given is not None:
        if not given.is_file():
            raise ConfigError(f"{given}: no such configuration file")
        return given
    return next((place for place in CONFIG_PLACES if place.is_file()), None)


def load_settings(path: Path | None = None) -> Settings:
    """Settings from a TOML file, the environment over it; the defaults where ``path`` is None.

    Relative paths are below the file's folder. ConfigError says the file, the key or the value,
    and for an unknown key those that exist.
    """
    place = str(path) if path is not None else "settings"
    values: dict[str, Any] = {}
    if path is not None:
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{place}: not TOML: {error}") from error
        except OSError as error:
            raise ConfigError(f"{place}: cannot be read: {error.strerror}") from error
    _refuse_unknown_environment()
    try:
        settings = Settings(**values)
    except (ValidationError, SettingsError) as error:
        if isinstance(error, SettingsError):
            raise ConfigError(f"environment: {error}") from error
        raise config_error(error, Settings, source=place) from error
    return settings if path is None else settings.relative_to(path.parent.resolve())


def _refuse_unknown_environment() -> None:
    """ConfigError for a `SHOPGRAPH_X__Y` variable whose section X does not exist.

    pydantic-settings passes over such a variable in silence, and a misspelt one would then
    look as if it had been obeyed.
    """
    sections = sorted(Settings.model_fields)
    for name in sorted(os.environ):
        section, nested, _ = name.removeprefix("SHOPGRAPH_").partition("__")
        if name.startswith("SHOPGRAPH_") and nested and section.lower() not in sections:
            known = ", ".join(f"SHOPGRAPH_{known.upper()}__..." for known in sections)
            raise ConfigError(f"environment: {name} is unknown; known: {known}")
