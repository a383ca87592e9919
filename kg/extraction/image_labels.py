"""Labels that pictures alone give, learned from the items that state them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kg.encoders.contract import FloatMatrix
from kg.errors import DataError
from kg.extraction.kernels import centred, split_parts
from kg.extraction.known_labels import known_labels, products
from kg.extraction.label_artifact import (
    LabelArtifact,
    labels_fingerprint,
    load_labels,
    save_labels,
)
from kg.extraction.label_learning import PRECISION, learn_labels
from kg.extraction.label_model import Guess, LabelModel
from kg.extraction.lexicon import canonical
from kg.items import Attribute, CatalogItem, Evidence, Modality

_FORM = "image-labels-1"


class ImageLabels:
    """A VectorExtractor: what the pictures of unlabelled items show, by items that are labelled.

    Of a kind that an item's columns state nothing is said. ``kinds`` were learned; a kind whose
    precision on held-out products was never enough is among them, and silent.
    """

    modality: Modality = "image"

    def __init__(self, artifact: LabelArtifact) -> None:
        self.artifact = artifact
        self.name = f"{_FORM}-{artifact.fingerprint[:12]}"
        self.encoder = artifact.encoder
        self.kinds = tuple(probe.kind for probe in artifact.model.probes)

    @classmethod
    def load(cls, path: Path) -> ImageLabels:
        """What ``fit_image_labels`` kept; ArtifactError where it is absent or damaged."""
        return cls(load_labels(path))

    def extract_vectors(
        self, items: Sequence[CatalogItem], vectors: FloatMatrix, present: NDArray[np.bool_], /
    ) -> list[list[Attribute]]:
        """Attributes of each item by kind, then falling confidence.

        DataError where ``vectors`` are not as wide as those learned from.
        """
        found: list[list[Attribute]] = [[] for _ in items]
        for kind, guesses in self.guesses(vectors, present).items():
            for guess in guesses:
                item = items[guess.row]
                if not item.columns.get(kind):
                    evidence = Evidence("image", self.name, field="image")
                    found[guess.row].append(attribute(kind, guess, evidence))
        return found

    def guesses(
        self, vectors: FloatMatrix, present: NDArray[np.bool_], *, forced: bool = False
    ) -> dict[str, list[Guess]]:
        """By kind, guesses over the rows that are ``present``, whatever columns state."""
        rows = np.flatnonzero(present)
        if not self.kinds or not len(rows):
            return {kind: [] for kind in self.kinds}
        own = self.artifact
        check_width(vectors, own.widths, encoder=own.encoder)
        parts = [
            centred(part, mean)
            for part, mean in zip(split_parts(vectors[rows], own.widths), own.means, strict=True)
        ]
        return at_rows(own.model.guesses(parts, forced=forced), rows)


def fit_image_labels(
    items: Sequence[CatalogItem],
    vectors: FloatMatrix,
    present: NDArray[np.bool_],
    *,
    folder: Path,
    encoder: str = "efficientnet-lite0",
    widths: Sequence[int] | None = None,
    kinds: Sequence[str] | None = None,
    precision: float = PRECISION,
    seed: int = 0,
) -> ImageLabels:
    """Learn from the items whose columns state ``kinds`` (None: every kind that can be learned).

    ``vectors`` (n, dim) of ``encoder``, row i of item i where ``present``. ``widths`` cut them
    into parts that are weighed against each other for each kind (those of
    ``kg.encoders.joined.JoinedEncoder``); None: one part. Of what a kind's threshold lets
    through, a share of ``precision`` was right on held-out products. Kept in ``folder`` under
    the fingerprint of all this: the same again learns nothing. A catalogue that states too
    little gives an extractor without kinds. DataError where shapes do not agree.
    """
    own_widths = tuple(widths) if widths is not None else (vectors.shape[1],)
    check_width(vectors, own_widths, encoder=encoder)
    labels = known_labels(items, kinds=kinds, present=present)
    groups = products(items)
    key = labels_fingerprint(labels, vectors, groups, _FORM, encoder, own_widths, precision, seed)
    path = folder / f"{_FORM}-{key[:16]}.npz"
    if not path.is_file():
        own = split_parts(vectors, own_widths)
        means = tuple(mean_of(part[present]) for part in own)
        parts = [centred(part, mean) for part, mean in zip(own, means, strict=True)]
        model = (
            learn_labels(parts, labels, groups, present=present, precision=precision, seed=seed)
            if labels
            else LabelModel((), ())
        )
        none = np.zeros(0, dtype=np.float32)
        save_labels(LabelArtifact(model, encoder, own_widths, means, key, none), path)
    return ImageLabels.load(path)


def attribute(kind: str, guess: Guess, evidence: Evidence) -> Attribute:
    """The statement of a guess, with the names that the lexicon knows."""
    known = canonical(kind, guess.value)
    value = guess.value if known is None else known.value
    names = {} if known is None else dict(known.names)
    return Attribute(kind, value, round(guess.confidence, 4), evidence, names)


def at_rows(guesses: dict[str, list[Guess]], rows: NDArray[np.int64]) -> dict[str, list[Guess]]:
    """Guesses over ``rows`` as guesses over what these are positions in."""
    return {
        kind: [Guess(int(rows[one.row]), one.value, one.confidence) for one in those]
        for kind, those in guesses.items()
    }


def check_width(vectors: FloatMatrix, widths: Sequence[int], *, encoder: str) -> None:
    """DataError where ``vectors`` are not (n, sum of ``widths``)."""
    if vectors.ndim != 2 or vectors.shape[1] != sum(widths):
        raise DataError(
            encoder, column="vectors' shape", value=vectors.shape, expected=f"(n, {sum(widths)})"
        )


def mean_of(vectors: FloatMatrix) -> NDArray[np.float32]:
    """(dim,) mean row; zero where there is none."""
    if not len(vectors):
        return np.zeros(vectors.shape[1], dtype=np.float32)
    return np.asarray(vectors.mean(axis=0, dtype=np.float64), dtype=np.float32)
