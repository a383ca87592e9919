"""Fused graph convolution: LightGCN with content, trained by full softmax from an SVD start.

Propagation after LightGCN (He et al., SIGIR 2020); the softmax over all items instead of
sampled pairs, the bias and the start are what made it both better and a hundred times faster.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from gnn.baselines.content import rarity_rows
from gnn.dataset import Dataset
from gnn.evaluation import evaluate
from gnn.fusion import FUSIONS
from gnn.models.contract import Epoch, Fit, OnEpoch
from gnn.models.fused_graph_convolution_network import Network
from gnn.scoring import Scorer
from gnn.svd import truncated_svd
from kg.errors import ConfigError

_NOISE = 0.002  # a coordinate, where whole vectors have length 1


@dataclass(frozen=True, slots=True)
class FusedGraphConvolution:
    """Settings; an epoch is one pass over the users.

    ``scale`` is 1/tau at the start (then learned); ``smoothing`` the power of both degrees
    that the start's SVD divides by, ``start_content`` the weight of entities in it;
    ``most_steps``: of an epoch, in a shop with many users batches are larger (each step
    propagates the whole graph); ``softmax_items``: above this many items the softmax is over
    a fresh sample a step, corrected for its size; ``patience``: epochs without a better
    ``metric`` on valid before stopping. ``content_rate`` is what maps of content learn at,
    over what ids do: one of them moves hundreds of items at once, so at the same pace all
    items drift together.
    ``features`` and ``entities`` False leave these out.
    """

    dim: int = 64
    n_layers: int = 2
    fusion: str = "gated"
    features: bool = True
    entities: bool = True
    scale: float = 5.0
    smoothing: float = 0.25
    start_content: float = 1.0
    learning_rate: float = 0.005
    content_rate: float = 0.03
    batch_users: int = 128
    most_steps: int = 128
    softmax_items: int = 20_000
    max_epochs: int = 60
    patience: int = 6
    metric: str = "ndcg@10"
    name: str = "fused_graph_convolution"

    def __post_init__(self) -> None:
        if self.fusion not in FUSIONS:
            raise ConfigError(f"no fusion {self.fusion!r}; there are: {', '.join(FUSIONS)}")
        if not 1 <= self.n_layers <= 3:
            raise ConfigError(f"n_layers {self.n_layers} is not 1, 2 or 3")

    def fit(
        self,
        dataset: Dataset,
        /,
        *,
        seed: int = 0,
        epochs: int | None = None,
        on_epoch: OnEpoch | None = None,
    ) -> Fit:
        """See the contract; without valid and without ``epochs`` it runs ``max_epochs``."""
        seen = self._visible(dataset)
        generator = torch.Generator().manual_seed(seed)
        network = Network(
            seen, dim=self.dim, n_layers=self.n_layers, fusion=self.fusion, scale=self.scale
        )
        vectors = _svd_start(
            seen, self.dim, smoothing=self.smoothing, content=self.start_content, seed=seed
        )
        network.start(seen, vectors, _log_share(seen))
        optimiser = torch.optim.Adam(
            [
                {"params": network.own_parameters(), "lr": self.learning_rate},
                {
                    "params": network.content_parameters(),
                    "lr": self.learning_rate * self.content_rate,
                },
            ]
        )
        choose = epochs is None and bool(seen.valid.nnz) and bool(seen.valid.data.any())
        judged = seen.judged_by(seed=seed)
        history: list[Epoch] = []
        best: tuple[float, int, Scorer] | None = None
        for number in range((self.max_epochs if epochs is None else epochs) + 1):
            loss = self._epoch(network, seen, optimiser, generator) if number else float("nan")
            valid = None
            if choose:
                scorer = network.export(seen)
                depth = (int(self.metric.partition("@")[2]),)
                valid = evaluate(scorer, judged, against="valid", k=depth).mean(self.metric)
                if best is None or valid > best[0]:
                    best = (valid, number, scorer)
            if number:
                history.append(Epoch(number, loss, valid))
                if on_epoch:
                    on_epoch(history[-1])
            if best is not None and number - best[1] >= self.patience:
                break
        if best is None:
            return Fit(network.export(seen), len(history), tuple(history))
        return Fit(best[2], best[1], tuple(history))

    def _visible(self, dataset: Dataset) -> Dataset:
        if not self.features:
            dataset = replace(dataset, features={})
        if not self.entities:
            dataset = replace(dataset, attributes=sp.csr_matrix(0 * dataset.attributes))
            dataset.attributes.eliminate_zeros()
        return dataset

    def _epoch(
        self,
        network: Network,
        dataset: Dataset,
        optimiser: torch.optim.Optimizer,
        generator: torch.Generator,
    ) -> float:
        """One step a batch of users; the mean loss an interaction."""
        order = torch.randperm(dataset.n_users, generator=generator).numpy()
        total = 0.0
        size = max(self.batch_users, -(-len(order) // self.most_steps))
        for start in range(0, len(order), size):
            users = np.sort(order[start : start + size])
            owned = dataset.train[users]
            if not owned.nnz:
                continue
            columns, offset = _softmax_over(owned, self.softmax_items, generator)
            place = np.full(dataset.n_items, -1, dtype=np.int64)
            place[columns] = np.arange(len(columns))
            row = torch.from_numpy(np.repeat(np.arange(len(users)), np.diff(owned.indptr)))
            column = torch.from_numpy(place[owned.indices])
            user_vectors, item_vectors, bias = network()
            chosen = torch.from_numpy(columns)
            user_vectors = user_vectors[torch.from_numpy(users)] * network.log_scale.exp()
            logits = user_vectors @ item_vectors[chosen].T + bias[chosen]
            counts = torch.from_numpy(np.diff(owned.indptr).astype(np.float32))
            normaliser = torch.logsumexp(logits + offset, dim=1)
            loss = ((counts * normaliser).sum() - logits[row, column].sum()) / owned.nnz
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += float(loss.detach()) * owned.nnz
        return total / max(dataset.train.nnz, 1)


def _softmax_over(
    owned: sp.csr_matrix, most: int, generator: torch.Generator
) -> tuple[np.ndarray, Tensor]:
    """Items of the softmax (m,) and what is added to their logits (m,).

    All items up to ``most``; else those owned in the batch and a uniform sample of the rest,
    whose logits get log(rest / sample), which makes the sum of exponentials right on average.
    """
    n_items = owned.shape[1]
    if n_items <= most:
        return np.arange(n_items), torch.zeros(n_items)
    wanted = np.unique(owned.indices)
    rest = np.setdiff1d(np.arange(n_items), wanted, assume_unique=True)
    size = min(len(rest), max(most - len(wanted), most // 10))
    sample = rest[torch.randperm(len(rest), generator=generator)[:size].numpy()]
    offset = torch.zeros(len(wanted) + size)
    offset[len(wanted) :] = float(np.log(len(rest) / max(size, 1)))
    return np.concatenate([wanted, sample]), offset


def _svd_start(
    dataset: Dataset, dim: int, *, smoothing: float, content: float, seed: int
) -> tuple[Tensor, Tensor]:
    """Users (n_users, dim) and items (n_items, dim): ``U S``, ``V S`` of the smoothed matrix.

    With ``content`` the items' entities stand under the users as further rows (weighted by
    rarity, unit length an item, times ``content``), as in collective EASE: where histories
    are short they hold most of what there is to factorise. Scaled to mean squared length 1,
    plus a little noise: what the SVD has no room for starts at zero, where a cosine has no
    direction and an unbounded gradient.
    """
    train = dataset.train
    of_item = np.maximum(np.asarray(train.sum(axis=0)).ravel(), 1)
    blocks = [sp.csr_matrix(train @ sp.diags(of_item**-smoothing))]
    if content and dataset.attributes.nnz:
        blocks.append(sp.csr_matrix(content * rarity_rows(dataset).T))
    rows = sp.csr_matrix(sp.vstack(blocks), dtype=np.float64)
    length = np.maximum(np.diff(rows.indptr), 1)
    rows = sp.csr_matrix(sp.diags(length**-smoothing) @ rows)
    count = min(dim, min(rows.shape) - 1)
    random = np.random.default_rng(seed)
    vectors = np.zeros((sum(train.shape), dim))
    if count:
        left, values, right = truncated_svd(rows, count, seed=seed)
        users = left[: dataset.n_users] * values
        vectors[:, :count] = np.concatenate([users, right * values])
    vectors /= max(float(np.sqrt((vectors**2).sum(axis=1).mean())), 1e-12)
    vectors += _NOISE * random.standard_normal(vectors.shape)
    both = torch.from_numpy(vectors.astype(np.float32))
    return both[: dataset.n_users], both[dataset.n_users :]


def _log_share(dataset: Dataset) -> Tensor:
    """(n_items,) log of (users who have it + 1) / users."""
    counts = np.bincount(dataset.train.indices, minlength=dataset.n_items)
    return torch.from_numpy(np.log((counts + 1) / max(dataset.n_users, 1)).astype(np.float32))


#: What is worth trying on a catalogue that nothing is known of, for ``gnn.baselines.tune``.
GRID = tuple(
    FusedGraphConvolution(dim=dim, start_content=content)
    for dim in (32, 64)
    for content in (1.0, 3.0)
)
