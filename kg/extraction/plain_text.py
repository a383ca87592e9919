"""The text that extractors read and that their evidence's spans refer to."""

from __future__ import annotations

import unicodedata

from kg.readers.markup import plain_text


def readable(text: str) -> str:
    """``text`` without HTML, in Unicode form NFKC (full-width letters become ordinary ones).

    Spans of text evidence are positions in ``readable(text)`` of the field they name.
    """
    return unicodedata.normalize("NFKC", plain_text(text))
