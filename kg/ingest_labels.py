"""Labels learned at ingestion from the items whose columns state them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kg.extraction.contract import VectorExtractor
from kg.ingest_content import Encoded
from kg.ingest_extract import Fit
from kg.items import CatalogItem
from kg.vectors import VectorStore


def fit_labels(
    folder: Path, *, image_encoder: str | None = None, text_encoder: str | None = None
) -> Fit:
    """What learns labels of pictures and of texts from the vectors of these encoders, by name.

    None: not of these. Models are kept in ``folder``; the same catalogue again learns nothing.
    An encoder of which the store has nothing teaches nothing.
    """

    def fit(
        items: Sequence[CatalogItem], encoded: Encoded, vectors: VectorStore
    ) -> list[VectorExtractor]:
        # Here, so that an ingest that learns no labels does not pay for it.
        from kg.extraction.image_labels import fit_image_labels
        from kg.extraction.text_labels import fit_text_labels

        learned: list[VectorExtractor] = []
        if image_encoder is not None:
            matrix, present = vectors.get(image_encoder, encoded.image_hashes)
            if present.any():
                learned.append(
                    fit_image_labels(items, matrix, present, folder=folder, encoder=image_encoder)
                )
        if text_encoder is not None:
            matrix, present = vectors.get(text_encoder, encoded.text_hashes)
            if present.any():
                learned.append(
                    fit_text_labels(items, matrix, present, folder=folder, encoder=text_encoder)
                )
        return learned

    return fit
