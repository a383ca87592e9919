"""From the graph to an artifact: align, train, measure, write embeddings back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypedDict

from api.shop import VECTORS

if TYPE_CHECKING:
    from api.settings import Settings
    from api.shop import Show
    from gnn.training_report import Progress, TrainingReport
    from kg.encoders.retrieval import Retrieval
    from kg.snapshot import Snapshot
    from kg.stores.bolt import BoltStore
    from kg.vectors import VectorStore


class Encoders(TypedDict):
    """Names under which the vector store has what is learned from."""

    text_encoder: str
    image_encoder: str  # empty: none


@dataclass(frozen=True, slots=True)
class Trained:
    """What ``train_shop`` did; ``alignment`` is None where there was nothing to align."""

    report: TrainingReport
    alignment: Retrieval | None  # how well held-out pictures find their texts
    embeddings: int  # nodes of the graph that got one

    def to_json(self) -> dict[str, Any]:
        """The report with the rest beside it."""
        alignment = None if self.alignment is None else asdict(self.alignment)
        return {**self.report.to_json(), "alignment": alignment, "embeddings": self.embeddings}


def train_shop(settings: Settings, store: BoltStore, *, show: Show) -> Trained:
    """Train on the graph in ``store``, write the artifact, and the embeddings to the graph."""
    from gnn.training import train

    with _learning(settings, store, show) as (snapshot, vectors, encoders, alignment):
        report = train(
            snapshot,
            vectors,
            settings.gnn,
            graph_identity=store.identity(),
            **encoders,
            on_progress=_training_steps(show),
        )
    return Trained(report, alignment, _write_back(settings, store, show=show))


def measure_shop(settings: Settings, store: BoltStore, *, show: Show) -> TrainingReport:
    """The table of every model on the graph in ``store``; nothing is written."""
    from gnn.training import measure

    with _learning(settings, store, show) as (snapshot, vectors, encoders, _):
        return measure(
            snapshot, vectors, settings.gnn, **encoders, on_progress=_training_steps(show)
        )


@contextmanager
def _learning(
    settings: Settings, store: BoltStore, show: Show
) -> Iterator[tuple[Snapshot, VectorStore, Encoders, Retrieval | None]]:
    """What is learned from: the graph, the vectors, and under which names those are found."""
    from kg.encoders.load import load_encoder
    from kg.vectors import VectorStore

    show("snapshot", 0, 0, "")
    snapshot = store.snapshot()
    show("snapshot", 1, 1, "")
    chosen = settings.kg.encoders
    # The encoder's own name, not the setting: that of local weights carries their hash.
    text = load_encoder(chosen.text).name
    image = load_encoder(chosen.image).name if chosen.image else None
    with VectorStore(settings.kg.data_dir / VECTORS) as vectors:
        encoders = Encoders(text_encoder=text, image_encoder=image or "")
        found = None
        if image is not None and chosen.align:
            encoders, found = _aligned(settings, snapshot, vectors, encoders, show=show)
        yield snapshot, vectors, encoders, found


def _aligned(
    settings: Settings, snapshot: Snapshot, vectors: VectorStore, plain: Encoders, *, show: Show
) -> tuple[Encoders, Retrieval | None]:
    """The image encoder followed by heads learned from this catalogue, and how well they do.

    A shop with too few pairs to learn from goes without them, and the progress says so.
    """
    from kg.encoders.align_catalogue import align_catalogue
    from kg.errors import DataError

    show("align", 0, 1, "")
    try:
        aligned = align_catalogue(
            [item.image_hash for item in snapshot.items],
            [item.text_hash for item in snapshot.items],
            vectors=vectors,
            folder=settings.kg.data_dir,
            seed=settings.gnn.seed,
            **plain,
        )
    except DataError as too_few:
        show("align", 1, 1, f"not done: {too_few}")
        return plain, None
    show("align", 1, 1, "")
    found = aligned.alignment.held_out
    names = Encoders(text_encoder=plain["text_encoder"], image_encoder=aligned.image_encoder)
    return names, found


def _write_back(settings: Settings, store: BoltStore, *, show: Show) -> int:
    """Embeddings of the artifact's items, users and entities into the graph; how many nodes.

    Items get a vector index, so that the graph itself can be asked for what is near. A single
    item has nothing to be near to, and no embedding. The graph names the artifact last: a name
    there means that its embeddings are all written.
    """
    from gnn.artifact import load_artifact
    from gnn.embeddings import embeddings
    from kg.queries import load_query

    show("embeddings", 0, 1, "")
    artifact = load_artifact(settings.gnn.artifact_dir, expect_graph=store.identity())
    written = 0
    if len(artifact.items) > 1:
        learned = embeddings(artifact, seed=settings.gnn.seed)
        store.migrate(settings.kg.schema_for(), vector_dim=learned.items.shape[1])
        written = store.write_embeddings(learned.rows(artifact))
    promote = load_query("administration/promote")
    store.run(promote, version=artifact.version, at_s=time.time())
    show("embeddings", 1, 1, f"{written} nodes")
    return written


def _training_steps(show: Show) -> Callable[[Progress], None]:
    return lambda step: show("train", step.done, step.total, f"{step.stage} {step.note}".strip())
