"""Leave-one-out batches: who is predicted from whom, and evidence without those who ask."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor

from gnn.evidence import Evidence, behaviour
from gnn.evidence_edges import Edges
from gnn.scoring import IntVector


@dataclass(frozen=True, slots=True, eq=False)
class Baskets:
    """One batch of users. Pair p says: source ``rows[row[p]]`` should attend ``column[p]``.

    ``case`` numbers the (user, withheld item) that the pair belongs to; ``size`` is the
    number of the user's other items, whose attentions are averaged.
    """

    rows: IntVector  # (r,) distinct sources
    row: Tensor  # (p,) int64
    column: Tensor  # (p,) int64, position among the source's candidates
    case: Tensor  # (p,) int64
    size: Tensor  # (cases,) float32


def draw_baskets(
    train: sp.csr_matrix, users: IntVector, edges: Edges, *, longest: int, rng: np.random.Generator
) -> Baskets:
    """Pairs of all ``users`` with two items or more; at least one must have.

    Histories above ``longest`` are thinned at random: pairs grow with their square.
    """
    sources, targets, cases, sizes = [], [], [], []
    count = 0
    for user in users:
        items = train.indices[train.indptr[user] : train.indptr[user + 1]]
        if len(items) > longest:
            items = rng.choice(items, longest, replace=False)
        n = len(items)
        if n < 2:
            continue
        source, target = np.nonzero(~np.eye(n, dtype=bool))
        sources.append(items[source])
        targets.append(items[target])
        cases.append(target + count)
        sizes.append(np.full(n, n - 1, dtype=np.float32))
        count += n
    source, target = np.concatenate(sources), np.concatenate(targets)
    case = np.concatenate(cases)
    rows, row = np.unique(source, return_inverse=True)
    # Candidates are sorted in each row: one search over (row, target) keys finds them all.
    n_items, width = edges.targets.shape
    keys = (np.arange(len(rows))[:, None] * n_items + edges.targets[rows]).ravel()
    wanted = row * n_items + target
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    known = keys[place] == wanted
    return Baskets(
        rows=rows.astype(np.int32),
        row=torch.from_numpy(row[known]),
        column=torch.from_numpy(place[known] - row[known] * width),
        case=torch.from_numpy(case[known]),
        size=torch.from_numpy(np.concatenate(sizes)),
    )


def batch_evidence(
    evidence: Evidence,
    edges: Edges,
    rows: IntVector,
    without: sp.csr_matrix | None = None,
) -> Tensor:
    """(len(rows), n_channels, m) float32, scaled; behaviour without the users of ``without``.

    ``without``: (users, n_items) histories to leave out, or None at scoring time.
    """
    static = torch.from_numpy(edges.static[rows]).float()
    if len(evidence.names) == evidence.n_static:
        return static
    common, owners = edges.common[rows], evidence.facts.owners
    targets = edges.targets[rows]
    if without is not None:
        owners = owners - np.asarray(without.sum(0), dtype=np.float32).ravel()
        theirs = (without[:, rows].T @ without).toarray()
        common = common - np.take_along_axis(theirs, targets, axis=1)
    moving = behaviour(rows, targets, common, owners)
    moving /= edges.scales[None, evidence.n_static :, None]
    return torch.cat([static, torch.from_numpy(moving)], dim=1)
