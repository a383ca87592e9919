"""What every model owes: fit a Dataset, return a Scorer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from gnn.dataset import Dataset
from gnn.scoring import Scorer


@dataclass(frozen=True, slots=True)
class Epoch:
    """One step of training as seen from outside; ``valid`` is the stopping metric or None."""

    number: int
    loss: float
    valid: float | None = None


OnEpoch: TypeAlias = Callable[[Epoch], None]


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A trained model: its scorer, the epoch it was best at, and how it got there."""

    scorer: Scorer
    best_epoch: int = 0
    history: tuple[Epoch, ...] = field(default=())


class Model(Protocol):
    """A configured, untrained model."""

    @property
    def name(self) -> str:
        """What reports and flags call it."""
        ...

    def fit(
        self,
        dataset: Dataset,
        /,
        *,
        seed: int = 0,
        epochs: int | None = None,
        on_epoch: OnEpoch | None = None,
    ) -> Fit:
        """Train on ``dataset.train``.

        Early-stops on ``dataset.valid`` when it has entries; ``epochs`` fixes the number
        instead (the refit on train + valid, whose ``valid`` is empty). Same dataset, seed
        and thread count give the same scorer.
        """
        ...
