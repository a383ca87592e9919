"""What the endpoints of the graph answer, as documented in OpenAPI."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.models import Answer


class ParameterAnswer(Answer):
    """A parameter of a query of the library."""

    name: str
    type: str = Field(
        description="STRING, INTEGER, FLOAT, BOOLEAN, MAP or LIST<...> of one of these.",
        examples=["STRING"],
    )
    required: bool = Field(description="False where it has a default.")
    default: Any = Field(description="Taken when it is not given; null where it is required.")


class QueryDescription(Answer):
    """A query of the library."""

    name: str = Field(description="`topic/name`", examples=["users/history"])
    purpose: str = Field(description="What it answers.")
    params: list[ParameterAnswer]
    columns: list[str] = Field(description="Columns of a row.", examples=[["item_id", "title"]])
    graph: bool = Field(description="It can also give what to draw (`graph=true`).")
    rankable: bool = Field(description="Its rows are items: `rank_for` orders them for a user.")
    people: str | None = Field(
        description="Which other people it names: then it is for the holder of the admin key."
    )
    access: Literal["read"]
    slow: str | None = Field(
        description="Why it takes more than 100 ms on a graph of a million relationships."
    )


class QueriesAnswer(Answer):
    """The query library."""

    queries: list[QueryDescription]


class RankingAnswer(Answer):
    """For whom, and by what, the rows were ordered."""

    user_id: str
    strategy: str = Field(description="A model's name; `popular` where nothing is known of them.")
    artifact: str = Field(description="Version of the model artifact.")
    ranked: int = Field(description="Rows that were ordered.")
    unknown: int = Field(description="Of these, rows whose item the artifact does not know.")
    complete: bool = Field(
        description="False: the query has more rows than are ordered (`api.max_ranked`)."
    )


class RowsAnswer(Answer):
    """A page of rows."""

    columns: list[str] = Field(examples=[["item_id", "title"]])
    rows: list[dict[str, Any]] = Field(
        description="One object a row, by column. A node is `{labels, id, properties}`, a "
        "relationship `{type, start, end, properties}`, a path `{nodes, relationships}`.",
        examples=[[{"item_id": "a", "title": "Red shirt"}]],
    )
    next_offset: int | None = Field(
        description="Give it as `offset` for the next page; null at the end."
    )
    took_ms: float = Field(description="How long the graph took.")


class QueryAnswer(RowsAnswer):
    """Rows of a query of the library.

    With `rank_for` the best for the user come first, and each row has `rank_score`: the score
    that the explanation of the item gives, or null, and last, for an item that the artifact
    does not know.
    """

    query: str = Field(examples=["users/history"])
    ranking: RankingAnswer | None = Field(description="Null without `rank_for`.")


class CypherRequest(BaseModel):
    """A statement that reads."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "query": "MATCH (i:Item)-->(:Entity {id: $id}) RETURN i.id AS id ORDER BY id",
                    "params": {"id": "colour:red"},
                }
            ]
        },
    )

    query: str = Field(min_length=1, max_length=100_000, description="Cypher.")
    params: dict[str, Any] = Field({}, description="Parameters: `$name` in the statement.")


class GraphNode(Answer):
    """A node."""

    labels: list[str] = Field(examples=[["Colour", "Entity"]])
    id: str = Field(examples=["colour:red"])
    properties: dict[str, Any] = Field(examples=[{"id": "colour:red", "name": "red"}])


class NodeAnswer(GraphNode):
    """A node and how much hangs on it."""

    degree: int = Field(description="Its relationships.")
    people: int = Field(description="Of these, relationships to people.")


class NeighbourAnswer(Answer):
    """One relationship of a node, and the node at its other end."""

    type: str = Field(examples=["HAS_COLOUR"])
    direction: Literal["in", "out"]
    properties: dict[str, Any] = Field(description="Of the relationship.")
    node: GraphNode


class NeighboursAnswer(Answer):
    """A page of the neighbours of a node."""

    node: GraphNode
    neighbours: list[NeighbourAnswer]
    people_hidden: int = Field(
        description="Relationships to people, which are listed only with the admin key."
    )
    next_offset: int | None = Field(
        description="Give it as `offset` for the next page; null at the end."
    )


class PathNodeBrief(Answer):
    """A node on a path."""

    label: Literal["Item", "User", "Entity"]
    id: str
    name: str | None = Field(description="Title or name.")


class HopAnswer(Answer):
    """One step of a path: relationships of one type between two nodes."""

    type: str
    start: str = Field(description="Id of the node where they start.")
    end: str = Field(description="Id of the node where they end.")
    times: int = Field(description="How many there are: several events, several modalities.")


class GraphPathAnswer(Answer):
    """A path, from `from` to `to`."""

    nodes: list[PathNodeBrief]
    relationships: list[HopAnswer]
    degree: int = Field(description="Relationships of the nodes between the ends: low is rare.")


class PathsAnswer(Answer):
    """Paths, the shortest first, then those through rarer nodes."""

    paths: list[GraphPathAnswer]
    complete: bool = Field(
        description="False: there may be more than are listed, because of `limit` or because "
        "so much hangs on the ends that not all of it was followed."
    )


class PropertyAnswer(Answer):
    """A property of the nodes of one label."""

    name: str
    nodes: int = Field(description="How many have it.")
    types: list[str] = Field(description="Cypher types of its values.", examples=[["STRING"]])


class LabelAnswer(Answer):
    """A label."""

    label: str
    count: int
    properties: list[PropertyAnswer]


class RelationshipTypeAnswer(Answer):
    """Relationships of one type between nodes of two labels."""

    type: str = Field(examples=["HAS_COLOUR"])
    start: str = Field(examples=["Item"])
    end: str = Field(examples=["Colour"])
    count: int
    properties: list[str]


class EntityKindAnswer(Answer):
    """A kind of entity of the schema."""

    name: str = Field(examples=["colour"])
    label: str = Field(examples=["Colour"])
    relationship: str = Field(examples=["HAS_COLOUR"])


class GraphSchemaAnswer(Answer):
    """What the graph consists of."""

    identity: str = Field(description="Made once; an artifact carries it.")
    labels: list[LabelAnswer]
    relationship_types: list[RelationshipTypeAnswer]
    kinds: list[EntityKindAnswer] = Field(description="Entity kinds that the settings know.")
