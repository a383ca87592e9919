"""Labels that nobody taught: names of values and pictures compared in one space."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kg.encoders.contract import Encoder, FloatMatrix, unit_rows
from kg.errors import DataError
from kg.extraction.calibration import (
    Calibration,
    fit_calibration,
    fit_sharpness,
    softmax,
    threshold_for,
)
from kg.extraction.known_labels import LEAST_LABELLED, entity, products, spellings
from kg.extraction.label_learning import PRECISION
from kg.extraction.lexicon import canonical, load_lexicon
from kg.extraction.zero_shot_prompts import prompts
from kg.items import Attribute, CatalogItem, Evidence, Modality

_FORM = "zero-shot-1"
#: Uncalibrated: the softmax's inverse temperature that CLIP models end up with, and the share
#: that a value must then have to be stated.
CLIP_SHARPNESS, _UNCALIBRATED = 100.0, 0.6


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that a picture may show; ``names`` by language, else the value itself."""

    value: str
    names: Mapping[str, str]

    def name(self, language: str) -> str:
        """As texts in ``language`` call it; English, then the value, where that is not known."""
        return self.names.get(language) or self.names.get("en") or self.value


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """From cosines to confidence; ``calibration`` None: the softmax itself, not calibrated."""

    sharpness: float
    calibration: Calibration | None
    threshold: float | None  # None: the kind is silent


class ZeroShotExtractor:
    """A VectorExtractor: the candidate whose name is nearest to the picture, of each kind.

    ``encoder`` names the picture's vectors in the store and ``texts`` encodes into the same
    space: the halves of one open_clip model, or the two ``AlignedEncoder`` of one alignment.
    A candidate's vector is the mean over the prompts of its kind (Radford et al. 2021), in the
    language of the item. Of a kind that an item's columns state nothing is said.
    """

    modality: Modality = "image"

    def __init__(
        self,
        encoder: str,
        texts: Encoder,
        candidates: Mapping[str, Sequence[Candidate]],
        *,
        sharpness: float = CLIP_SHARPNESS,
        scales: Mapping[str, Scale] | None = None,
    ) -> None:
        """``sharpness``: 1 / temperature, of kinds that ``scales`` (see ``calibrated``) lack.

        DataError where a kind has fewer than two candidates.
        """
        for kind, those in candidates.items():
            if len(those) < 2:
                raise DataError(
                    "zero-shot", column=kind, value=len(those), expected="two candidates or more"
                )
        self.encoder = encoder
        self._texts, self._sharpness = texts, sharpness
        self.candidates = {kind: tuple(candidates[kind]) for kind in sorted(candidates)}
        self.kinds = tuple(self.candidates)
        self.scales = dict(scales or {})
        self._vectors: dict[tuple[str, str], FloatMatrix] = {}
        self.name = f"{_FORM}-{self._fingerprint()[:12]}"

    def calibrated(
        self,
        items: Sequence[CatalogItem],
        vectors: FloatMatrix,
        present: NDArray[np.bool_],
        *,
        precision: float = PRECISION,
    ) -> ZeroShotExtractor:
        """The same, its confidence fitted to the ``items`` whose columns state a kind.

        A kind stated by fewer than LEAST_LABELLED products stays as it is; one that never
        reaches ``precision`` becomes silent.
        """
        groups = products(items)
        scales = dict(self.scales)
        for kind, those in self.candidates.items():
            stated = [
                {entity(kind, value) for value in item.columns.get(kind, ())} for item in items
            ]
            rows = np.flatnonzero(present & np.array([bool(values) for values in stated]))
            if len(np.unique(groups[rows])) < LEAST_LABELLED:
                continue
            names = [entity(kind, one.value) for one in those]
            targets = np.array([[name in stated[row] for name in names] for row in rows])
            scores = self.cosines(kind, [items[row] for row in rows.tolist()], vectors[rows])
            sharpness = fit_sharpness(scores, targets)
            raw = softmax(scores, sharpness=sharpness)
            best = raw.argmax(axis=1)
            at = np.arange(len(rows))
            right = targets[at, best]
            curve = fit_calibration(raw[at, best], right)
            threshold = threshold_for(curve(raw[at, best]), right, precision=precision)
            scales[kind] = Scale(sharpness, curve, threshold)
        return ZeroShotExtractor(
            self.encoder,
            self._texts,
            self.candidates,
            sharpness=self._sharpness,
            scales=scales,
        )

    def extract_vectors(
        self, items: Sequence[CatalogItem], vectors: FloatMatrix, present: NDArray[np.bool_], /
    ) -> list[list[Attribute]]:
        """At most one attribute of a kind and item, by kind."""
        found: list[list[Attribute]] = [[] for _ in items]
        evidence = Evidence("image", self.name, field="image")
        for kind, those in self.candidates.items():
            rows = [
                row for row, item in enumerate(items) if present[row] and not item.columns.get(kind)
            ]
            scale = self._scale(kind)
            if not rows or scale.threshold is None:
                continue
            best, confidence = self.best(kind, [items[row] for row in rows], vectors[rows])
            for row, place, sure in zip(rows, best.tolist(), confidence.tolist(), strict=True):
                if sure >= scale.threshold:
                    one = those[place]
                    found[row].append(
                        Attribute(kind, one.value, round(sure, 4), evidence, dict(one.names))
                    )
        return found

    def best(
        self, kind: str, items: Sequence[CatalogItem], vectors: FloatMatrix
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """((n,) position of the nearest candidate, (n,) confidence), whatever the threshold."""
        scale = self._scale(kind)
        raw = softmax(self.cosines(kind, items, vectors), sharpness=scale.sharpness)
        best = raw.argmax(axis=1)
        own = raw[np.arange(len(raw)), best]
        return best, own if scale.calibration is None else scale.calibration(own)

    def cosines(
        self, kind: str, items: Sequence[CatalogItem], vectors: FloatMatrix
    ) -> NDArray[np.float64]:
        """(n, candidates of ``kind``), names in the language of each item."""
        languages = [item.texts[0].language if item.texts else "en" for item in items]
        scores = np.zeros((len(items), len(self.candidates[kind])))
        for language in sorted(set(languages)):
            names = self._names(kind, language)
            if vectors.shape[1] != names.shape[1]:
                raise DataError(
                    self.encoder,
                    column="vectors' width",
                    value=vectors.shape[1],
                    expected=f"{names.shape[1]}, as {self._texts.name} has",
                )
            rows = np.flatnonzero([own == language for own in languages])
            scores[rows] = unit_rows(vectors[rows]) @ names.T
        return scores

    def _scale(self, kind: str) -> Scale:
        return self.scales.get(kind) or Scale(self._sharpness, None, _UNCALIBRATED)

    def _names(self, kind: str, language: str) -> FloatMatrix:
        key = (kind, language)
        if key not in self._vectors:
            forms = prompts(kind, language)
            names = [one.name(language) for one in self.candidates[kind]]
            texts = [form.format(name) for name in names for form in forms]
            rows = self._texts.encode(texts).reshape(len(names), len(forms), -1)
            self._vectors[key] = unit_rows(rows.mean(axis=1))
        return self._vectors[key]

    def _fingerprint(self) -> str:
        digest = hashlib.sha256(repr((self.encoder, self._texts.name, self._sharpness)).encode())
        for kind, those in self.candidates.items():
            digest.update(
                repr((kind, [(one.value, sorted(one.names.items())) for one in those])).encode()
            )
            if scale := self.scales.get(kind):
                digest.update(repr((scale.sharpness, scale.threshold)).encode())
                if scale.calibration is not None:
                    digest.update(scale.calibration.raw.tobytes())
                    digest.update(scale.calibration.calibrated.tobytes())
        return digest.hexdigest()


def column_candidates(
    items: Sequence[CatalogItem], *, kinds: Sequence[str] | None = None
) -> dict[str, tuple[Candidate, ...]]:
    """Every value that columns state, of kinds with two or more; names as the lexicon has them."""
    wanted = (
        kinds if kinds is not None else sorted({kind for item in items for kind in item.columns})
    )
    found = {}
    for kind in sorted(set(wanted)):
        values = sorted(spellings(kind, items).values())
        if len(values) > 1:
            found[kind] = tuple(_candidate(kind, value) for value in values)
    return found


def lexicon_candidates(kinds: Sequence[str]) -> dict[str, tuple[Candidate, ...]]:
    """The lexicon's values of ``kinds`` that have two or more: for shops without columns."""
    entities = load_lexicon().entities
    found = {}
    for kind in sorted(set(kinds)):
        values = sorted(value for own, value in entities if own == kind)
        if len(values) > 1:
            found[kind] = tuple(_candidate(kind, value) for value in values)
    return found


def _candidate(kind: str, value: str) -> Candidate:
    known = canonical(kind, value)
    return Candidate(value, {} if known is None else dict(known.names))
