"""A token network: a pretrained encoder, two read-outs, made for few examples.

Read-out one tags tokens (begin or inside of an attribute, or none); read-out two gives each
attribute a distribution over all spans and "not said" (Seo et al. 2017; Dozat and Manning 2017
for the bilinear form). One encoder serves both: the second costs next to nothing, and the two
err differently, which is what the ranker after them lives on.
"""

from __future__ import annotations

import torch
from torch import nn

from kg.extraction.learned.bert import BertEncoder

_HIDDEN = 256
_RANK = 48


class TokenNetwork(nn.Module):
    """Word states from the first and last word piece, known evidence beside them."""

    def __init__(
        self, encoder: BertEncoder, *, features: int, attributes: int, categories: int, longest: int
    ) -> None:
        super().__init__()
        size = encoder.config.hidden_size
        self.encoder = encoder
        self.longest = longest
        # Starts at zero: the first steps see the encoder as it was pretrained.
        self.lift = nn.Linear(features, size)
        nn.init.zeros_(self.lift.weight)
        nn.init.zeros_(self.lift.bias)
        self.category = nn.Embedding(categories + 1, 32)
        self.evidence = nn.Sequential(nn.Linear(features, 128), nn.GELU())
        self.state = nn.Sequential(
            nn.Dropout(0.1), nn.Linear(2 * size + 128 + 32, _HIDDEN), nn.GELU(), nn.Dropout(0.2)
        )
        self.tag = nn.Linear(_HIDDEN, 1 + 2 * attributes)
        self.start = nn.Linear(_HIDDEN, attributes)
        self.end = nn.Linear(_HIDDEN, attributes)
        self.left = nn.Linear(_HIDDEN, _RANK)
        self.right = nn.Linear(_HIDDEN, _RANK)
        self.pair = nn.Parameter(torch.randn(attributes, _RANK) * 0.05)
        self.length = nn.Parameter(torch.zeros(attributes, longest))
        self.unsaid = nn.Linear(_HIDDEN, attributes)

    def forward(  # noqa: PLR0917
        self,
        pieces: torch.Tensor,
        mask: torch.Tensor,
        first: torch.Tensor,
        last: torch.Tensor,
        word: torch.Tensor,
        features: torch.Tensor,
        category: torch.Tensor,
    ) -> tuple[torch.Tensor, ...]:
        """Of B texts with N words and P pieces (``pieces``, ``mask``, ``word``: (B, P)).

        ``first``, ``last`` (B, N): a word's pieces; ``word``: a piece's word, -1 where it has
        none; ``features`` (B, N, F); ``category`` (B,), 0 when unknown. Returns tags
        (B, N, 1 + 2A), starts and ends (B, N, A), left and right (B, N, R), unsaid (B, A):
        logits, no mask applied.
        """
        embedded = self.encoder.words(pieces)
        lifted = self.lift(features)
        held = word.clamp(min=0).unsqueeze(-1).expand(-1, -1, lifted.shape[-1])
        embedded = embedded + torch.gather(lifted, 1, held) * (word >= 0).unsqueeze(-1)
        out = self.encoder(embedded, mask)
        width = out.shape[-1]
        ends = [
            torch.gather(out, 1, place.unsqueeze(-1).expand(-1, -1, width))
            for place in (first, last)
        ]
        kind = self.category(category).unsqueeze(1).expand(-1, first.shape[1], -1)
        state = self.state(torch.cat([*ends, self.evidence(features), kind], dim=-1))
        return (
            self.tag(state),
            self.start(state),
            self.end(state),
            self.left(state),
            self.right(state),
            self.unsaid(state.amax(dim=1)),
        )

    def span_logits(self, outputs: tuple[torch.Tensor, ...]) -> torch.Tensor:
        """(B, N, longest, A): of the span that begins at a word and has one to longest words."""
        _, start, end, left, right, _ = outputs
        lengths = []
        size = start.shape[1]
        for length in range(self.longest):
            shift = min(length, size)
            moved = nn.functional.pad(end[:, shift:], (0, 0, 0, shift))
            other = nn.functional.pad(right[:, shift:], (0, 0, 0, shift))
            pair = (left * other) @ self.pair.T
            lengths.append(start + moved + pair + self.length[:, length])
        return torch.stack(lengths, dim=2)
