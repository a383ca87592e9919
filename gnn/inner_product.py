"""The scorer of networks whose users and items share a space: cosine over tau, plus bias.

``e_u = own_u + sum_j w_uj memory_j`` with ``w_uj = h_uj / sqrt(sum_j h_uj)``, and
``score(u, k) = scale * <e_u, target_k> / |e_u| + bias_k``. The last propagation step into a user
is a sum over owned items, so an event adds one row and nothing is trained. Of a user who was
not there in training ``own`` is guessed from the history too: ``own_u ~ sum_j w_uj guess_j``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from gnn.scoring import EvidenceCredit, FloatMatrix, FloatVector, IntVector

#: Features whose name as evidence is another: ``colour`` is a kind of entity.
_SPOKEN: Mapping[str, str] = {"colour": "colour_histogram"}


@dataclass(frozen=True, slots=True, eq=False)
class Messages:
    """What each item's own vector is the sum of, for taking pieces away.

    ``parts[name]`` (n_items, d): ``bought_together`` (the learned id), ``text``, ``image``.
    Entity e adds ``shares[i, e] * entities[e]`` to item i. A piece m of item i stands in
    ``memory_i`` as ``in_memory_i * m`` and in ``target_i`` as ``in_target_i * m``: factors of
    the message after normalisation and propagation, back to the item itself included.
    """

    parts: Mapping[str, FloatMatrix]
    entities: FloatMatrix  # (n_entities, d)
    shares: sp.csr_matrix  # (n_items, n_entities) float32
    relation: NDArray[np.int32]  # (n_entities,)
    relations: tuple[str, ...]
    in_memory: FloatVector  # (n_items,)
    in_target: FloatVector  # (n_items,)


@dataclass(frozen=True, slots=True, eq=False)
class InnerProduct:
    """See the module. ``own`` (n_users, d); ``memory``, ``guess``, ``target`` (n_items, d).

    Rows of ``target`` have unit length, or none for an item of which nothing is known.
    """

    own: FloatMatrix
    memory: FloatMatrix
    guess: FloatMatrix
    target: FloatMatrix
    bias: FloatVector
    scale: float
    messages: Messages
    tiny: float = field(default=1e-12, repr=False)

    @property
    def n_items(self) -> int:
        """Rows of ``target``."""
        return len(self.target)

    def user_vectors(
        self, histories: sp.csr_matrix, /, *, users: IntVector | None = None
    ) -> FloatMatrix:
        """(n, d) float32 rows e_u of unit length; zero for nobody with nothing."""
        weights = histories.astype(np.float32, copy=True)
        total = np.asarray(weights.sum(axis=1)).ravel()
        weights = sp.csr_matrix(sp.diags(1 / np.sqrt(np.maximum(total, self.tiny))) @ weights)
        known = np.full(weights.shape[0], -1) if users is None else np.asarray(users)
        vectors = weights @ self.memory
        there = known >= 0
        vectors[there] += self.own[known[there]]
        vectors[~there] += weights[~there] @ self.guess
        length = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(length, self.tiny), dtype=np.float32)

    def score(self, histories: sp.csr_matrix, /, *, users: IntVector | None = None) -> FloatMatrix:
        """(n, n_items) float32; a user of index -1 is folded in from the history alone."""
        vectors = self.user_vectors(histories, users=users)
        scores = vectors @ self.target.T
        scores *= np.float32(self.scale)
        scores += self.bias
        return np.asarray(scores, dtype=np.float32)

    def credits(
        self, owned: IntVector, weights: FloatVector, item: int, /, *, user: int = -1
    ) -> tuple[FloatVector, float]:
        """``scale <w_uj memory_j, target_k> / |e_u|`` each; own vector and bias are the rest.

        The length of e_u is held: taking an item away does not make the others louder.
        """
        rows = np.asarray(owned, dtype=np.int64)
        shares = np.asarray(weights, dtype=np.float64)
        shares = shares / max(float(shares.sum()), self.tiny) ** 0.5
        spoken = self.memory[rows].astype(np.float64)
        own = np.zeros(self.memory.shape[1])
        if user >= 0:
            own = self.own[user].astype(np.float64)
        else:
            spoken = spoken + self.guess[rows]
        length = max(float(np.linalg.norm(own + shares @ spoken)), self.tiny)
        toward = self.scale * self.target[item].astype(np.float64) / length
        terms = shares * (spoken @ toward)
        return terms.astype(np.float32), float(own @ toward) + float(self.bias[item])

    def edge_credits(
        self, source: int, item: int, /, *, weight: float = 1.0
    ) -> list[EvidenceCredit]:
        """Occlusions on both sides of the edge, for somebody who owns ``source`` alone.

        The edge's score is ``similar(source)[item]``. A piece of evidence, a shared entity or a
        modality that both items have, is taken out of both vectors, lengths held.
        """
        known = self.messages
        tail, head = self.memory[source], self.target[item]
        factor = weight * self.scale / max(float(np.linalg.norm(tail)), self.tiny)
        at_tail, at_head = float(known.in_memory[source]), float(known.in_target[item])

        def lost(out: FloatMatrix, into: FloatMatrix) -> FloatVector:
            """(n,) for n pieces, (n, d) in the source's vector and in the item's."""
            tails, heads = at_tail * out, at_head * into
            gone = tails @ head + heads @ tail - (tails * heads).sum(axis=1)
            return np.asarray(factor * gone, dtype=np.float32)

        found = []
        for name, part in known.parts.items():
            if part[source].any() and part[item].any():
                (credit,) = lost(part[source][None], part[item][None]).tolist()
                found.append(EvidenceCredit(_SPOKEN.get(name, name), credit))
        start, shares = known.shares.indptr, known.shares
        ours, theirs = (slice(start[one], start[one + 1]) for one in (source, item))
        shared, left, right = np.intersect1d(
            shares.indices[ours], shares.indices[theirs], assume_unique=True, return_indices=True
        )
        vectors = known.entities[shared]
        credits = lost(
            shares.data[ours][left][:, None] * vectors,
            shares.data[theirs][right][:, None] * vectors,
        )
        for entity, credit in zip(shared.tolist(), credits.tolist(), strict=True):
            relation = known.relations[known.relation[entity]]
            found.append(EvidenceCredit(relation, credit, entity))
        return sorted(found, key=lambda one: (-one.credit, one.relation, one.entity))

    def similar(self, item: int, /) -> FloatVector:
        """(n_items,) float32: scores, bias apart, of somebody who owns ``item`` alone."""
        tail = self.memory[item]
        length = max(float(np.linalg.norm(tail)), self.tiny)
        return np.asarray(self.target @ (tail * (self.scale / length)), dtype=np.float32)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Arrays by name; ``InnerProduct.from_arrays`` reads them back."""
        known = self.messages
        found: dict[str, NDArray[np.generic]] = {
            name: getattr(self, name) for name in ("own", "memory", "guess", "target", "bias")
        }
        found["scale"] = np.array(self.scale)
        found |= {f"part.{name}": part for name, part in known.parts.items()}
        found |= {
            "entities": known.entities,
            "shares.data": np.asarray(known.shares.data, dtype=np.float32),
            "shares.indices": np.asarray(known.shares.indices, dtype=np.int32),
            "shares.indptr": np.asarray(known.shares.indptr, dtype=np.int64),
            "relation": known.relation,
            "relations": np.array(known.relations, dtype=np.str_),
            "in_memory": known.in_memory,
            "in_target": known.in_target,
        }
        return found

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], /) -> InnerProduct:
        """The scorer whose ``arrays()`` these are; KeyError names one that is missing."""
        n_items, n_entities = len(arrays["target"]), len(arrays["entities"])
        shares = sp.csr_matrix(
            tuple(arrays[f"shares.{name}"] for name in ("data", "indices", "indptr")),
            shape=(n_items, n_entities),
        )
        messages = Messages(
            parts={
                name.removeprefix("part."): part
                for name, part in arrays.items()
                if name.startswith("part.")
            },
            entities=arrays["entities"],
            shares=shares,
            relation=arrays["relation"],
            relations=tuple(str(name) for name in arrays["relations"]),
            in_memory=arrays["in_memory"],
            in_target=arrays["in_target"],
        )
        return cls(
            own=arrays["own"],
            memory=arrays["memory"],
            guess=arrays["guess"],
            target=arrays["target"],
            bias=arrays["bias"],
            scale=float(arrays["scale"]),
            messages=messages,
        )
