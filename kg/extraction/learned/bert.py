"""A BERT encoder read from a folder (``config.json``, ``model.safetensors``); Devlin et al. 2019.

Own code, because the reading of vectors below the word embeddings is needed, and because a
hundred lines load in milliseconds where the general library takes seconds and much else.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

from kg.errors import ArtifactError


@dataclass(frozen=True, slots=True)
class BertConfig:
    """The part of ``config.json`` that is used."""

    vocab_size: int
    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    max_position_embeddings: int
    layer_norm_eps: float = 1e-12


class _Layer(nn.Module):
    def __init__(self, config: BertConfig, dropout: float) -> None:
        super().__init__()
        size = config.hidden_size
        self.heads = config.num_attention_heads
        self.dropout = dropout
        self.query = nn.Linear(size, size)
        self.key = nn.Linear(size, size)
        self.value = nn.Linear(size, size)
        self.attended = nn.Linear(size, size)
        self.attended_norm = nn.LayerNorm(size, config.layer_norm_eps)
        self.wide = nn.Linear(size, config.intermediate_size)
        self.narrow = nn.Linear(config.intermediate_size, size)
        self.norm = nn.LayerNorm(size, config.layer_norm_eps)

    def forward(self, x: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        count, length, size = x.shape
        parts = (count, length, self.heads, size // self.heads)
        query, key, value = (
            each(x).view(parts).transpose(1, 2) for each in (self.query, self.key, self.value)
        )
        logits = query @ key.transpose(2, 3) / (size // self.heads) ** 0.5 + bias
        weight = self._drop(torch.softmax(logits, dim=-1))
        mixed = (weight @ value).transpose(1, 2).reshape(count, length, size)
        x = self.attended_norm(x + self._drop(self.attended(mixed)))
        grown = self.narrow(nn.functional.gelu(self.wide(x)))
        normed: torch.Tensor = self.norm(x + self._drop(grown))
        return normed

    def _drop(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.dropout(x, self.dropout, training=self.training)


class BertEncoder(nn.Module):
    """Vectors in, contextual vectors out; ``words`` looks word pieces up."""

    def __init__(self, config: BertConfig, *, dropout: float = 0.1) -> None:
        super().__init__()
        self.config = config
        self.dropout = dropout
        self.words = nn.Embedding(config.vocab_size, config.hidden_size)
        self.positions = nn.Embedding(config.max_position_embeddings, config.hidden_size)
        self.kinds = nn.Embedding(2, config.hidden_size)
        self.norm = nn.LayerNorm(config.hidden_size, config.layer_norm_eps)
        self.layers = nn.ModuleList(
            _Layer(config, dropout) for _ in range(config.num_hidden_layers)
        )

    def forward(self, embedded: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """(B, P, size) from word vectors (B, P, size) and ``mask`` (B, P), 1 where a piece is."""
        x = embedded + self.positions.weight[: embedded.shape[1]] + self.kinds.weight[0]
        x = nn.functional.dropout(self.norm(x), self.dropout, training=self.training)
        bias = (1.0 - mask.to(x.dtype))[:, None, None, :] * -1e4
        for layer in self.layers:
            x = layer(x, bias)
        return x


_NAMES = {
    "words": "embeddings.word_embeddings",
    "positions": "embeddings.position_embeddings",
    "kinds": "embeddings.token_type_embeddings",
    "norm": "embeddings.LayerNorm",
}
_LAYER_NAMES = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "attended": "attention.output.dense",
    "attended_norm": "attention.output.LayerNorm",
    "wide": "intermediate.dense",
    "narrow": "output.dense",
    "norm": "output.LayerNorm",
}


def load_bert(folder: Path) -> BertEncoder:
    """The encoder in ``folder``, embeddings frozen; ArtifactError where it is not BERT's."""
    try:
        raw = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        stored = load_file(folder / "model.safetensors")
    except (OSError, ValueError) as error:
        raise ArtifactError(f"{folder}: no encoder here ({error})") from error
    if raw.get("model_type") != "bert" or raw.get("hidden_act") != "gelu":
        raise ArtifactError(f"{folder}: model_type {raw.get('model_type')!r} is not 'bert'")
    fields = BertConfig.__dataclass_fields__
    encoder = BertEncoder(BertConfig(**{name: raw[name] for name in fields if name in raw}))
    prefix = "bert." if any(name.startswith("bert.") for name in stored) else ""
    state = {}
    for name in encoder.state_dict():
        parts = name.split(".")
        if parts[0] == "layers":
            theirs = f"encoder.layer.{parts[1]}.{_LAYER_NAMES[parts[2]]}.{parts[3]}"
        else:
            theirs = f"{_NAMES[parts[0]]}.{parts[1]}"
        if prefix + theirs not in stored:
            raise ArtifactError(f"{folder}: no tensor {prefix + theirs} in model.safetensors")
        state[name] = stored[prefix + theirs]
    encoder.load_state_dict(state)
    for part in (encoder.words, encoder.positions, encoder.kinds, encoder.norm):
        part.requires_grad_(False)
    return encoder
