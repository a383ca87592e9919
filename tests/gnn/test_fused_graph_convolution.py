"""Fused graph convolution where the right answer is provable."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
import torch

from gnn.baselines.pure_svd import PureSVD
from gnn.dataset import Dataset, Feature
from gnn.evaluation import evaluate
from gnn.fusion import FUSIONS, make_fusion
from gnn.models.contract import Epoch
from gnn.models.fused_graph_convolution import FusedGraphConvolution, _softmax_over, _svd_start
from gnn.models.fused_graph_convolution_network import Network
from kg.errors import ConfigError

N_USERS, N_ITEMS, COLD = 40, 24, 23


def checkerboard(*, cold: bool = False) -> Dataset:
    """Even users take even items, odd users odd ones; entity 0 and text say even.

    Each user misses two items of their own colour: one is valid, one is test. With ``cold``
    nobody has item 23 (odd by its entity and its text).
    """
    owned = np.add.outer(np.arange(N_USERS), np.arange(N_ITEMS)) % 2 == 0
    train, valid, test = owned.copy(), np.zeros_like(owned), np.zeros_like(owned)
    for user in range(N_USERS):
        own = np.flatnonzero(owned[user])
        first, second = own[user // 2 % len(own)], own[(user // 2 + 5) % len(own)]
        train[user, [first, second]] = False
        valid[user, first] = test[user, second] = True
    if cold:
        for part in (train, valid, test):
            part[:, COLD] = False
    parity = np.arange(N_ITEMS) % 2
    text = np.zeros((N_ITEMS, 4), dtype=np.float32)
    text[np.arange(N_ITEMS), parity] = 1
    image = Feature(text[:, ::-1].copy(), np.arange(N_ITEMS) % 3 > 0)
    image.matrix[~image.present] = 0
    return Dataset(
        train=sp.csr_matrix(train.astype(np.float32)),
        valid=sp.csr_matrix(valid.astype(np.float32)),
        test=sp.csr_matrix(test.astype(np.float32)),
        attributes=sp.csr_matrix(np.eye(2, dtype=np.float32)[parity]),
        relation=np.array([0, 0], dtype=np.int32),
        relations=("colour",),
        features={"text": Feature(text, np.ones(N_ITEMS, dtype=bool)), "image": image},
        price=np.full(N_ITEMS, np.nan, dtype=np.float32),
        groups=np.full(N_ITEMS, -1, dtype=np.int32),
        fingerprint="",
    )


MODEL = FusedGraphConvolution(dim=8, max_epochs=8, learning_rate=0.02)


@pytest.mark.parametrize("fusion", FUSIONS)
def test_the_withheld_item_of_the_users_own_colour_ranks_first(fusion: str) -> None:
    data = checkerboard()
    fit = replace(MODEL, fusion=fusion).fit(data)
    # Two unseen items of their colour, valid's is masked: test's stands first.
    assert evaluate(fit.scorer, data, k=(1,)).mean("recall@1") == 1
    assert evaluate(fit.scorer, data, k=(1,), known_users=False).mean("recall@1") == 1


def test_training_finds_tastes_that_the_start_has_no_room_for() -> None:
    """Four tastes in two dimensions: the SVD holds the two of most users, a plane all four."""
    taste = np.repeat([0, 1, 2, 3], [14, 11, 8, 7])
    owned = taste[:, None] == np.arange(N_ITEMS) % 4
    train, test = owned.copy(), np.zeros_like(owned)
    for user in range(N_USERS):
        withheld = np.flatnonzero(owned[user])[user % 6]
        train[user, withheld], test[user, withheld] = False, True
    data = replace(
        checkerboard(),
        train=sp.csr_matrix(train.astype(np.float32)),
        valid=sp.csr_matrix(train.shape, dtype=np.float32),
        test=sp.csr_matrix(test.astype(np.float32)),
    )
    model = replace(MODEL, dim=2, features=False, entities=False, batch_users=8)
    started = evaluate(model.fit(data, epochs=0).scorer, data, k=(1,)).mean("recall@1")
    trained = evaluate(model.fit(data, epochs=40).scorer, data, k=(1,)).mean("recall@1")
    assert started < 0.8
    assert trained == 1


def test_a_cold_item_goes_to_those_whose_taste_its_content_shows() -> None:
    data = checkerboard(cold=True)
    scores = MODEL.fit(data).scorer.score(data.train, users=np.arange(N_USERS, dtype=np.int32))
    assert scores[1::2, COLD].min() > scores[::2, COLD].max()
    # Without content nobody can know.
    blind = replace(MODEL, features=False, entities=False).fit(data)
    scores = blind.scorer.score(data.train, users=np.arange(N_USERS, dtype=np.int32))
    assert np.ptp(scores[:, COLD]) == pytest.approx(0, abs=1e-4)


def test_the_exported_scorer_is_the_network() -> None:
    data = checkerboard()
    network = Network(data, dim=6, n_layers=3, fusion="gated", scale=4.0)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.3)
        users, items, bias = network()
        expected = network.log_scale.exp() * users @ items.T + bias
    told = data.train
    found = network.export(data).score(told, users=np.arange(N_USERS, dtype=np.int32))
    assert found == pytest.approx(expected.numpy(), abs=1e-4)


def test_pieces_of_the_export_add_up_to_the_items_own_vectors() -> None:
    data = checkerboard()
    network = Network(data, dim=6, n_layers=2, fusion="attention", scale=4.0)
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
        expected = network.items * network.warm[:, None] + network.content()
    pieces = network.export(data).messages
    whole = sum(pieces.parts.values()) + pieces.shares @ pieces.entities
    assert whole == pytest.approx(expected.numpy(), abs=1e-4)
    assert np.asarray(pieces.shares.sum(axis=1)).ravel() == pytest.approx(np.ones(N_ITEMS))


@pytest.mark.parametrize("n_layers", [1, 2, 3])
def test_a_piece_taken_away_is_that_piece_propagated(n_layers: int) -> None:
    """``in_memory`` and ``in_target`` against re-propagating without the item's message."""
    data = checkerboard()
    network = Network(data, dim=5, n_layers=n_layers, fusion="concat", scale=4.0)
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
        whole = network.export(data)
        item, piece = 7, network.items[7].clone()
        network.items[7] = 0
        without = network.export(data)
    lost = whole.memory[item] - without.memory[item]
    assert lost == pytest.approx(whole.messages.in_memory[item] * piece.numpy(), abs=1e-5)
    # The target's length is held, so compare before it is divided out.
    direction = whole.target[item] - whole.messages.in_target[item] * piece.numpy()
    cosine = direction @ without.target[item] / np.linalg.norm(direction)
    assert cosine == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("content", ["features", "entities"])
def test_the_start_gives_the_vectors_it_was_asked_for(content: str) -> None:
    data = checkerboard(cold=True)
    if content == "features":
        data = replace(data, attributes=sp.csr_matrix((N_ITEMS, 2), dtype=np.float32))
    else:
        data = replace(data, features={})
    network = Network(data, dim=6, n_layers=2, fusion="gated", scale=4.0)
    generator = torch.Generator().manual_seed(4)
    users = torch.randn(N_USERS, 6, generator=generator)
    items = torch.randn(N_ITEMS, 6, generator=generator)
    items[::2] += 3  # something for content to explain
    bias = torch.randn(N_ITEMS, generator=generator)
    network.start(data, (users, items), bias)
    with torch.no_grad():
        known = network.content()
        own = network.items * network.warm[:, None] + known
        assert own[:COLD].numpy() == pytest.approx(items[:COLD].numpy(), abs=1e-5)
        assert network()[2][:COLD].numpy() == pytest.approx(bias[:COLD].numpy(), abs=1e-5)
        # The cold item, odd by its content, stands where odd items do and even ones do not.
        assert known[0].mean() > known[COLD].mean() + 1


def noise() -> Dataset:
    """Nothing to learn but popularity: validation goes up and down from epoch to epoch."""
    rng = np.random.default_rng(8)
    cells = rng.integers(0, 8, size=(N_USERS, N_ITEMS))
    parts = {"train": cells < 3, "valid": cells == 3, "test": cells == 4}
    return replace(
        checkerboard(),
        **{name: sp.csr_matrix(part.astype(np.float32)) for name, part in parts.items()},
    )


def test_entities_in_the_start_bring_items_together_that_nobody_has_both_of() -> None:
    train = np.eye(N_USERS, N_ITEMS, dtype=np.float32)  # one thing each
    data = replace(checkerboard(), train=sp.csr_matrix(train))
    found = {}
    for content in (0.0, 3.0):
        _, items = _svd_start(data, 2, smoothing=0.25, content=content, seed=1)
        unit = torch.nn.functional.normalize(items)
        alike = (unit @ unit.T).abs()
        found[content] = (float(alike[::2, ::2].mean()), float(alike[::2, 1::2].mean()))
    assert found[3.0][0] > 0.99  # items of one entity point one way
    assert found[3.0][1] < 0.1
    assert found[0.0][0] < 0.9  # nothing joins them: any two directions


def test_early_stop_keeps_the_best_epoch_and_reports_each() -> None:
    data = noise()
    seen: list[Epoch] = []
    model = replace(MODEL, patience=3, max_epochs=30, learning_rate=0.1)
    fit = model.fit(data, on_epoch=seen.append)
    assert fit.history == tuple(seen)
    values = [epoch.valid for epoch in seen]
    assert len(set(values)) > 2
    kept = evaluate(fit.scorer, data, against="valid", k=(10,)).mean("ndcg@10")
    assert kept >= max(value for value in values if value is not None)
    assert fit.best_epoch == 0 or values[fit.best_epoch - 1] == kept
    assert len(seen) == fit.best_epoch + 3


def test_a_refit_runs_the_epochs_it_is_told_and_no_validation() -> None:
    fit = MODEL.fit(checkerboard().refit(), epochs=3)
    assert fit.best_epoch == 3
    assert [epoch.valid for epoch in fit.history] == [None] * 3


def test_a_sampled_softmax_keeps_owned_items_and_is_right_on_average() -> None:
    owned = sp.csr_matrix(np.eye(3, 400, dtype=np.float32))
    generator = torch.Generator().manual_seed(5)
    logits = torch.randn(400, generator=torch.Generator().manual_seed(6))
    whole = float(logits.exp().sum())
    sums = []
    for _ in range(300):
        columns, offset = _softmax_over(owned, 50, generator)
        assert set(columns[:3].tolist()) == {0, 1, 2}
        assert len(columns) == len(set(columns.tolist())) == 50
        sums.append(float((logits[torch.from_numpy(columns)] + offset).exp().sum()))
    assert np.mean(sums) == pytest.approx(whole, rel=0.05)
    columns, offset = _softmax_over(owned, 400, generator)
    assert columns.tolist() == list(range(400))
    assert not offset.any()


def test_a_sampled_softmax_still_learns() -> None:
    data = checkerboard()
    fit = replace(MODEL, softmax_items=12, batch_users=3).fit(data)
    assert evaluate(fit.scorer, data, k=(1,)).mean("recall@1") == 1


def test_a_missing_modality_sends_no_message_and_takes_no_attention() -> None:
    features = dict(checkerboard().features)
    # What stands in a missing row must not matter.
    litter = features["image"].matrix + 5 * ~features["image"].present[:, None]
    features["image"] = Feature(litter.astype(np.float32), features["image"].present)
    for kind in FUSIONS:
        fusion = make_fusion(kind, features, 3)
        with torch.no_grad():
            for parameter in fusion.parameters():
                parameter.fill_(0.7)
            messages = fusion()
            weights = fusion.weights()
        absent = ~features["image"].present
        assert not messages["image"][torch.from_numpy(absent)].any()
        if kind == "attention":  # text alone gets all of it
            assert weights[torch.from_numpy(absent), 1].numpy() == pytest.approx(1)
            assert weights[torch.from_numpy(~absent)].sum(dim=1).numpy() == pytest.approx(2)


def test_an_item_without_any_modality_does_not_poison_the_others() -> None:
    nothing = {
        name: Feature(feature.matrix * 0, feature.present & False)
        for name, feature in checkerboard().features.items()
    }
    fusion = make_fusion("attention", nothing, 3)
    sum(message.sum() for message in fusion().values()).backward()
    for parameter in fusion.parameters():
        assert parameter.grad is not None
        assert torch.isfinite(parameter.grad).all()


def test_the_smallest_shops_do_not_break_it() -> None:
    for n_users, n_items in ((1, 3), (3, 1), (1, 1)):
        data = replace(
            checkerboard(),
            train=sp.csr_matrix(np.ones((n_users, n_items), dtype=np.float32)),
            valid=sp.csr_matrix((n_users, n_items), dtype=np.float32),
            test=sp.csr_matrix((n_users, n_items), dtype=np.float32),
            attributes=sp.csr_matrix((n_items, 0), dtype=np.float32),
            relation=np.zeros(0, dtype=np.int32),
            relations=(),
            features={},
            price=np.full(n_items, np.nan, dtype=np.float32),
            groups=np.full(n_items, -1, dtype=np.int32),
        )
        scorer = MODEL.fit(data, epochs=2).scorer
        assert np.isfinite(scorer.score(data.train)).all()
        assert np.isfinite(PureSVD().fit(data).scorer.score(data.train)).all()


def test_unknown_fusions_and_depths_are_errors_that_list_the_known() -> None:
    with pytest.raises(ConfigError, match=r"'rnn'.*concat, gated, attention"):
        FusedGraphConvolution(fusion="rnn")
    with pytest.raises(ConfigError, match="n_layers 4"):
        FusedGraphConvolution(n_layers=4)
