"""A trained network as files: ONNX for the runtime, and torch as it stands for the folds."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from kg.extraction.learned.examples import AttributeSpace
from kg.extraction.learned.network import TokenNetwork
from kg.extraction.learned.network_reader import OUTPUTS, NetworkReader
from kg.extraction.learned.pieces import Batch
from kg.extraction.learned.readouts import FloatArray
from kg.extraction.learned.token_features import width

_PIECES = {0: "texts", 1: "pieces"}
_WORDS = {0: "texts", 1: "words"}
_INPUTS = {
    "pieces": _PIECES,
    "mask": _PIECES,
    "first": _WORDS,
    "last": _WORDS,
    "word": _PIECES,
    "features": _WORDS,
    "category": {0: "texts"},
}


def torch_reader(
    network: TokenNetwork, tokenizer: Tokenizer, space: AttributeSpace
) -> NetworkReader:
    """Reads with the network in memory."""

    def run(batch: Batch) -> list[FloatArray]:
        with torch.no_grad():
            outputs = network(*(torch.from_numpy(one) for one in batch.named().values()))
        return [one.numpy() for one in outputs]

    pair, length = span_parameters(network)
    return NetworkReader(run, tokenizer, space, pair=pair, length=length)


def span_parameters(network: TokenNetwork) -> tuple[FloatArray, FloatArray]:
    """``pair`` (A, R) and ``length`` (A, longest)."""
    return network.pair.detach().numpy().copy(), network.length.detach().numpy().copy()


def network_arrays(network: TokenNetwork) -> dict[str, NDArray[Any]]:
    """Every parameter by its name."""
    return {name: one.detach().numpy() for name, one in network.state_dict().items()}


def restored_network(
    arrays: Mapping[str, NDArray[Any]], space: AttributeSpace, encoder: Path
) -> TokenNetwork:
    """The inverse of ``network_arrays``, in evaluation mode."""
    from kg.extraction.learned.network_training import make_network

    network = make_network(space, encoder)
    network.load_state_dict({name: torch.from_numpy(one) for name, one in arrays.items()})
    return network.eval()


def export_onnx(network: TokenNetwork, path: Path, *, space: AttributeSpace) -> None:
    """Write the network in evaluation mode; any number of texts, pieces and words."""
    ones = torch.ones(2, 3, dtype=torch.int64)
    example = Batch(
        pieces=np.ones((2, 4), np.int64),
        mask=np.ones((2, 4), np.int64),
        first=ones.numpy(),
        last=ones.numpy(),
        word=np.zeros((2, 4), np.int64),
        features=np.zeros((2, 3, width(space)), np.float32),
        category=np.zeros(2, np.int64),
    )
    axes = _INPUTS | dict.fromkeys(OUTPUTS[:-1], _WORDS) | {OUTPUTS[-1]: {0: "texts"}}
    with warnings.catch_warnings():
        # The newer exporter asks for a package of its own; this one is only said to be old.
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            network.eval(),
            tuple(torch.from_numpy(one) for one in example.named().values()),
            str(path),
            input_names=list(_INPUTS),
            output_names=list(OUTPUTS),
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
