"""Learn to extract from labelled examples: folds, network, CRF, ranker, in that order.

The ranker must see the models' read-outs as they will be for new texts: so every text is read by
models that were learned without its fold. Then network and CRF are learned once more, from all.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kg.errors import DataError
from kg.extraction.learned.checkpoints import Checkpoints, Readouts, pack, unpack
from kg.extraction.learned.crf import CrfConfig, CrfTagger, train_crfs
from kg.extraction.learned.encoder import EncoderChoice
from kg.extraction.learned.examples import AttributeSpace, Example
from kg.extraction.learned.folds import make_folds
from kg.extraction.learned.network_config import NetworkConfig
from kg.extraction.learned.pieces import load_tokenizer, to_pieces
from kg.extraction.learned.ranker import RankerConfig
from kg.extraction.learned.ranking import Speed, TrainedRanker, learn_ranker
from kg.extraction.learned.token_features import Memory, TokenEvidence
from kg.extraction.learned.word_counts import WordCounts

if TYPE_CHECKING:
    from kg.extraction.learned.network import TokenNetwork
    from kg.extraction.learned.network_reader import NetworkReader

#: Told ``(stage, done, total, note)``.
Progress: TypeAlias = Callable[[str, int, int, str], None]
LEAST_EXAMPLES = 12


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """All that decides what is learned, beside the examples."""

    seed: int = 0
    folds: int = 3
    network: NetworkConfig = field(default_factory=NetworkConfig)
    crf: CrfConfig = field(default_factory=CrfConfig)
    ranker: RankerConfig = field(default_factory=RankerConfig)


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """What was learned; ``cpu_s`` includes the steps of an interrupted run that were resumed."""

    space: AttributeSpace
    examples: Sequence[Example]
    encoder: EncoderChoice
    network: TokenNetwork | None
    crf: CrfTagger
    rankers: Mapping[Speed, TrainedRanker]  # `best` only with a network
    config: TrainConfig
    cpu_s: float
    resumed: int


@dataclass(frozen=True, slots=True)
class _Plan:
    space: AttributeSpace
    encoder: EncoderChoice
    config: TrainConfig


def train(
    examples: Sequence[Example],
    space: AttributeSpace,
    *,
    encoder: EncoderChoice,
    config: TrainConfig,
    work: Path | None = None,
    on_progress: Progress | None = None,
) -> Trained:
    """Learn from ``examples``; the same for the same examples, configuration and seed.

    ``work`` is a folder for what is done already: interrupted, the same call goes on from there.
    It stays: who has put the model away removes it.
    DataError: fewer than LEAST_EXAMPLES examples, or no value stands in its text.
    """
    show = on_progress or (lambda stage, done, total, note: None)
    _check(examples)
    count = min(config.folds, max(2, len(examples) // 4))
    folds = make_folds(examples, count, seed=config.seed)
    checkpoints = Checkpoints(work, key=_key(examples, space, encoder, config))
    plan = _Plan(space, encoder, config)
    readouts: list[Readouts | None] = [None] * len(examples)
    seconds = 0.0
    for fold in range(count):
        found, spent = _fold(
            examples,
            folds == fold,
            plan,
            name=f"fold-{fold}",
            checkpoints=checkpoints,
            show=_named(show, f"fold {fold + 1} of {count}"),
        )
        seconds += spent
        for row, one in zip(np.flatnonzero(folds == fold), found, strict=True):
            readouts[row] = one
    begin = time.process_time()
    memory = Memory(examples, space)
    evidence = memory.evidence(examples, own=True)
    outside = [one for one in readouts if one is not None]
    views: dict[Speed, Sequence[Readouts]] = {"fast": [(None, None, one[2]) for one in outside]}
    if encoder.folder is not None:
        views["best"] = outside
    rows = _sample(len(examples), config.ranker.texts, config.seed)
    counts = WordCounts(examples)
    rankers: dict[Speed, TrainedRanker] = {}
    for done, (name, view) in enumerate(views.items()):
        show("ranker", done, len(views), name)
        rankers[name] = learn_ranker(
            [examples[row] for row in rows],
            [evidence[row] for row in rows],
            [view[row] for row in rows],
            memory=memory,
            counts=counts,
            folds=folds[rows],
            config=config.ranker,
            seed=config.seed,
        )
    show("ranker", len(views), len(views), "")
    crf = _crf(examples, evidence, plan, show=show)
    seconds += time.process_time() - begin
    network, spent = _last_network(examples, evidence, plan, checkpoints=checkpoints, show=show)
    seconds += spent
    return Trained(
        space, examples, encoder, network, crf, rankers, config, seconds, checkpoints.resumed
    )


def _sample(count: int, most: int, seed: int) -> NDArray[np.int64]:
    """At most ``most`` of ``count`` rows, in order."""
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).choice(count, most, replace=False))


def _check(examples: Sequence[Example]) -> None:
    if len(examples) < LEAST_EXAMPLES:
        raise DataError(
            "examples", column="rows", value=len(examples), expected=f"at least {LEAST_EXAMPLES}"
        )
    if not any(one.spans for one in examples):
        raise DataError(
            "examples", column="labels", value="no value that stands in its text",
            expected="at least one value written as in its text",
        )  # fmt: skip


def _fold(
    examples: Sequence[Example],
    inside_fold: NDArray[np.bool_],
    plan: _Plan,
    *,
    name: str,
    checkpoints: Checkpoints,
    show: Progress,
) -> tuple[list[Readouts], float]:
    """Read-outs of the texts inside the fold by models of the others, and the CPU-seconds."""
    if (stored := checkpoints.load(name)) is not None:
        return unpack(stored[0]), stored[1]
    begin = time.process_time()
    learned = [one for one, asked in zip(examples, inside_fold, strict=True) if not asked]
    read = [one for one, asked in zip(examples, inside_fold, strict=True) if asked]
    memory = Memory(learned, plan.space)
    known = memory.evidence(learned, own=True)
    seen = memory.evidence(read, own=False)
    crf = _crf(learned, known, plan, show=show)
    marginals = [crf.read(one, each) for one, each in zip(read, seen, strict=True)]
    found: list[Readouts] = [(None, None, one) for one in marginals]
    network = _network(learned, known, plan, show=show)
    if network is not None:
        both = _torch_reader(network, plan).read(read, seen)
        found = [(*two, one) for two, one in zip(both, marginals, strict=True)]
    seconds = time.process_time() - begin
    checkpoints.save(name, pack(found), seconds=seconds)
    return found, seconds


def _last_network(
    examples: Sequence[Example],
    evidence: Sequence[TokenEvidence],
    plan: _Plan,
    *,
    checkpoints: Checkpoints,
    show: Progress,
) -> tuple[TokenNetwork | None, float]:
    """The network of all texts, and the CPU-seconds that it took."""
    if plan.encoder.folder is None:
        return None, 0.0
    from kg.extraction.learned.network_export import network_arrays, restored_network

    stored = checkpoints.load("network")
    if stored is not None:
        return restored_network(stored[0], plan.space, plan.encoder.folder), stored[1]
    begin = time.process_time()
    network = _network(examples, evidence, plan, show=show)
    spent = time.process_time() - begin
    if network is not None:
        checkpoints.save("network", network_arrays(network), seconds=spent)
    return network, spent


def _network(
    examples: Sequence[Example],
    evidence: Sequence[TokenEvidence],
    plan: _Plan,
    *,
    show: Progress,
) -> TokenNetwork | None:
    encoder, folder, config = plan.encoder, plan.encoder.folder, plan.config
    if folder is None:
        return None
    from kg.extraction.learned.network_training import train_network

    tokenizer = load_tokenizer(folder / "tokenizer.json")
    begin = time.perf_counter()

    def on_epoch(done: int, total: int, loss: float) -> None:
        rate = done * len(examples) / max(time.perf_counter() - begin, 1e-9)
        show("network", done, total, f"loss {loss:.2f}, {rate:.0f} texts/s")

    show("network", 0, config.network.rounds(len(examples)), encoder.name)
    return train_network(
        examples,
        evidence,
        [to_pieces(tokenizer, one.tokens.words) for one in examples],
        space=plan.space,
        encoder=folder,
        config=config.network,
        seed=config.seed,
        on_epoch=on_epoch,
    )


def _crf(
    examples: Sequence[Example],
    evidence: Sequence[TokenEvidence],
    plan: _Plan,
    *,
    show: Progress,
) -> CrfTagger:
    return train_crfs(
        examples,
        evidence,
        space=plan.space,
        config=plan.config.crf,
        on_model=lambda done, total: show("crf", done, total, ""),
    )


def _torch_reader(network: TokenNetwork, plan: _Plan) -> NetworkReader:
    from kg.extraction.learned.network_export import torch_reader

    folder = plan.encoder.folder
    assert folder is not None  # there is a network
    return torch_reader(network, load_tokenizer(folder / "tokenizer.json"), plan.space)


def _named(show: Progress, prefix: str) -> Progress:
    return lambda stage, done, total, note: show(f"{prefix}: {stage}", done, total, note)


def _key(
    examples: Sequence[Example],
    space: AttributeSpace,
    encoder: EncoderChoice,
    config: TrainConfig,
) -> str:
    """Names the read-outs of these examples by these models, whatever the ranker's settings."""
    content = [
        [[one.tokens.text, one.category, sorted(one.spans.items())] for one in examples],
        asdict(space),
        encoder.name,
        asdict(replace(config, ranker=RankerConfig())),
    ]
    digest = hashlib.sha256(json.dumps(content, ensure_ascii=False).encode("utf-8", "replace"))
    return digest.hexdigest()[:16]
