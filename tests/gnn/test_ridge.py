"""Ridge regression against its closed form."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from gnn.ridge import ridge


def test_ridge_is_the_closed_form() -> None:
    rng = np.random.default_rng(7)
    rows, outputs = rng.standard_normal((30, 6)), rng.standard_normal((30, 4))
    l2 = 0.5 * (rows**2).sum(axis=1).mean()
    expected = np.linalg.solve(rows.T @ rows + l2 * np.eye(6), rows.T @ outputs)
    found = ridge(sp.csr_matrix(rows.astype(np.float32)), outputs.astype(np.float32), strength=0.5)
    assert found == pytest.approx(expected, abs=1e-3)
    nothing = sp.csr_matrix(np.zeros((3, 2), dtype=np.float32))
    assert not ridge(nothing, np.ones((3, 1), dtype=np.float32)).any()
