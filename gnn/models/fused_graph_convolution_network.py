"""The network: ids, fused features and entities of items, propagated over who took what.

``x_i = id_i + sum_m weight_im W_m feature_im + sum_e share_ie z_e`` with ``share_ie`` the
confidence times a learned weight of the entity's relation, adding up to 1 an item; users are
``id_u``. Read-out: mean of L LightGCN layers. ``score = scale cos + bias``, bias = free +
linear in content. An item that nobody took has no id and no free bias: content alone.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gnn.dataset import Dataset
from gnn.fusion import make_fusion
from gnn.inner_product import InnerProduct, Messages
from gnn.propagation import layers, mean_of_layers, user_item_graph
from gnn.ridge import ridge


class Network(nn.Module):
    """Parameters and forward pass for one dataset's ``train``."""

    def __init__(
        self, dataset: Dataset, /, *, dim: int, n_layers: int, fusion: str, scale: float
    ) -> None:
        super().__init__()
        self.n_users, self.n_layers = dataset.n_users, n_layers
        self.graph = user_item_graph(dataset.train)
        attributes = dataset.attributes.tocoo()
        # Constants of a network that lives as long as one fit: no buffers.
        self.edge_item = torch.from_numpy(attributes.row.astype(np.int64))
        self.edge_entity = torch.from_numpy(attributes.col.astype(np.int64))
        self.edge_confidence = torch.from_numpy(attributes.data.astype(np.float32))
        self.edge_relation = torch.from_numpy(dataset.relation[attributes.col].astype(np.int64))
        owners = np.bincount(dataset.train.indices, minlength=dataset.n_items)
        self.warm = torch.from_numpy((owners > 0).astype(np.float32))
        self.fusion = make_fusion(fusion, dataset.features, dim)
        self.users = nn.Parameter(torch.zeros(dataset.n_users, dim))
        self.items = nn.Parameter(torch.zeros(dataset.n_items, dim))
        self.entities = nn.Parameter(torch.zeros(dataset.attributes.shape[1], dim))
        self.relation_weight = nn.Parameter(torch.zeros(len(dataset.relations)))
        self.free_bias = nn.Parameter(torch.zeros(dataset.n_items))
        self.content_bias = nn.Parameter(torch.zeros(dim))
        self.base_bias = nn.Parameter(torch.zeros(()))
        self.log_scale = nn.Parameter(torch.tensor(float(np.log(scale))))

    def shares(self) -> Tensor:
        """(nnz of attributes,) weight of each statement; an item's add up to 1."""
        edge = self.edge_confidence * torch.exp(self.relation_weight)[self.edge_relation]
        total = edge.new_zeros(len(self.items)).index_add(0, self.edge_item, edge)
        return edge / total[self.edge_item]

    def content(self) -> Tensor:
        """(n_items, d): features and entities, what a new item has."""
        total = torch.zeros_like(self.items)
        for message in self.fusion().values():
            total = total + message
        if len(self.edge_item):
            messages = self.shares()[:, None] * self.entities[self.edge_entity]
            total = total.index_add(0, self.edge_item, messages)
        return total

    def forward(self) -> tuple[Tensor, Tensor, Tensor]:
        """Unit vectors of users (n_users, d) and items (n_items, d), and bias (n_items,)."""
        content = self.content()
        nodes = torch.cat([self.users, self.items * self.warm[:, None] + content])
        nodes = mean_of_layers(nodes, self.graph, count=self.n_layers)
        bias = self._bias(content)
        users, items = F.normalize(nodes[: self.n_users]), F.normalize(nodes[self.n_users :])
        return users, items, bias

    def own_parameters(self) -> list[nn.Parameter]:
        """What belongs to one user or item, and the scale."""
        return [self.users, self.items, self.free_bias, self.base_bias, self.log_scale]

    def content_parameters(self) -> list[nn.Parameter]:
        """What many items share."""
        own = {id(parameter) for parameter in self.own_parameters()}
        return [parameter for parameter in self.parameters() if id(parameter) not in own]

    def _bias(self, content: Tensor) -> Tensor:
        return self.free_bias * self.warm + content @ self.content_bias + self.base_bias

    @torch.no_grad()
    def start(self, dataset: Dataset, vectors: tuple[Tensor, Tensor], bias: Tensor) -> None:
        """Begin at given user and item vectors and bias, as much of them as content explains.

        The maps of content are the ridge solution; ids hold what is left of the vectors.
        """
        users, items = vectors
        self.users.copy_(users)
        blocks = [sp.csr_matrix(self.fusion.matrix(name).numpy()) for name in self.fusion.names] + [
            self._share_matrix()
        ]
        rows = sp.csr_matrix(sp.hstack(blocks), dtype=np.float32)
        warm = self.warm.numpy() > 0
        if rows.nnz:
            solved = torch.from_numpy(ridge(rows[warm], items.numpy()[warm]))
            sizes = [block.shape[1] for block in blocks]
            *maps, entities = torch.split(solved, sizes)
            for name, found in zip(self.fusion.names, maps, strict=True):
                self.fusion.maps[name].copy_(found)
            self.entities.copy_(entities)
        content = self.content()
        self.items.copy_((items - content) * self.warm[:, None])
        mean = float(bias[self.warm > 0].mean())
        self.base_bias.fill_(mean)
        known = sp.csr_matrix(content.numpy()[warm])
        if content.any():
            toward = ridge(known, (bias.numpy()[warm] - mean)[:, None].astype(np.float32))
            self.content_bias.copy_(torch.from_numpy(toward)[:, 0])
        self.free_bias.copy_((bias - content @ self.content_bias - mean) * self.warm)

    def _share_matrix(self) -> sp.csr_matrix:
        edges = (self.edge_item.numpy(), self.edge_entity.numpy())
        shape = (len(self.items), len(self.entities))
        return sp.csr_matrix((self.shares().detach().numpy(), edges), shape=shape)

    @torch.no_grad()
    def export(self, dataset: Dataset, /) -> InnerProduct:
        """The same scores without torch, and the pieces they are made of."""
        content = self.content()
        ids = self.items * self.warm[:, None]
        nodes = torch.cat([self.users, ids + content]).numpy()
        steps = layers(self.graph, nodes, count=self.n_layers)
        count = self.n_layers + 1
        degree = np.asarray(dataset.train.sum(axis=0)).ravel()
        spread = np.where(degree > 0, np.maximum(degree, 1) ** -0.5, 0) / count
        memory = spread[:, None] * sum(step[self.n_users :] for step in steps[:-1])
        target = sum(step[self.n_users :] for step in steps) / count
        length = np.maximum(np.linalg.norm(target, axis=1), 1e-12)
        inside, outside = self._returns(dataset)
        own = self.users.numpy() / count
        owners = np.maximum(np.asarray(dataset.train.sum(axis=1)).ravel(), 1)
        histories = sp.csr_matrix(sp.diags(owners**-0.5) @ dataset.train, dtype=np.float32)
        shares = self._share_matrix()
        shares.sort_indices()
        return InnerProduct(
            own=own.astype(np.float32),
            memory=memory.astype(np.float32),
            guess=ridge(histories, own.astype(np.float32)),
            target=(target / length[:, None]).astype(np.float32),
            bias=self._bias(content).numpy().astype(np.float32),
            scale=float(self.log_scale.exp()),
            messages=Messages(
                parts={"bought_together": ids.numpy()}
                | {name: message.numpy() for name, message in self.fusion().items()},
                entities=self.entities.numpy().copy(),
                shares=shares,
                relation=dataset.relation,
                relations=dataset.relations,
                in_memory=(spread * inside).astype(np.float32),
                in_target=(outside / count / length).astype(np.float32),
            ),
        )

    def _returns(self, dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
        """How much of an item's own message stands in the layers below L, and in all of them.

        Layer 0 once, layer 2 the way to its users and back: the diagonal of A^2.
        """
        n_items = dataset.n_items
        graph = self.graph
        squared = np.zeros(graph.n_nodes)
        rows = np.repeat(np.arange(graph.n_nodes), np.diff(graph.start))
        np.add.at(squared, rows, graph.weight.astype(np.float64) ** 2)
        back = squared[self.n_users :]
        once = np.ones(n_items)
        return once + (self.n_layers > 2) * back, once + (self.n_layers >= 2) * back
