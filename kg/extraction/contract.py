"""What every extractor owes: attributes with evidence, never an invented one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kg.encoders.contract import FloatMatrix
from kg.items import Attribute, CatalogItem, Modality


class Extractor(Protocol):
    """Reads one item: its texts, its columns and its main picture ``images[0]``, nothing else.

    ``name`` carries a version and appears in every evidence. What it finds is kept by content,
    and is not extracted again while item, name and code stay. One that pickles to little runs in
    several processes. ``extract_many(items)``, where there is one, is called instead, with many
    items at once.
    """

    name: str

    def extract(self, item: CatalogItem, /) -> list[Attribute]:
        """Attributes in a stable order. DataError names a picture that cannot be read."""
        ...


class VectorExtractor(Protocol):
    """Reads what an encoder has made of the items, so that content is encoded once.

    ``encoder`` is the name in the vector store; ``modality`` (text or image) says of which
    content: the item's text or its main picture.
    """

    name: str
    encoder: str
    modality: Modality

    def extract_vectors(
        self, items: Sequence[CatalogItem], vectors: FloatMatrix, present: NDArray[np.bool_], /
    ) -> list[list[Attribute]]:
        """Attributes of each item, in order.

        ``vectors`` (n, dim) float32, row i of item i; ``present`` (n,) is False where the item
        has none, and its row is zero.
        """
        ...
