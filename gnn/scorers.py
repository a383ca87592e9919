"""Scorers by name: how an artifact's arrays become a scorer again. No torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gnn.scoring import Scorer
from kg.errors import ArtifactError

Arrays: TypeAlias = Mapping[str, NDArray[Any]]

#: Kind -> (module, class); the class has ``arrays()`` and ``from_arrays(arrays)``.
_KINDS: Mapping[str, tuple[str, str]] = {
    "item_rows": ("gnn.item_rows", "ItemRows"),
    "inner_product": ("gnn.inner_product", "InnerProduct"),
    "item_item": ("gnn.item_item", "ItemItem"),
    "blend": ("gnn.blend", "Blend"),
}


def scorer_kind(scorer: Scorer) -> str:
    """Kind of ``scorer``; ArtifactError for a class that no artifact can hold."""
    for kind, (module, name) in _KINDS.items():
        if (type(scorer).__module__, type(scorer).__name__) == (module, name):
            return kind
    raise ArtifactError(
        f"scorer {type(scorer).__name__} cannot be stored; known: {', '.join(sorted(_KINDS))}"
    )


def rebuild_scorer(kind: str, arrays: Arrays) -> Scorer:
    """The scorer whose ``arrays()`` these were; ArtifactError for an unknown kind."""
    if kind not in _KINDS:
        raise ArtifactError(f"scorer {kind!r} is unknown; known: {', '.join(sorted(_KINDS))}")
    module, name = _KINDS[kind]
    from_arrays: Callable[[Arrays], Scorer] = getattr(import_module(module), name).from_arrays
    return from_arrays(arrays)


def prefixed(prefix: str, arrays: Arrays) -> dict[str, NDArray[np.generic]]:
    """``arrays`` with ``prefix`` before every name."""
    return {f"{prefix}{name}": array for name, array in arrays.items()}


def unprefixed(prefix: str, arrays: Arrays) -> dict[str, NDArray[Any]]:
    """Those of ``arrays`` whose name starts with ``prefix``, without it."""
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }
