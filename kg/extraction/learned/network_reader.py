"""Run a trained token network over texts; the runtime is onnxruntime, or torch while learning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from tokenizers import Tokenizer

from kg.extraction.learned.examples import AttributeSpace, Example
from kg.extraction.learned.pieces import Batch, to_batch, to_pieces
from kg.extraction.learned.readouts import (
    FloatArray,
    SpanReadout,
    TagReadout,
    span_readout,
    tag_readout,
)
from kg.extraction.learned.token_features import TokenEvidence

#: Outputs of the network, in its order.
OUTPUTS = ("tag", "start", "end", "left", "right", "unsaid")
Run: TypeAlias = Callable[[Batch], Sequence[FloatArray]]
_BATCH = 16


class NetworkReader:
    """``pair`` (A, R) and ``length`` (A, longest) are the network's span parameters."""

    def __init__(
        self,
        run: Run,
        tokenizer: Tokenizer,
        space: AttributeSpace,
        *,
        pair: FloatArray,
        length: FloatArray,
    ) -> None:
        self._run, self._tokenizer, self._space = run, tokenizer, space
        self.pair, self.length = pair, length

    def read(
        self, examples: Sequence[Example], evidence: Sequence[TokenEvidence]
    ) -> list[tuple[TagReadout, SpanReadout]]:
        """Read-outs in the order given; texts of like length go through together."""
        found: dict[int, tuple[TagReadout, SpanReadout]] = {}
        order = sorted(range(len(examples)), key=lambda row: len(examples[row].tokens))
        for at in range(0, len(order), _BATCH):
            rows = order[at : at + _BATCH]
            chosen = [examples[row] for row in rows]
            pieces = [to_pieces(self._tokenizer, one.tokens.words) for one in chosen]
            outputs = self._run(to_batch(pieces, [evidence[row] for row in rows], chosen))
            for place, row in enumerate(rows):
                found[row] = self._one(examples[row], [each[place] for each in outputs])
        return [found[row] for row in range(len(examples))]

    def _one(self, example: Example, outputs: list[FloatArray]) -> tuple[TagReadout, SpanReadout]:
        attributes = self._space.of_category[example.category]
        size = len(example.tokens)
        tag, start, end, left, right, unsaid = outputs
        spans = span_readout(
            start, end, left, right, unsaid,
            pair=self.pair, length=self.length, attributes=attributes, size=size,
        )  # fmt: skip
        return tag_readout(tag, attributes, size), spans


def onnx_run(path: Path, *, threads: int = 1) -> Run:
    """The network in an ONNX file."""
    import onnxruntime  # type: ignore[import-untyped]

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def run(batch: Batch) -> list[FloatArray]:
        outputs: list[Any] = session.run(list(OUTPUTS), batch.named())
        return [np.asarray(one, np.float32) for one in outputs]

    return run
