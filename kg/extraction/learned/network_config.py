"""How the token network learns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """How the network learns; rates for encoder and read-outs.

    ``hidden_share``: weight of reading a token before a value's last mention as that attribute
    too (annotators mark one mention), from the second epoch on. ``epochs`` None: eight, fewer
    from 7,500 texts on, so that the time grows slower than the file.
    """

    epochs: int | None = None
    batch: int = 16
    encoder_rate: float = 2e-4
    rate: float = 1.5e-3
    decay: float = 0.01
    hidden_share: float = 0.3
    masked: float = 0.05
    half: bool = True

    def rounds(self, texts: int) -> int:
        """Epochs for so many texts."""
        return self.epochs or max(2, min(8, 60_000 // max(texts, 1)))
