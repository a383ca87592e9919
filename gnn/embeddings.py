"""Users, items and entities in one space, out of any scorer, with the ranking lost by that.

An inner product has its vectors already. Elsewhere a score is linear in what a user owns, so
the rows ``S[j, k]`` (how much owning j speaks for k, ``Scorer.similar``) hold the model but
for its constants. Their truncated singular value decomposition ``S ~ U s V'`` (Eckart & Young
1936; without holding S, Halko, Martinsson & Tropp 2011) gives each item a vector as something
owned (``U sqrt(s)``) and one as something offered (``V sqrt(s)``); a user is the sum of what
they own. The last dimension carries the constants: 1 for a user, the item's constant for an
item. Entities are means of their items. What a vector index gets are the offered vectors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import scipy.sparse as sp

from gnn.artifact import Artifact
from gnn.catalogue import owned_matrix
from gnn.dataset import Dataset
from gnn.evaluation import evaluate
from gnn.inner_product import InnerProduct
from gnn.item_item import ItemItem
from gnn.retrieval import DotIndex, history_row
from gnn.scoring import FloatMatrix, FloatVector, IntVector, Scorer
from gnn.svd import truncated_svd
from kg.errors import ConfigError, NotFound

#: A row for ``write_embeddings`` of a store: (label, id, vector, version).
EmbeddingRow: TypeAlias = tuple[str, str, list[float], str]
#: Up to so many items the rows are held at once.
DENSE_ITEMS = 6_000


@dataclass(frozen=True, slots=True, eq=False)
class Embeddings:
    """float32 rows in snapshot order; ``users @ items.T`` ranks as the model does, or nearly."""

    users: FloatMatrix  # (n_users, dim)
    items: FloatMatrix  # (n_items, dim)
    entities: FloatMatrix  # (n_entities, dim)

    def rows(self, artifact: Artifact, /) -> Iterator[EmbeddingRow]:
        """What a store writes back: items, users, entities, stamped with the artifact."""
        tables: tuple[tuple[str, Sequence[str], FloatMatrix], ...] = (
            ("Item", [row.id for row in artifact.items], self.items),
            ("User", artifact.users, self.users),
            ("Entity", [row.id for row in artifact.entities], self.entities),
        )
        for label, ids, matrix in tables:
            for key, vector in zip(ids, matrix, strict=True):
                yield label, key, vector.tolist(), artifact.version


def embeddings(artifact: Artifact, /, *, dim: int = 64, seed: int = 0) -> Embeddings:
    """Vectors of all nodes of an artifact, ``dim`` + 1 long or shorter in a small catalogue."""
    owned = owned_matrix(artifact)
    everybody = np.arange(len(artifact.users), dtype=np.int32)
    items, users = _space(artifact.scorer, owned, everybody, dim=dim, seed=seed)
    facts = artifact.facts
    item = np.repeat(np.arange(len(artifact.items)), np.diff(facts.start))
    shape = (len(artifact.entities), len(artifact.items))
    believed = np.asarray(facts.confidence, dtype=np.float32)
    stated = sp.csr_matrix(sp.coo_matrix((believed, (np.asarray(facts.entity), item)), shape=shape))
    total = np.maximum(np.asarray(stated.sum(axis=1)), 1e-12)
    entities = np.asarray(stated @ items / total, dtype=np.float32)
    return Embeddings(users, items, entities)


def ranking_lost(
    scorer: Scorer, dataset: Dataset, /, *, dim: int = 64, seed: int = 0, k: int = 10
) -> float:
    """NDCG@k on valid of the scorer minus that of its embeddings; negative where they gain.

    0 for an inner product: its embeddings are the model.
    """
    if isinstance(scorer, InnerProduct):
        return 0.0
    owner, offered = factor_rows(scorer, dim=dim, seed=seed)
    near = ItemItem(owner @ offered.T, _constants(scorer))
    depth, metric = (k,), f"ndcg@{k}"
    whole = evaluate(scorer, dataset, against="valid", k=depth).mean(metric)
    return whole - evaluate(near, dataset, against="valid", k=depth).mean(metric)


def factor_rows(
    scorer: Scorer, /, *, dim: int = 64, seed: int = 0
) -> tuple[FloatMatrix, FloatMatrix]:
    """(owned, offered), each (n_items, min(dim, n_items - 1)) float32.

    ``owned @ offered.T`` approximates the rows ``similar(j)``, best for its rank up to
    ``DENSE_ITEMS`` items and nearly so beyond. ConfigError for fewer than two items.
    """
    n = scorer.n_items
    if n < 2:
        raise ConfigError(f"embeddings of {n} items: at least 2 are needed")
    count, rng = min(dim, n - 1), np.random.default_rng(seed)
    if n <= DENSE_ITEMS:
        rows = np.stack([scorer.similar(item) for item in range(n)]).astype(np.float64)
        left, values, right = truncated_svd(rows, count, seed=seed)
    else:
        # One pass for the directions that matter, one to project every row on them.
        noise = rng.standard_normal((n, count + 10)).astype(np.float32)
        sketch = np.zeros((n, count + 10), dtype=np.float32)
        for item in range(n):
            sketch += np.outer(scorer.similar(item), noise[item])
        basis, _ = np.linalg.qr(sketch)
        projected = np.stack([scorer.similar(item) @ basis for item in range(n)])
        left, values, small = np.linalg.svd(projected, full_matrices=False)
        right = basis @ small.T
    order = np.argsort(-values)[:count]
    root = np.sqrt(values[order])
    owned = np.asarray(left[:, order] * root, dtype=np.float32)
    return owned, np.asarray(right[:, order] * root, dtype=np.float32)


def _space(
    scorer: Scorer, owned: sp.csr_matrix, users: IntVector, *, dim: int, seed: int
) -> tuple[FloatMatrix, FloatMatrix]:
    """(items, users) whose inner products are the scores, the last dimension the constants."""
    if isinstance(scorer, InnerProduct):
        people = scorer.user_vectors(owned, users=users)
        things = np.float32(scorer.scale) * scorer.target
        constants: FloatVector = scorer.bias
    else:
        speaks, things = factor_rows(scorer, dim=dim, seed=seed)
        people = np.asarray(owned @ speaks, dtype=np.float32)
        constants = _constants(scorer)
    ones = np.ones((len(people), 1), dtype=np.float32)
    return np.hstack([things, constants[:, None]]), np.hstack([people, ones])


def _constants(scorer: Scorer) -> FloatVector:
    nobody = history_row(np.empty(0, dtype=np.int32), scorer.n_items)
    return np.asarray(scorer.score(nobody)[0], dtype=np.float32)


class MultimodalRecommenderSystem:
    """Recommends from embeddings alone: id -> vector, of items and of users, in one space."""

    def __init__(
        self,
        item_embeddings: Mapping[str, Sequence[float]],
        user_embeddings: Mapping[str, Sequence[float]],
    ) -> None:
        """ConfigError where there is no item or lengths differ."""
        lengths = {len(one) for one in (*item_embeddings.values(), *user_embeddings.values())}
        if not item_embeddings or len(lengths) != 1:
            raise ConfigError(f"embeddings of lengths {sorted(lengths)}: one length is expected")
        self._ids = tuple(sorted(item_embeddings))
        table = np.array([item_embeddings[key] for key in self._ids], dtype=np.float32)
        self._index = DotIndex(table)
        self._users = dict(user_embeddings)

    def recommend(self, user_id: str, top_k: int = 10) -> list[tuple[str, float]]:
        """(item id, inner product), best first, equal ones by id; NotFound for the user."""
        if user_id not in self._users:
            raise NotFound(f"user {user_id!r} has no embedding")
        query = np.asarray(self._users[user_id], dtype=np.float32)
        found, scores = self._index.best(query, top_k, exclude=np.empty(0, dtype=np.int32))
        return [(self._ids[item], float(score)) for item, score in zip(found, scores, strict=True)]
