"""From a file of labelled examples to a model folder, and from both to scores."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kg.extraction.learned.artifact_write import check_target, write_model
from kg.extraction.learned.choice import as_values
from kg.extraction.learned.encoder import find_encoder
from kg.extraction.learned.examples import build_space, reject_unspelt, to_examples
from kg.extraction.learned.implied import learn_implied
from kg.extraction.learned.labelled import Columns, Labelled, fingerprint, read_labelled
from kg.extraction.learned.model import LearnedModel
from kg.extraction.learned.ranking import Speed
from kg.extraction.learned.scoring import Scores, score
from kg.extraction.learned.training import Progress, TrainConfig, train
from kg.rejects import Rejects

_TOGETHER = 128


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores, and how fast the values were found (CPU, one thread, after loading)."""

    scores: Scores
    texts_per_s: float
    unknown_attributes: tuple[str, ...]  # stated in the file, never seen in training

    def to_json(self) -> dict[str, Any]:
        """As `shopgraph extract evaluate --json` prints it."""
        return {
            **self.scores.to_json(),
            "texts_per_cpu_second": round(self.texts_per_s, 1),
            "unknown_attributes": list(self.unknown_attributes),
        }


def train_file(
    path: Path,
    folder: Path,
    *,
    columns: Columns,
    encoder: str,
    config: TrainConfig,
    rejects: Rejects,
    on_progress: Progress | None = None,
) -> dict[str, Any]:
    """Learn from ``path`` and write the model to ``folder``; returns its manifest.

    Interrupted, the same call goes on: finished folds are beside ``folder`` until it is written.
    DataError, ConfigError and ArtifactError say what cannot be used.
    """
    check_target(folder)
    chosen = find_encoder(encoder)
    labelled = read_labelled(path, columns, rejects=rejects)
    space = build_space(labelled)
    examples = to_examples(labelled, space)
    implied = learn_implied(examples, space)
    reject_unspelt(labelled, examples, learned=implied.values(), rejects=rejects, source=path.name)
    begin = time.perf_counter()
    work = folder.parent / f".{folder.name}.work"
    trained = train(
        examples,
        space,
        encoder=chosen,
        config=config,
        work=work,
        on_progress=on_progress,
    )
    about = {
        "source": path.name,
        "fingerprint": fingerprint(labelled),
        "columns": asdict(columns),
        "rejected": dict(rejects.counts),
        "train_s": round(time.perf_counter() - begin, 1),
        "steps_resumed": trained.resumed,
    }
    manifest = write_model(folder, trained, implied=implied, about=about)
    shutil.rmtree(work, ignore_errors=True)
    return manifest


def evaluate_model(
    model: LearnedModel,
    labelled: Sequence[Labelled],
    *,
    speed: Speed = "best",
    on_progress: Callable[[int, int, float], None] | None = None,
) -> Evaluation:
    """Scores of ``model`` on labelled texts; ``on_progress(done, total, texts a CPU-second)``."""
    found = []
    model.extract([labelled[0].text], [labelled[0].category], speed=speed)  # warm
    begin = time.process_time()
    for at in range(0, len(labelled), _TOGETHER):
        part = labelled[at : at + _TOGETHER]
        found += model.extract(
            [one.text for one in part], [one.category for one in part], speed=speed
        )
        if on_progress is not None:
            rate = len(found) / max(time.process_time() - begin, 1e-9)
            on_progress(len(found), len(labelled), rate)
    spent = time.process_time() - begin
    stated = {name for one in labelled for name in one.values}
    return Evaluation(
        score([one.values for one in labelled], [as_values(one) for one in found]),
        len(labelled) / max(spent, 1e-9),
        tuple(sorted(stated - set(model.space.attributes))),
    )
