"""PyG's FeatureStore over a graph store and a vector store: rows of a batch, when it wants them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch_geometric.data import FeatureStore, TensorAttr

from gnn.pyg_store_topology import Topology
from kg.errors import ConfigError, DataError, StoreError
from kg.vectors import VectorStore

_PAGE = 2000  # nodes a statement
_PRESENT = "_present"


@dataclass(frozen=True, slots=True)
class PropertyFeature:
    """Numbers that nodes carry: one (``price``), or a list of ``dim`` (``embedding``)."""

    node_type: str
    name: str
    property: str
    dim: int = 1


@dataclass(frozen=True, slots=True)
class VectorFeature:
    """What ``encoder`` made of the content whose hash is in ``property`` (``text_hash``)."""

    node_type: str
    name: str
    property: str
    encoder: str


class StoreFeatures(FeatureStore):  # type: ignore[misc]
    """Features of nodes by (node type, name, indices); nothing is kept here.

    Each feature is two tensors: ``name``, (n, dim) float32, and ``name_present``, (n,) bool. A
    node without the property or the vector, or with NaN in it, has a row of zeros that is not
    present; mask it. All features of a node type come with one statement a batch and one reading
    of the vector store. DataError for a property that is not ``dim`` numbers.

    ConfigError for a node type that the graph does not have, or a VectorFeature where there is no
    vector store.
    """

    def __init__(
        self,
        topology: Topology,
        features: Sequence[PropertyFeature | VectorFeature],
        *,
        vectors: VectorStore | None = None,
    ) -> None:
        super().__init__()
        for feature in features:
            if feature.node_type not in topology.ids:
                known = ", ".join(sorted(topology.ids))
                raise ConfigError(
                    f"feature {feature.name}: node type {feature.node_type!r} is not one of: "
                    f"{known}"
                )
            if isinstance(feature, VectorFeature) and vectors is None:
                raise ConfigError(f"feature {feature.name}: no vector store was given")
        self._topology, self._vectors = topology, vectors
        self._features = {(each.node_type, each.name): each for each in features}

    def get_all_tensor_attrs(self) -> list[TensorAttr]:
        """Every feature and the tensor that says which rows of it are present."""
        return [
            TensorAttr(node_type, attr)
            for node_type, name in self._features
            for attr in (name, name + _PRESENT)
        ]

    def _get_tensor(self, attr: TensorAttr) -> Tensor | None:
        return self._multi_get_tensor([attr])[0]

    def _multi_get_tensor(self, attrs: list[TensorAttr]) -> list[Tensor | None]:
        read: dict[tuple[str, int], dict[str, list[Any]]] = {}
        made: dict[tuple[str, str, int], tuple[Tensor, Tensor]] = {}
        tensors: list[Tensor | None] = []
        for attr in attrs:
            feature, present = self._feature(attr)
            if feature is None:
                tensors.append(None)
                continue
            nodes = self._nodes(feature.node_type, attr.index)
            batch = id(attr.index)
            if (feature.node_type, batch) not in read:
                wanted = sorted(
                    {
                        each.property
                        for other in attrs
                        if other.group_name == feature.node_type and other.index is attr.index
                        for each in self._feature(other)[:1]
                        if each is not None
                    }
                )
                read[feature.node_type, batch] = self._properties(feature.node_type, nodes, wanted)
            key = (feature.node_type, feature.name, batch)
            if key not in made:
                values = read[feature.node_type, batch][feature.property]
                matrix, there = self._matrix(feature, values)
                made[key] = torch.from_numpy(matrix), torch.from_numpy(there)
            tensor = made[key][int(present)]
            tensors.append(tensor[0] if isinstance(attr.index, int) else tensor)
        return tensors

    def _get_tensor_size(self, attr: TensorAttr) -> tuple[int, ...] | None:
        feature, present = self._feature(attr)
        if feature is None:
            return None
        nodes = len(self._topology.ids[feature.node_type])
        return (nodes,) if present else (nodes, self._dim(feature))

    def _put_tensor(self, tensor: Any, attr: TensorAttr) -> bool:
        raise StoreError(
            f"feature {attr.group_name}.{attr.attr_name}: this view of the graph only reads; "
            "properties are written by GraphStore.write, vectors by VectorStore.put"
        )

    def _remove_tensor(self, attr: TensorAttr) -> bool:
        raise StoreError(
            f"feature {attr.group_name}.{attr.attr_name}: this view of the graph only reads"
        )

    def _feature(self, attr: TensorAttr) -> tuple[PropertyFeature | VectorFeature | None, bool]:
        """The feature that ``attr`` names, and whether it asks what is present."""
        found = self._features.get((attr.group_name, attr.attr_name))
        if found is not None:
            return found, False
        name = str(attr.attr_name).removesuffix(_PRESENT)
        return self._features.get((attr.group_name, name)), True

    def _nodes(self, node_type: str, index: Any) -> list[int]:
        everything = range(len(self._topology.ids[node_type]))
        if index is None:
            return list(everything)
        if isinstance(index, slice):
            return list(everything[index])
        chosen = torch.as_tensor(index)
        if chosen.dtype == torch.bool:
            chosen = chosen.nonzero()
        nodes: list[int] = chosen.reshape(-1).tolist()
        return nodes

    def _properties(
        self, node_type: str, nodes: Sequence[int], wanted: Sequence[str]
    ) -> dict[str, list[Any]]:
        """Property -> value of each of ``nodes``, None where there is none."""
        ids = self._topology.ids[node_type]
        names = ", ".join(f"n.`{name.replace('`', '``')}`" for name in wanted)
        text = (
            "UNWIND range(0, size($ids) - 1) AS at "
            f"MATCH (n:{self._topology.key_label(node_type)} {{id: $ids[at]}}) "
            f"RETURN collect(at) AS at, collect([{names}]) AS rows"
        )
        values: dict[str, list[Any]] = {name: [None] * len(nodes) for name in wanted}
        for start in range(0, len(nodes), _PAGE):
            page = [ids[node] for node in nodes[start : start + _PAGE]]
            (found,) = self._topology.rows(text, {"ids": page})
            for at, row in zip(found["at"], found["rows"], strict=True):
                for name, value in zip(wanted, row, strict=True):
                    values[name][start + at] = value
        return values

    def _matrix(
        self, feature: PropertyFeature | VectorFeature, values: Sequence[Any]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """((n, dim), (n,) present)."""
        if isinstance(feature, VectorFeature):
            assert self._vectors is not None
            return self._vectors.get(feature.encoder, values)
        matrix = np.zeros((len(values), feature.dim), dtype=np.float32)
        present = np.zeros(len(values), dtype=np.bool_)
        for row, value in enumerate(values):
            numbers = value if isinstance(value, list) else [value]
            if value is None:
                continue
            if len(numbers) != feature.dim or not all(
                isinstance(each, int | float) for each in numbers
            ):
                raise DataError(
                    f"feature {feature.name} of {feature.node_type}",
                    column=feature.property,
                    value=value,
                    expected=f"{feature.dim} numbers",
                )
            if not any(math.isnan(each) for each in numbers):
                matrix[row], present[row] = numbers, True
        return matrix, present

    def _dim(self, feature: PropertyFeature | VectorFeature) -> int:
        if isinstance(feature, PropertyFeature):
            return feature.dim
        assert self._vectors is not None
        return int(self._vectors.get(feature.encoder, [])[0].shape[1])
