"""From a trained edge network to the rows that a server sums."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
import torch

from gnn.evidence import Evidence, behaviour
from gnn.evidence_edges import Edges
from gnn.evidence_logit import EdgeLogit
from gnn.item_rows import ItemRows, Rows
from gnn.models.relational_attention_baskets import batch_evidence
from gnn.models.relational_attention_network import EdgeNetwork
from gnn.scoring import FloatMatrix, FloatVector

_BLOCK = 128
#: Far below any attention: it only ranks items for those whom no row reaches.
_PRIOR = 1e-9


def candidate_rows(
    network: EdgeNetwork, evidence: Evidence, edges: Edges
) -> tuple[sp.csr_matrix, FloatVector]:
    """Softmax over each source's candidates alone: (n_items, n_items) CSR and normaliser."""
    n, width = edges.targets.shape
    rows = np.empty((n, width), dtype=np.float32)
    normaliser = np.empty(n, dtype=np.float32)
    with torch.no_grad():
        network.eval()
        for start in range(0, n, _BLOCK):
            part = np.arange(start, min(start + _BLOCK, n), dtype=np.int32)
            logits = network.edge_logits(batch_evidence(evidence, edges, part))
            if network.rank:
                targets = torch.from_numpy(edges.targets[part]).long()
                logits += network.low_rank_logits(torch.from_numpy(part).long(), targets)
            total = torch.logsumexp(logits + torch.from_numpy(edges.offset[part]), dim=1)
            rows[part] = torch.exp(logits - total[:, None]).numpy()
            normaliser[part] = total.numpy()
    indptr = np.arange(n + 1, dtype=np.int32) * width
    return sp.csr_matrix((rows.ravel(), edges.targets.ravel(), indptr), shape=(n, n)), normaliser


def all_rows(
    network: EdgeNetwork, evidence: Evidence, scales: FloatVector
) -> tuple[FloatMatrix, FloatVector]:
    """Softmax over every other item: (n_items, n_items) float32 and normaliser."""
    facts = evidence.facts
    n = facts.n_items
    rows = np.empty((n, n), dtype=np.float32)
    normaliser = np.empty(n, dtype=np.float32)
    with torch.no_grad():
        network.eval()
        source, target = network.factors() if network.rank else (None, None)
        for start in range(0, n, _BLOCK):
            part = np.arange(start, min(start + _BLOCK, n), dtype=np.int32)
            channels = [evidence.static(part)]
            if len(evidence.names) > evidence.n_static:
                common = facts.common[part].toarray()
                channels.append(behaviour(part, None, common, facts.owners))
            found = np.concatenate(channels, axis=1)
            found /= scales[None, :, None]
            logits = network.edge_logits(torch.from_numpy(found))
            if source is not None and target is not None:
                logits += source[part] @ target.T
            logits[torch.arange(len(part)), torch.from_numpy(part).long()] = -torch.inf
            total = torch.logsumexp(logits, dim=1)
            # The only item of a catalogue has nobody to attend to: -inf less -inf.
            rows[part] = torch.exp(logits - total[:, None]).nan_to_num(0).numpy()
            normaliser[part] = total.nan_to_num(neginf=0).numpy()
    return rows, normaliser


def item_rows(
    rows: Rows, owners: FloatVector, *, exponent: float, edges: EdgeLogit | None = None
) -> ItemRows:
    """The scorer of ``rows``, popular items damped by ``(owners + 1) ** -exponent``."""
    popularity = ((owners + 1) ** -exponent).astype(np.float32)
    prior = (_PRIOR * owners / max(float(owners.max(initial=0)), 1.0)).astype(np.float32)
    return ItemRows(rows, popularity, prior, edges)


def mean_rows(members: Sequence[Rows]) -> Rows:
    """The mean of several networks' rows (all dense, or all CSR)."""
    total = members[0]
    for rows in members[1:]:
        total = total + rows
    mean: Rows = total * np.float32(1 / len(members))
    return mean
