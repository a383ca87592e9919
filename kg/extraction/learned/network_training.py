"""Fine-tune the token network on labelled examples; seconds an epoch on one core."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from kg.extraction.learned.bert import load_bert
from kg.extraction.learned.examples import AttributeSpace, Example
from kg.extraction.learned.network import TokenNetwork
from kg.extraction.learned.network_config import NetworkConfig
from kg.extraction.learned.pieces import Pieces, to_batch
from kg.extraction.learned.token_features import TokenEvidence, width

_NEVER = -1e4


def train_network(
    examples: Sequence[Example],
    evidence: Sequence[TokenEvidence],
    pieces: Sequence[Pieces],
    *,
    space: AttributeSpace,
    encoder: Path,
    config: NetworkConfig,
    seed: int,
    on_epoch: Callable[[int, int, float], None],
) -> TokenNetwork:
    """The network in evaluation mode; ``on_epoch(done, total, mean loss)`` after each epoch."""
    generator = np.random.default_rng(seed)
    torch.manual_seed(seed)
    network = make_network(space, encoder)
    network.train()
    tuned = [one for one in network.encoder.parameters() if one.requires_grad]
    own = {id(one) for one in network.encoder.parameters()}
    fresh = [one for one in network.parameters() if id(one) not in own]
    optimizer = torch.optim.AdamW(
        [{"params": tuned, "lr": config.encoder_rate}, {"params": fresh, "lr": config.rate}],
        weight_decay=config.decay,
    )
    epochs = config.rounds(len(examples))
    steps = epochs * -(-len(examples) // config.batch)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min(1.0, (step + 1) / (0.1 * steps)) * max(0.0, 1.0 - step / steps),
    )
    allowed = torch.from_numpy(_allowed(space))
    for epoch in range(epochs):
        total = 0.0
        for rows in _batches(examples, config.batch, generator):
            chosen = [examples[row] for row in rows]
            batch = to_batch([pieces[r] for r in rows], [evidence[r] for r in rows], chosen)
            if config.masked:
                dropped = generator.random(batch.first.shape) < config.masked
                at = np.take_along_axis(dropped, np.maximum(batch.word, 0), axis=1)
                batch.pieces[at & (batch.word >= 0)] = _mask_id(network)
            with torch.autocast("cpu", torch.bfloat16, enabled=config.half):
                outputs = network(*(torch.from_numpy(one) for one in batch.named().values()))
            outputs = tuple(one.float() for one in outputs)
            loss = _tag_loss(
                outputs[0], chosen, allowed, share=config.hidden_share if epoch else 0.0
            ) + _span_loss(network, outputs, chosen, allowed)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_([*tuned, *fresh], 1.0)
            optimizer.step()
            schedule.step()
            total += float(loss.detach()) * len(rows)
        on_epoch(epoch + 1, epochs, total / len(examples))
    return network.eval()


def make_network(space: AttributeSpace, encoder: Path) -> TokenNetwork:
    """The network before it has learned anything but what its encoder knows."""
    return TokenNetwork(
        load_bert(encoder),
        features=width(space),
        attributes=len(space.attributes),
        categories=len(space.categories),
        longest=space.longest,
    )


def _mask_id(network: TokenNetwork) -> int:
    return 103 if network.encoder.config.vocab_size > 103 else 0


def _batches(
    examples: Sequence[Example], size: int, generator: np.random.Generator
) -> list[NDArray[np.int64]]:
    """Rows in batches of like length (less padding), batches in random order."""
    lengths = np.array([len(one.tokens) for one in examples], float)
    order = np.argsort(lengths * generator.uniform(0.8, 1.25, len(lengths)), kind="stable")
    batches = [order[at : at + size] for at in range(0, len(order), size)]
    return [batches[place] for place in generator.permutation(len(batches))]


def _allowed(space: AttributeSpace) -> NDArray[np.bool_]:
    """(categories, attributes): which attribute is known of which category."""
    allowed = np.zeros((len(space.categories), len(space.attributes)), bool)
    for category, attributes in enumerate(space.of_category):
        allowed[category, list(attributes)] = True
    return allowed


def _tag_loss(
    logits: torch.Tensor, examples: Sequence[Example], allowed: torch.Tensor, *, share: float
) -> torch.Tensor:
    """-log of the probability of the tags that may be right (partial labels)."""
    weight = np.zeros(tuple(logits.shape), np.float32)
    for row, example in enumerate(examples):
        size = len(example.tokens)
        weight[row, :size, 0] = 1.0
        for attribute, spans in example.spans.items():
            weight[row, : spans[-1][0], 1 + 2 * attribute : 3 + 2 * attribute] = share
        for attribute, spans in example.spans.items():
            for first, last in spans:
                weight[row, first : last + 1] = 0.0
                weight[row, first, 1 + 2 * attribute] = 1.0
                weight[row, first + 1 : last + 1, 2 + 2 * attribute] = 1.0
    open_ = allowed[[one.category for one in examples]]
    columns = torch.cat([torch.ones(len(examples), 1, dtype=torch.bool),
                         open_.repeat_interleave(2, dim=1)], dim=1)  # fmt: skip
    logp = torch.log_softmax(logits.masked_fill(~columns[:, None], _NEVER), dim=-1)
    right = torch.from_numpy(weight)
    held = right[:, :, :].sum(-1) > 0
    likely = torch.logsumexp(logp + torch.log(right.clamp(min=1e-30)), dim=-1)
    return -(likely * held).sum() / held.sum()


def _span_loss(
    network: TokenNetwork,
    outputs: tuple[torch.Tensor, ...],
    examples: Sequence[Example],
    allowed: torch.Tensor,
) -> torch.Tensor:
    """Mean over an example's attributes of -log p of its spans, or of "not said"."""
    logits = network.span_logits(outputs)
    count, size, longest, attributes = logits.shape
    lengths = torch.tensor([len(one.tokens) for one in examples])
    ends = torch.arange(size)[:, None] + torch.arange(longest)[None, :]
    inside = ends[None] < lengths[:, None, None]
    flat = logits.masked_fill(~inside[..., None], _NEVER).permute(0, 3, 1, 2)
    both = torch.cat([outputs[5].unsqueeze(-1), flat.reshape(count, attributes, -1)], dim=-1)
    logp = torch.log_softmax(both, dim=-1)
    target = np.zeros((count, attributes, size * longest + 1), np.float32)
    use = allowed[[one.category for one in examples]].numpy().copy()
    target[:, :, 0] = 1.0
    for row, example in enumerate(examples):
        for attribute, spans in example.spans.items():
            fit = [(first, last) for first, last in spans if last - first < longest]
            target[row, attribute, 0] = 0.0
            use[row, attribute] = bool(fit)
            for first, last in fit:
                target[row, attribute, 1 + first * longest + last - first] = 1.0 / len(fit)
    losses = -(torch.from_numpy(target) * logp).sum(-1)
    return (losses * torch.from_numpy(use)).sum() / count / 2.0
