"""What the service answers, as documented in OpenAPI."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Answer(BaseModel):
    """Frozen, and nothing beside the documented fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class PathNodeAnswer(Answer):
    """A node of a path."""

    label: Literal["User", "Item", "Entity"]
    id: str
    name: str = Field(description="In the language of the answer.")
    kind: str = Field(description="Of an entity: `colour`, `material`, ...; else empty.")
    image_url: str | None = Field(description="Picture of an item.")


class PathStepAnswer(Answer):
    """One relationship, `start -relationship-> end` as the graph has it."""

    start: PathNodeAnswer
    relationship: str
    end: PathNodeAnswer
    properties: dict[str, str | float] = Field(description="What the relationship says.")


class PathAnswer(Answer):
    """From the user to the item, and what it adds to the score."""

    relation: str = Field(description="The evidence: an entity kind, `text`, `image`, ...")
    credit: float = Field(description="Score lost when this evidence alone is taken away.")
    share: float = Field(description="The credit as a share of the score, in [0, 1].")
    text: str = Field(description="The path in words.")
    steps: list[PathStepAnswer]


class ReasonAnswer(Answer):
    """Why, in one line."""

    text: str
    path: PathAnswer | None


class ItemSummary(Answer):
    """An item as lists show it."""

    id: str
    title: str = Field(description="In the language of the answer.")
    price: float | None = Field(description="In the shop's currency.")
    image_url: str | None = Field(description="Path of its picture on this server.")


class RecommendedItem(ItemSummary):
    """One place of a ranked list."""

    score: float = Field(description="Higher is better; comparable within one answer.")
    strategy: str = Field(description="What ranked it: a model's name, or `popular`.")
    reason: ReasonAnswer | None


class RecommendationsAnswer(Answer):
    """A ranked list, best first."""

    user_id: str | None = Field(description="Whom it is for; null for similar items.")
    item_id: str | None = Field(description="What it is similar to; null for a user's list.")
    language: str
    strategy: str = Field(description="A model's name; `popular` where nothing is known.")
    artifact: str = Field(description="Version of the model artifact.")
    items: list[RecommendedItem]


class FactAnswer(Answer):
    """One attribute of an item."""

    kind: str = Field(description="Entity kind: `colour`, `brand`, ...")
    id: str
    name: str = Field(description="In the language of the answer.")
    confidence: float = Field(description="In [0, 1], over all that says so.")
    modalities: list[str] = Field(description="What says so: column, text, image, ...")


class ItemAnswer(ItemSummary):
    """An item with its attributes."""

    titles: dict[str, str] = Field(description="Language -> title.")
    group: str | None = Field(description="Shared by the variants of one product.")
    attributes: list[FactAnswer]


class OwnedCreditAnswer(Answer):
    """What one item of the user's history adds to the score."""

    item_id: str
    title: str
    image_url: str | None
    event: str
    credit: float
    share: float


class ExplanationAnswer(Answer):
    """Why an item for a user: exact credits, best path first."""

    user_id: str
    item: ItemSummary
    score: float
    strategy: str
    language: str
    sentence: str
    paths: list[PathAnswer]
    owned: list[OwnedCreditAnswer] = Field(description="These credits and the constant sum up.")
    constant: float
    unexplained: float = Field(description="Share of the score that no shown path accounts for.")


class EventAnswer(Answer):
    """One event of a user's history."""

    item: ItemSummary
    event: str
    at_s: float = Field(description="UTC epoch seconds; 0 where unknown.")


class HistoryAnswer(Answer):
    """Events, newest first."""

    user_id: str
    events: list[EventAnswer]


class UsersAnswer(Answer):
    """A page of user ids, in order."""

    users: list[str]
    next: str | None = Field(description="Give it as `after` for the next page; null at the end.")


class SearchAnswer(Answer):
    """Items whose title has every word of the query."""

    query: str
    items: list[ItemSummary]


class HealthAnswer(Answer):
    """The process answers."""

    status: Literal["ok"]
    version: str


class ReadyAnswer(Answer):
    """What the service stands on."""

    status: Literal["ready", "not ready"]
    artifact: str | None = Field(description="Version of the artifact in memory.")
    strategy: str | None
    items: int
    users: int
    graph: str = Field(description="`checked`, `not checked`, or why it could not be.")
    missing: list[str] = Field(description="What is missing, in words; empty when ready.")
