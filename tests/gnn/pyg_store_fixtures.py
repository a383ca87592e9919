"""The checkerboard world's module, which lies with the store's tests; PyG, imported quietly."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from pathlib import Path
from types import ModuleType

with warnings.catch_warnings():
    # PyG 2.8 compiles a class in a way that torch 2.13 calls deprecated, on import.
    warnings.simplefilter("ignore", DeprecationWarning)
    import torch_geometric.loader  # noqa: F401


def _store_world() -> ModuleType:
    # Test folders are no packages: that of the store's tests may not be on the path.
    if "store_world" not in sys.modules:
        path = Path(__file__).resolve().parents[1] / "kg" / "store_world.py"
        spec = importlib.util.spec_from_file_location("store_world", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["store_world"] = module
        spec.loader.exec_module(module)
    return sys.modules["store_world"]


store_world = _store_world()
