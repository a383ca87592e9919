"""The recommender a server runs: answers from an artifact in memory, with their reasons.

No torch here: numpy, scipy and faiss. Thread-safe: nothing is written after ``load``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gnn.artifact import ItemCard
from gnn.explanation import Explanation, Reason


@dataclass(frozen=True, slots=True)
class Recommended:
    """One place of a ranked list; ``title`` is in the language asked for."""

    item: ItemCard
    title: str
    score: float
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Recommendations:
    """A ranked list, best first, and how it came about.

    ``strategy`` is the model's name (``relational_attention``, ``fused_graph_convolution``,
    ``blend``, ...) or ``popular`` where nothing is known of the user.
    """

    items: tuple[Recommended, ...]
    strategy: str
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """One event of a user's history; ``at_s`` is UTC epoch seconds, 0 where unknown."""

    item: ItemCard
    event: str
    at_s: float


class Recommender:
    """Everything the service answers from an artifact."""

    version: str  # of the artifact
    strategy: str  # the promoted model's name
    graph_identity: str
    n_items: int
    n_users: int

    @classmethod
    def load(cls, directory: Path, /, *, expect_graph: str | None = None) -> Recommender:
        """Read the current artifact under ``directory``; ArtifactError as load_artifact."""
        raise NotImplementedError

    def recommend(
        self,
        user_id: str,
        /,
        *,
        k: int = 10,
        language: str = "en",
        exclude_seen: bool = True,
        reasons: bool = True,
    ) -> Recommendations:
        """At most k items for a user; popular items (said so) for an unknown or empty user."""
        raise NotImplementedError

    def recommend_history(
        self,
        item_ids: Sequence[str],
        /,
        *,
        k: int = 10,
        language: str = "en",
        exclude_seen: bool = True,
        reasons: bool = True,
    ) -> Recommendations:
        """As recommend, for somebody who owns ``item_ids``; NotFound names an unknown item."""
        raise NotImplementedError

    def similar(self, item_id: str, /, *, k: int = 10, language: str = "en") -> Recommendations:
        """The k items for which owning this one speaks most; reasons say what they share."""
        raise NotImplementedError

    def explain(self, user_id: str, item_id: str, /, *, language: str = "en") -> Explanation:
        """Why this item for this user: paths with exact credits. NotFound for the item."""
        raise NotImplementedError

    def item(self, item_id: str, /) -> ItemCard:
        """One item's card; NotFound."""
        raise NotImplementedError

    def history(self, user_id: str, /, *, limit: int = 50) -> tuple[HistoryEvent, ...]:
        """The user's events, newest first; NotFound."""
        raise NotImplementedError

    def users(self, *, limit: int = 50, after: str = "") -> tuple[str, ...]:
        """User ids in order, those after ``after``."""
        raise NotImplementedError

    def search(self, text: str, /, *, k: int = 20) -> tuple[ItemCard, ...]:
        """Items whose title, in any language, has every token of ``text`` (prefixes count)."""
        raise NotImplementedError
