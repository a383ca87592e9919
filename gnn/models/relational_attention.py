"""Relational attention over items: the user is the set of their items.

An ordered pair of items j -> k has typed evidence (``gnn.evidence``), a learned function of
it the logit W_jk (``EdgeNetwork``), and

    P_jk = softmax over k of W_jk        score(u, k) = (n_k + 1)^-0.2 sum_{j of u} P_jk

trained by leave-one-out: minus the mean over (u, i) of log of the mean over u's other items
j of P_ji. It is a mixture of softmaxes, one a source, not one softmax over summed evidence.
No user has parameters: a new user is served from the first click on. The edge softmax over
typed neighbours is that of graph attention (Velickovic et al., ICLR 2018; Wang et al., WWW
2019 for typed edges); full-catalogue softmax as the loss is Mult-VAE's (Liang et al., 2018).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from gnn.dataset import Dataset
from gnn.evaluation import evaluate
from gnn.evidence import Evidence, item_facts
from gnn.evidence_edges import Edges, candidate_edges
from gnn.evidence_logit import EdgeLogit, EdgeWeights
from gnn.item_rows import Rows
from gnn.models.contract import Epoch, Fit, OnEpoch
from gnn.models.relational_attention_baskets import Baskets, batch_evidence, draw_baskets
from gnn.models.relational_attention_network import EdgeNetwork, item_content
from gnn.models.relational_attention_rows import all_rows, candidate_rows, item_rows, mean_rows
from gnn.scoring import FloatVector, IntVector


@dataclass(frozen=True, slots=True)
class RelationalAttention:
    """Settings of the network; the defaults were chosen on H&M's validation split.

    hidden: units of the edge MLP, 0 for linear evidence; rank: of the low-rank part, 0 for
    none; ids: whether items have free factors beside those of their content; behaviour:
    whether co-purchase and popularity are evidence (off for items nobody has bought);
    width: candidates a source in training, fewer (down to ``least_width``) where the catalogue
    would have more than ``most_edges``; dense_items: largest catalogue whose rows are
    kept whole, beyond it only the candidates are; members: networks whose rows are averaged.
    """

    hidden: int = 16
    rank: int = 32
    dropout: float = 0.5
    ids: bool = True
    behaviour: bool = True
    width: int = 768
    least_width: int = 192
    most_edges: int = 8_000_000
    dense_items: int = 6_000
    members: int = 1
    epochs: int = 4
    steps: int = 60  # least steps an epoch: a small shop is gone through several times
    most_steps: int = 128  # most steps an epoch: of many users a fresh part each time
    batch: int = 128  # users
    longest: int = 64  # items of one history that enter the loss at a time
    rate: float = 0.01  # of the edge MLP (Adam); falls linearly over the epochs
    linear_rate: float = 0.05
    factor_rate: float = 0.003
    popularity_exponent: float = 0.2
    name: str = "relational_attention"

    def fit(
        self,
        dataset: Dataset,
        /,
        *,
        seed: int = 0,
        epochs: int | None = None,
        on_epoch: OnEpoch | None = None,
    ) -> Fit:
        """Train on ``dataset.train``; keep the epoch with the best NDCG@20 on valid.

        Validation ranks by candidate rows, the returned scorer has whole rows up to
        ``dense_items``. A data set without any basket of two items is scored by the
        untrained function, the sum of its evidence.
        """
        evidence = Evidence(item_facts(dataset), behaviour=self.behaviour)
        # Edges are what training holds in memory: fewer a source in a large catalogue.
        width = min(self.width, max(self.least_width, self.most_edges // dataset.n_items))
        edges = candidate_edges(evidence, width=width, seed=seed)
        rows: list[Rows] = []
        weights: list[EdgeWeights] = []
        history: list[Epoch] = []
        best = 0
        for member in range(self.members):
            network, best, seen = self._train(
                dataset, evidence, edges, seed=seed + member, epochs=epochs, on_epoch=on_epoch
            )
            history += seen
            found, normaliser = self._rows(network, evidence, edges)
            rows.append(found)
            weights.append(network.weights(normaliser))
        logit = EdgeLogit(evidence, edges.scales, tuple(weights))
        scorer = item_rows(
            mean_rows(rows),
            evidence.facts.owners,
            exponent=self.popularity_exponent,
            edges=logit,
        )
        return Fit(scorer, best, tuple(history))

    def _rows(
        self, network: EdgeNetwork, evidence: Evidence, edges: Edges
    ) -> tuple[Rows, FloatVector]:
        if evidence.facts.n_items <= self.dense_items:
            return all_rows(network, evidence, edges.scales)
        return candidate_rows(network, evidence, edges)

    def _train(
        self,
        dataset: Dataset,
        evidence: Evidence,
        edges: Edges,
        *,
        seed: int,
        epochs: int | None,
        on_epoch: OnEpoch | None,
    ) -> tuple[EdgeNetwork, int, list[Epoch]]:
        """The network at its best epoch, that epoch's number, and every epoch."""
        generator = torch.Generator().manual_seed(seed)
        network = EdgeNetwork(
            len(evidence.names),
            hidden=self.hidden,
            rank=self.rank,
            content=item_content(dataset, evidence.facts.vectors),
            ids=self.ids,
            dropout=self.dropout,
            generator=generator,
        )
        groups = [
            {"params": [network.linear], "lr": self.linear_rate},
            {"params": [network.inner, network.inner_bias, network.outer], "lr": self.rate},
            {"params": network.low_rank_parameters(), "lr": self.factor_rate},
        ]
        optimiser = torch.optim.Adam([group for group in groups if group["params"]])
        falling = torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda epoch: max(1 - epoch / self.epochs, 0.1)
        )
        train = sp.csr_matrix(dataset.train)
        rng = np.random.default_rng(seed)
        stop_early = epochs is None and dataset.valid.nnz > 0
        judged = dataset.judged_by(seed=seed)
        best, best_value, kept = 0, -math.inf, network.state_dict()
        history: list[Epoch] = []
        for number in range(1, (self.epochs if epochs is None else epochs) + 1):
            network.train()
            losses = []
            for users in _user_batches(train, self.batch, self.steps, self.most_steps, rng):
                baskets = draw_baskets(train, users, edges, longest=self.longest, rng=rng)
                found = batch_evidence(evidence, edges, baskets.rows, train[users])
                loss = leave_one_out_loss(network, edges, baskets, found)
                optimiser.zero_grad()
                torch.autograd.backward(loss)
                optimiser.step()
                losses.append(float(loss.detach()))
            if not losses:
                break
            falling.step()
            value = self._validate(network, evidence, edges, judged) if stop_early else None
            history.append(Epoch(number, float(np.mean(losses)), value))
            if on_epoch is not None:
                on_epoch(history[-1])
            if value is None or value > best_value:
                best, best_value = number, value if value is not None else best_value
                kept = {name: array.clone() for name, array in network.state_dict().items()}
        network.load_state_dict(kept)
        if not history:
            network.silence()
        return network, best, history

    def _validate(
        self, network: EdgeNetwork, evidence: Evidence, edges: Edges, dataset: Dataset
    ) -> float:
        rows, _ = candidate_rows(network, evidence, edges)
        scorer = item_rows(rows, evidence.facts.owners, exponent=self.popularity_exponent)
        return evaluate(scorer, dataset, against="valid", k=(20,)).mean("ndcg@20")


def leave_one_out_loss(
    network: EdgeNetwork, edges: Edges, baskets: Baskets, evidence: Tensor
) -> Tensor:
    """Scalar: minus the mean over (user, withheld item) of log mean of P over the others."""
    logits = network.edge_logits(evidence) + torch.from_numpy(edges.offset[baskets.rows])
    if network.rank:
        targets = torch.from_numpy(edges.targets[baskets.rows]).long()
        logits = logits + network.low_rank_logits(torch.from_numpy(baskets.rows).long(), targets)
    normaliser = torch.logsumexp(logits, dim=1)
    attention = torch.exp(logits[baskets.row, baskets.column] - normaliser[baskets.row])
    mean = torch.zeros(len(baskets.size)).index_add(0, baskets.case, attention) / baskets.size
    # A withheld item that is nobody's candidate has attention 0: floor, not minus infinity.
    return -torch.log(mean + 1e-8).mean()


def _user_batches(
    train: sp.csr_matrix, size: int, steps: int, most: int, rng: np.random.Generator
) -> Iterator[IntVector]:
    """Users with two items or more, shuffled, ``steps`` to ``most`` batches (none for none)."""
    users = np.flatnonzero(np.diff(train.indptr) >= 2).astype(np.int32)
    if not len(users):
        return
    # In a small shop a batch may not be a large part of all: its baskets are left out of
    # the co-purchase evidence, which would look unlike the evidence at scoring time.
    size = max(1, min(size, math.ceil(len(users) / 20)))
    done = 0
    while done < steps:
        rng.shuffle(users)
        for start in range(0, len(users), size):
            yield users[start : start + size]
            done += 1
            if done == most:
                return
