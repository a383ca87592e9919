"""The token network: its encoder against the published weights, its files against itself."""

from __future__ import annotations

from pathlib import Path

import learned_fixtures as fixtures
import numpy as np
import pytest
import torch

from kg.errors import ArtifactError, ConfigError
from kg.extraction.learned.bert import load_bert
from kg.extraction.learned.encoder import PACKAGE, find_encoder
from kg.extraction.learned.examples import build_space, to_examples
from kg.extraction.learned.network import TokenNetwork
from kg.extraction.learned.network_config import NetworkConfig
from kg.extraction.learned.network_export import export_onnx, span_parameters, torch_reader
from kg.extraction.learned.network_reader import NetworkReader, onnx_run
from kg.extraction.learned.network_training import train_network
from kg.extraction.learned.pieces import load_tokenizer, to_pieces
from kg.extraction.learned.token_features import Memory, width

torch.set_num_threads(1)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fixtures.tiny_encoder(tmp_path_factory.mktemp("bert") / "tiny")


def test_pieces_of_words(encoder: Path) -> None:
    """``mug`` is m ##u ##g, then ``保``; a zero-width word shares the piece before it."""
    pieces = to_pieces(load_tokenizer(encoder / "tokenizer.json"), ["mug", "\u200b", "保"])
    assert pieces.word.tolist() == [-1, 0, 0, 0, 2, -1]
    assert pieces.first.tolist() == [1, 3, 4]
    assert pieces.last.tolist() == [3, 3, 4]


def test_onnx_says_what_torch_says(encoder: Path, tmp_path: Path) -> None:
    """Read-outs agree to 1e-4, for texts of other lengths than those of the export."""
    labelled = fixtures.world(4)
    space = build_space(labelled)
    examples = to_examples(labelled, space)
    evidence = Memory(examples, space).evidence(examples, own=True)
    torch.manual_seed(0)
    network = TokenNetwork(
        load_bert(encoder),
        features=width(space),
        attributes=len(space.attributes),
        categories=len(space.categories),
        longest=space.longest,
    ).eval()
    torch.nn.init.normal_(network.lift.weight)
    torch.nn.init.normal_(network.length)
    tokenizer = load_tokenizer(encoder / "tokenizer.json")
    expected = torch_reader(network, tokenizer, space).read(examples, evidence)
    export_onnx(network, tmp_path / "n.onnx", space=space)
    pair, length = span_parameters(network)
    reader = NetworkReader(
        onnx_run(tmp_path / "n.onnx"), tokenizer, space, pair=pair, length=length
    )
    for (tags, spans), (tags_, spans_) in zip(
        expected, reader.read(examples, evidence), strict=True
    ):
        assert np.allclose(tags.logp, tags_.logp, atol=1e-4)
        assert np.allclose(spans.logp, spans_.logp, atol=1e-3)
        assert np.allclose(np.exp(spans.logp).sum(axis=(1, 2)) + np.exp(spans.unsaid), 1, atol=1e-4)


def test_numpy_spans_are_the_network_s(encoder: Path) -> None:
    """``readouts.span_readout`` has the loss's own numbers, up to the normalisation."""
    labelled = fixtures.world(2)
    space = build_space(labelled)
    network = TokenNetwork(load_bert(encoder), features=width(space),
                           attributes=len(space.attributes), categories=3,
                           longest=space.longest).eval()  # fmt: skip
    torch.nn.init.normal_(network.length)
    generator = torch.Generator().manual_seed(0)
    count = len(space.attributes)
    outputs = tuple(
        torch.randn(1, *shape, generator=generator)
        for shape in ((5, 1), (5, count), (5, count), (5, 48), (5, 48), (count,))
    )
    from kg.extraction.learned.readouts import span_readout

    logits = network.span_logits(outputs)[0].detach().numpy()
    pair, length = span_parameters(network)
    readout = span_readout(
        *(one[0].numpy() for one in outputs[1:]),
        pair=pair, length=length, attributes=tuple(range(count)), size=5,
    )  # fmt: skip
    shift = readout.logp[0, 0, 0] - logits[0, 0, 0]
    for first in range(5):
        for more in range(min(space.longest, 5 - first)):
            assert readout.logp[0, first, more] == pytest.approx(
                logits[first, more, 0] + shift, abs=1e-4
            )


def test_learns_from_context_and_the_same_for_the_same_seed(encoder: Path) -> None:
    """A random encoder of one layer finds the brand, first of every text, after six rounds."""
    labelled = [fixtures.mug(row) for row in range(32)]
    space = build_space(labelled)
    examples = to_examples(labelled, space)
    evidence = Memory(examples, space).evidence(examples, own=True)
    tokenizer = load_tokenizer(encoder / "tokenizer.json")
    pieces = [to_pieces(tokenizer, one.tokens.words) for one in examples]
    losses: list[list[float]] = [[], []]
    readers = []
    for each in losses:
        network = train_network(
            examples, evidence, pieces, space=space, encoder=encoder,
            config=NetworkConfig(epochs=6, encoder_rate=2e-3, rate=6e-3), seed=3,
            on_epoch=lambda done, total, loss, each=each: each.append(loss),
        )  # fmt: skip
        readers.append(torch_reader(network, tokenizer, space))
    assert losses[0] == losses[1]
    read = readers[0].read(examples, evidence)
    slot = space.attributes.index("Brand")
    right = [
        spans.best(slot, 1)[0][0] == example.spans[slot][0]
        for example, (_, spans) in zip(examples, read, strict=True)
    ]
    assert np.mean(right) > 0.9


def test_encoder_is_minilm_as_published() -> None:
    """Mean vectors of ``all-MiniLM-L6-v2``: the model card's own pair is nearer than a stranger.

    Were a layer misread, the cosines of unrelated texts would be high or equal.
    """
    choice = find_encoder("auto")
    if choice.folder is None:
        pytest.skip(choice.name)
    encoder = load_bert(choice.folder).eval()
    tokenizer = load_tokenizer(choice.folder / "tokenizer.json")

    def vector(text: str) -> torch.Tensor:
        ids = torch.tensor([tokenizer.encode(text).ids])
        with torch.no_grad():
            out = encoder(encoder.words(ids), torch.ones_like(ids))
        return torch.nn.functional.normalize(out.mean(dim=1), dim=-1)[0]

    cosine = float(vector("A man is eating food.") @ vector("A man is eating a piece of bread."))
    far = float(vector("A man is eating food.") @ vector("Two men pushed carts through the woods."))
    # 0.7553 and below 0.1 in the documentation of sentence-transformers (semantic search).
    assert cosine == pytest.approx(0.7553, abs=2e-3)
    assert far < 0.15


def test_encoders_by_name(encoder: Path, tmp_path: Path) -> None:
    assert find_encoder("none").folder is None
    assert find_encoder(str(encoder)).name == "tiny"
    with pytest.raises(ConfigError, match=f"neither auto, none, {PACKAGE} nor a folder"):
        find_encoder(str(tmp_path))
    (tmp_path / "config.json").write_text('{"model_type": "t5"}')
    with pytest.raises(ArtifactError, match="no encoder here"):
        load_bert(tmp_path)
