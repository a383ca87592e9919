"""The recommender a server runs: answers from an artifact in memory, with their reasons.

No torch here: numpy, scipy and faiss. Thread-safe: after ``load`` nothing is written but a
cache of evidence, which is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gnn.artifact import Artifact, ItemCard, load_artifact
from gnn.catalogue import Catalogue
from gnn.explanation import Explanation, Reason
from gnn.explanation_paths import POPULAR, Explainer
from gnn.retrieval import Ranker, best_of, history_row, ranker_for
from gnn.scoring import IntVector
from kg.errors import NotFound

#: Somebody whose history is given with the request and who is not looked up.
VISITOR = ""


@dataclass(frozen=True, slots=True)
class Recommended:
    """One place of a ranked list; ``title`` is in the language asked for.

    ``strategy`` is the list's, or ``popular`` where nothing the user owns speaks for the item.
    """

    item: ItemCard
    title: str
    score: float
    strategy: str
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
class Ranking:
    """Scores of given items for a user, in the order given; None: not in the artifact.

    ``strategy`` is the model's name, or ``popular`` where nothing is known of the user: the
    score then is the number of people who have the item.
    """

    strategy: str
    scores: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """One event of a user's history; ``at_s`` is UTC epoch seconds, 0 where unknown."""

    item: ItemCard
    event: str
    at_s: float


class Recommender:
    """Everything the service answers from an artifact."""

    def __init__(self, artifact: Artifact, /) -> None:
        self.artifact = artifact
        self.version = artifact.version
        self.strategy = artifact.strategy  # the promoted model's name
        self.graph_identity = artifact.graph_identity
        self.n_items, self.n_users = len(artifact.items), len(artifact.users)
        self._catalogue = Catalogue(artifact)
        people = self._catalogue.people
        # Equal scores are listed by popularity, then by id.
        self._order: IntVector = np.argsort(-people, kind="stable").astype(np.int32)
        self._ranker: Ranker = ranker_for(artifact.scorer, self._order)
        nothing = history_row(np.empty(0, dtype=np.int32), self.n_items)
        self._explainer = Explainer(
            self._catalogue, artifact.scorer, artifact.strategy, artifact.scorer.score(nothing)[0]
        )

    @classmethod
    def load(cls, directory: Path, /, *, expect_graph: str | None = None) -> Recommender:
        """Read the current artifact under ``directory``; ArtifactError as load_artifact."""
        return cls(load_artifact(directory, expect_graph=expect_graph))

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
        user = self._catalogue.user_index(user_id)
        owned = self._catalogue.owned_by(user)
        exclude = owned if exclude_seen else owned[:0]
        return self._list(user, user_id, owned, exclude, k, language=language, reasons=reasons)

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
        indices = {self._catalogue.index_of(item_id) for item_id in item_ids}
        owned = np.array(sorted(indices), dtype=np.int32)
        exclude = owned if exclude_seen else owned[:0]
        return self._list(-1, VISITOR, owned, exclude, k, language=language, reasons=reasons)

    def similar(self, item_id: str, /, *, k: int = 10, language: str = "en") -> Recommendations:
        """The k items for which owning this one speaks most; reasons say what they share."""
        source = self._catalogue.index_of(item_id)
        itself = np.array([source], dtype=np.int32)
        found, scores = best_of(
            self.artifact.scorer.similar(source)[None, :], k, exclude=itself, order=self._order
        )
        items = tuple(
            Recommended(
                self._catalogue.card(int(item)),
                self._catalogue.title(int(item), language),
                float(score),
                self.strategy,
                self._explainer.similar(source, int(item), language=language),
            )
            for item, score in zip(found, scores, strict=True)
        )
        return Recommendations(items, self.strategy)

    def rank(self, user_id: str, item_ids: Sequence[str], /) -> Ranking:
        """How much each of ``item_ids`` is for the user: the scores that explain gives.

        An item the user owns is scored as if it were not: it is no reason for itself.
        """
        user = self._catalogue.user_index(user_id)
        owned = self._catalogue.owned_by(user)
        strategy = self.strategy if len(owned) else POPULAR
        if len(owned):
            row = history_row(owned, self.n_items)
            known = np.array([user], dtype=np.int32)
            scores = np.array(self.artifact.scorer.score(row, users=known)[0])
        else:
            scores = self._catalogue.people.astype(np.float32)
        indices = [self._catalogue.item_index.get(item_id, -1) for item_id in item_ids]
        for item in set(indices) & set(owned.tolist()):
            others = owned[owned != item]
            weights = np.ones(len(others), dtype=np.float32)
            credits, constant = self.artifact.scorer.credits(others, weights, item, user=user)
            scores[item] = float(credits.sum()) + constant
        return Ranking(strategy, tuple(float(scores[at]) if at >= 0 else None for at in indices))

    def explain(self, user_id: str, item_id: str, /, *, language: str = "en") -> Explanation:
        """Why this item for this user: paths with exact credits. NotFound for the item.

        For somebody unknown or without events the explanation says ``popular``.
        """
        item = self._catalogue.index_of(item_id)
        user = self._catalogue.user_index(user_id)
        owned = self._catalogue.owned_by(user)
        owned = owned[owned != item]  # an item is no reason for itself
        return self._explainer.explain(user, item, user_id=user_id, owned=owned, language=language)

    def item(self, item_id: str, /) -> ItemCard:
        """One item's card; NotFound."""
        return self._catalogue.card(self._catalogue.index_of(item_id))

    def history(self, user_id: str, /, *, limit: int = 50) -> tuple[HistoryEvent, ...]:
        """The user's events, newest first; NotFound."""
        user = self._catalogue.user_index(user_id)
        if user < 0:
            raise NotFound(f"user {user_id!r} is not in artifact {self.version}")
        histories = self.artifact.histories
        start, end = (int(at) for at in histories.start[user : user + 2])
        newest = start + np.argsort(-np.asarray(histories.at_s[start:end]), kind="stable")
        return tuple(
            HistoryEvent(
                self._catalogue.card(int(histories.item[row])),
                histories.events[histories.event[row]],
                float(histories.at_s[row]),
            )
            for row in newest[:limit]
        )

    def users(self, *, limit: int = 50, after: str = "") -> tuple[str, ...]:
        """User ids in order, those after ``after``."""
        users = self.artifact.users
        start = bisect_right(users, after) if after else 0
        return users[start : start + limit]

    def search(self, text: str, /, *, k: int = 20) -> tuple[ItemCard, ...]:
        """Items whose title, in any language, or id has every token of ``text``."""
        return tuple(self._catalogue.card(item) for item in self._catalogue.search(text, k))

    def _list(
        self,
        user: int,
        user_id: str,
        owned: IntVector,
        exclude: IntVector,
        k: int,
        *,
        language: str,
        reasons: bool,
    ) -> Recommendations:
        if len(owned):
            found, scores = self._ranker.best(owned, k, user=user, exclude=exclude)
            strategy = self.strategy
        else:
            people = self._catalogue.people.astype(np.float32)
            found, scores = best_of(people, k, exclude=exclude, order=self._order)
            strategy = POPULAR
        items = []
        for item, score in zip(found.tolist(), scores.tolist(), strict=True):
            personal = strategy != POPULAR and self._explainer.personal(item, score)
            reason = None
            if reasons and personal:
                reason = self._explainer.reason(
                    user, item, user_id=user_id, owned=owned, language=language
                )
            elif reasons:
                reason = self._explainer.popular(item, known=bool(len(owned)), language=language)
            items.append(
                Recommended(
                    self._catalogue.card(item),
                    self._catalogue.title(item, language),
                    score,
                    strategy if personal else POPULAR,
                    reason,
                )
            )
        return Recommendations(tuple(items), strategy, user_id or None)
