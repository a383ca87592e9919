"""What it means that two snapshots are the same."""

from __future__ import annotations

import dataclasses

import numpy as np

from kg.snapshot import Snapshot


def same(left: Snapshot, right: Snapshot) -> None:
    """Equal in every field that is part of the graph: arrays by value and type."""
    for field in dataclasses.fields(Snapshot):
        one, other = getattr(left, field.name), getattr(right, field.name)
        if dataclasses.is_dataclass(one):
            for part in dataclasses.fields(one):
                held, wanted = getattr(one, part.name), getattr(other, part.name)
                np.testing.assert_array_equal(held, wanted, err_msg=f"{field.name}.{part.name}")
                assert getattr(held, "dtype", None) == getattr(wanted, "dtype", None)
        elif field.compare:
            assert one == other, field.name
