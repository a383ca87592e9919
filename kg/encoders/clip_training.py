"""Tune an open_clip model on a catalogue's own pairs of picture and text.

Symmetric InfoNCE with the model's own learned temperature, every pair with the same picture or
text counted as right, as for the heads of ``alignment_training``; by Radford et al. (2021), and
with ``layers`` the locked-tower tuning of Zhai et al. (2022), LiT.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kg.encoders.clip import PREFIX, load_clip
from kg.encoders.pair_split import split_pairs
from kg.encoders.retrieval import Codes, Retrieval, retrieval
from kg.encoders.text import readable_text
from kg.errors import ConfigError, DataError
from kg.pictures import open_picture
from kg.vectors import content_hash

BATCH = 64
#: Epochs without a lower loss after which the tuning ends.
PATIENCE = 5
_DECAY = 0.1


@dataclass(frozen=True, slots=True)
class TunedClip:
    """Figures of pairs that neither the tuning nor its early stop saw, before and after."""

    before: Retrieval
    after: Retrieval
    loss_before: float  # symmetric InfoNCE of the held-out pairs, natural logarithm
    loss_after: float
    epochs: int  # of the weights kept; 0: none was better than the start
    path: Path | None  # the checkpoint; None where epochs is 0
    name: str  # of the encoder, without #text or #image

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**asdict(self), "path": None if self.path is None else str(self.path)}


def tune_clip(
    model: str,
    pictures: Sequence[Path],
    texts: Sequence[str],
    *,
    output: Path,
    seed: int,
    layers: int | None = None,
    epochs: int = 20,
    rate: float = 1e-5,
    batch: int = BATCH,
    patience: int = PATIENCE,
    on_epoch: Callable[[int, str], None] | None = None,
) -> TunedClip:
    """Learn from ``pictures[i]`` shown with ``texts[i]``; write a checkpoint with its score.

    ``model``: ``<model>/<pretrained tag or path>`` of open_clip. ``layers``: so many of the last
    groups of layers of each half are tuned, None all. On the GPU where torch has one. The weights
    kept are those of the epoch with the lowest loss on the pairs of the early stop.
    ``open_clip:<model>/<output>#image`` loads them. ConfigError: the model cannot be had, or its
    layers cannot be locked; DataError: unreadable pictures, unequal lengths, too few pairs.
    """
    import torch

    architecture, pretrained = _checked(model, pictures, texts)
    codes = _codes([content_hash(p) for p in pictures]), _codes([readable_text(t) for t in texts])
    split = split_pairs(*codes, seed=seed)
    network, preprocess, tokenizer = load_clip(architecture, pretrained)
    torch.manual_seed(seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = network.to(device)
    _lock(network, model, layers)

    def batch_of(rows: Codes) -> tuple[Any, Any]:
        pixels = [preprocess(open_picture(pictures[row], max_side=1024)) for row in rows]
        tokens = tokenizer([readable_text(texts[row]) for row in rows])
        return torch.stack(pixels).to(device), tokens.to(device)

    def measured(rows: Codes) -> tuple[Retrieval, float]:
        network.eval()
        halves: list[list[Any]] = [[], []]
        with torch.inference_mode():
            for part in _parts(rows, batch):
                pixels, tokens = batch_of(part)
                halves[0].append(network.encode_image(pixels, normalize=True).float())
                halves[1].append(network.encode_text(tokens, normalize=True).float())
            scores = torch.cat(halves[0]) @ torch.cat(halves[1]).T
            loss = float(_loss(scores * network.logit_scale.exp(), *(c[rows] for c in codes)))
        return retrieval(scores.cpu().numpy(), *(code[rows] for code in codes)), loss

    before, loss_before = measured(split.test)
    kept = _copy(network)
    best, best_loss = 0, measured(split.stop)[1]
    optimiser = _optimiser(network, rate)
    random = np.random.default_rng(seed)
    for epoch in range(1, epochs + 1):
        network.train()
        for rows in _parts(random.permutation(split.train), batch):
            pixels, tokens = batch_of(rows)
            left = network.encode_image(pixels, normalize=True)
            right = network.encode_text(tokens, normalize=True)
            scale = network.logit_scale.exp().clamp(max=100.0)
            loss = _loss(left @ right.T * scale, *(code[rows] for code in codes))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
        value = measured(split.stop)[1]
        if on_epoch is not None:
            on_epoch(epoch, f"loss of pairs not learned from {value:.3f}")
        if value < best_loss:
            kept, best, best_loss = _copy(network), epoch, value
        if epoch - best >= patience:
            break
    network.load_state_dict(kept)
    after, loss_after = measured(split.test)
    if best:
        score = {"held_out": asdict(after), "before": asdict(before), "epochs": best, "seed": seed}
        _save({"state_dict": kept, "shopgraph": {"model": model, **score}}, output)
    name = f"{PREFIX}{architecture}/{output}"
    path = output if best else None
    return TunedClip(before, after, loss_before, loss_after, best, path, name)


def _loss(logits: Any, image_code: Codes, text_code: Codes) -> Any:
    """Symmetric InfoNCE, both directions averaged; pairs with an equal code are right too."""
    import torch
    from torch.nn.functional import log_softmax

    same = (image_code[:, None] == image_code) | (text_code[:, None] == text_code)
    right = torch.from_numpy(same / same.sum(axis=1, keepdims=True)).to(logits)
    both = log_softmax(logits, dim=1) + log_softmax(logits.T, dim=1)
    return -(right * both).sum(dim=1).mean() / 2


def _checked(model: str, pictures: Sequence[Path], texts: Sequence[str]) -> tuple[str, str]:
    """The model's name and its weights."""
    if len(pictures) != len(texts):
        raise DataError(
            "alignment",
            column="texts",
            value=len(texts),
            expected=f"{len(pictures)}, one a picture",
        )
    architecture, marker, pretrained = model.partition("/")
    if not marker or not pretrained:
        raise ConfigError(f"model {model!r}: expected <model>/<pretrained tag or path>")
    return architecture, pretrained


def _optimiser(network: Any, rate: float) -> Any:
    import torch

    tuned = [part for part in network.parameters() if part.requires_grad]
    # Gains, biases and the temperature are not drawn to zero.
    matrices = {"params": [part for part in tuned if part.ndim >= 2], "weight_decay": _DECAY}
    rest = {"params": [part for part in tuned if part.ndim < 2], "weight_decay": 0.0}
    return torch.optim.AdamW([matrices, rest], lr=rate)


def _lock(network: Any, model: str, layers: int | None) -> None:
    if layers is None:
        return
    try:
        network.lock_image_tower(unlocked_groups=layers)
        network.lock_text_tower(unlocked_layers=layers)
    except (AttributeError, AssertionError, NotImplementedError) as error:
        raise ConfigError(
            f"open_clip model {model}: its layers cannot be locked ({error!r});"
            " expected no number of layers, which tunes all"
        ) from error


def _parts(rows: Codes, size: int) -> list[Codes]:
    return list(np.array_split(rows, max(1, -(-len(rows) // size))))


def _codes(keys: Sequence[str]) -> Codes:
    seen: dict[str, int] = {}
    return np.array([seen.setdefault(key, len(seen)) for key in keys], dtype=np.int64)


def _copy(network: Any) -> dict[str, Any]:
    return {key: value.detach().cpu().clone() for key, value in network.state_dict().items()}


def _save(checkpoint: dict[str, Any], path: Path) -> None:
    """Written aside and renamed: whole or not at all."""
    import torch

    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, aside = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as file:
            torch.save(checkpoint, file)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
