"""The logit of one edge recomputed from named evidence, and what each piece adds to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from gnn.evidence import Evidence, ItemFacts
from gnn.evidence_pair import Pair, PairEvidence
from gnn.scoring import FloatMatrix, FloatVector

#: Channels that one piece of evidence feeds -> what it is called in an explanation.
_PIECES: Mapping[str, str] = {
    "text": "text",
    "image": "image",
    "colour": "colour_histogram",
    "bought": "bought_together",
    "variant": "variant",
    "price": "price",
}


def _piece(channel: str) -> str:
    """``text2 -> text``, ``bought_log -> bought``."""
    return "bought" if channel == "bought_log" else channel.rstrip("26")


@dataclass(frozen=True, slots=True, eq=False)
class EdgeWeights:
    """A trained edge network: ``logit = linear . e + outer . relu(inner e + bias) + f_j . g_k``.

    ``normaliser[j]`` is the log of the sum over targets of ``exp(logit)``: a softmax row is
    ``exp(logit - normaliser)``. ``source`` and ``target`` have width 0 without low-rank part.
    """

    linear: FloatVector  # (channels,)
    inner: FloatMatrix  # (hidden, channels)
    inner_bias: FloatVector  # (hidden,)
    outer: FloatVector  # (hidden,)
    source: FloatMatrix  # (n_items, rank)
    target: FloatMatrix  # (n_items, rank)
    normaliser: FloatVector  # (n_items,)

    def logits(self, channels: FloatMatrix) -> FloatVector:
        """(channels, m) scaled evidence -> (m,), without the low-rank part."""
        hidden = np.maximum(self.inner @ channels + self.inner_bias[:, None], 0)
        return np.asarray(self.linear @ channels + self.outer @ hidden, dtype=np.float32)


class EdgeLogit:
    """Evidence of single edges under one or several networks (whose rows are averaged)."""

    def __init__(
        self, evidence: Evidence, scales: FloatVector, weights: tuple[EdgeWeights, ...]
    ) -> None:
        self.evidence, self.scales, self.weights = evidence, scales, weights
        self.pairs = PairEvidence(evidence)
        names = evidence.names
        #: What is taken away at once, and its channels.
        self._pieces = tuple(
            (relation, np.array(fed))
            for piece, relation in _PIECES.items()
            if (fed := [at for at, name in enumerate(names) if _piece(name) == piece])
        )

    def channels(self, source: int, item: int) -> FloatVector:
        """(n_channels,) unscaled evidence of one edge."""
        return self.pairs.of(source, item).channels

    def losses(self, source: int, item: int) -> list[tuple[str, int, float]]:
        """(relation, entity or -1, share of ``P[source, item]`` lost without it).

        The piece is taken away after normalisation: the softmax's denominator stays, so
        nothing is given to others. ``unexplained`` is the learned low-rank part.
        """
        named, table = self._without(self.pairs.of(source, item))
        table /= self.scales[:, None]
        total = 0.0
        lost = np.zeros(len(named) + 1)
        for weights in self.weights:
            logits = weights.logits(table).astype(np.float64)
            low = float(weights.source[source] @ weights.target[item])
            full = np.exp(logits[0] + low - float(weights.normaliser[source]))
            total += full
            lost[:-1] += full - full * np.exp(logits[1:] - logits[0])
            lost[-1] += full - full * np.exp(-low)
        if not total > 0:
            return []
        named.append(("unexplained", -1))
        return [
            (relation, entity, float(share))
            for (relation, entity), share in zip(named, lost / total, strict=True)
            if share != 0
        ]

    def _without(self, pair: Pair) -> tuple[list[tuple[str, int]], FloatMatrix]:
        """Names of the pieces, and (n_channels, 1 + pieces): the evidence whole, then less each."""
        facts, whole, n = self.evidence.facts, pair.channels, len(pair.entities)
        pieces = [(relation, fed) for relation, fed in self._pieces if whole[fed].any()]
        table = np.repeat(whole[:, None], 1 + n + len(pieces), axis=1)
        named = [
            (facts.relations[kind], entity)
            for kind, entity in zip(
                facts.relation[pair.entities].tolist(), pair.entities.tolist(), strict=True
            )
        ]
        if n:
            place, less = len(self.evidence.kinds), np.arange(1, n + 1)
            table[pair.shared_at, less] -= pair.in_shared
            table[place, less] -= pair.in_cosine
            table[place + 1, less] = table[place, less] ** 4
        for at, (relation, fed) in enumerate(pieces, start=n + 1):
            table[fed, at] = 0
            named.append((relation, -1))
        return named, table

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Facts, scales and weights by name; vectors are kept in half precision."""
        facts = self.evidence.facts
        found: dict[str, NDArray[np.generic]] = {
            "scales": self.scales,
            "relation": facts.relation,
            "relations": np.array(facts.relations, dtype=np.str_),
            "log_price": facts.log_price,
            "groups": facts.groups,
            "owners": facts.owners,
            "behaviour": np.array(len(self.evidence.names) > self.evidence.n_static),
            "networks": np.array(len(self.weights)),
        }
        found |= csr_arrays("attributes", facts.attributes) | csr_arrays("common", facts.common)
        for name, matrix in facts.vectors.items():
            found[f"vectors.{name}"] = matrix.astype(np.float16)
        for place, weights in enumerate(self.weights):
            for name in EdgeWeights.__slots__:
                found[f"network{place}.{name}"] = getattr(weights, name)
        return found

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> EdgeLogit:
        """What ``arrays()`` gave; KeyError names one that is missing."""
        vectors = {
            name.removeprefix("vectors."): array.astype(np.float32)
            for name, array in arrays.items()
            if name.startswith("vectors.")
        }
        facts = ItemFacts(
            attributes=csr_from("attributes", arrays),
            relation=arrays["relation"],
            relations=tuple(str(name) for name in arrays["relations"]),
            vectors=dict(sorted(vectors.items())),
            log_price=arrays["log_price"],
            groups=arrays["groups"],
            common=csr_from("common", arrays),
            owners=arrays["owners"],
        )
        weights = tuple(
            EdgeWeights(
                **{name: arrays[f"network{place}.{name}"] for name in EdgeWeights.__slots__}
            )
            for place in range(int(arrays["networks"]))
        )
        evidence = Evidence(facts, behaviour=bool(arrays["behaviour"]))
        return cls(evidence, arrays["scales"], weights)


def csr_arrays(name: str, matrix: sp.csr_matrix) -> dict[str, NDArray[np.generic]]:
    """``name.data``, ``name.indices``, ``name.indptr``, ``name.shape``."""
    return {
        f"{name}.data": matrix.data,
        f"{name}.indices": matrix.indices,
        f"{name}.indptr": matrix.indptr,
        f"{name}.shape": np.array(matrix.shape, dtype=np.int64),
    }


def csr_from(name: str, arrays: Mapping[str, NDArray[Any]]) -> sp.csr_matrix:
    """The matrix of ``csr_arrays``; KeyError names an array that is missing."""
    rows, columns = (int(size) for size in arrays[f"{name}.shape"])
    parts = (arrays[f"{name}.data"], arrays[f"{name}.indices"], arrays[f"{name}.indptr"])
    return sp.csr_matrix(parts, shape=(rows, columns))
