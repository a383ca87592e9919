"""Topics: planted ones are found again, coherence worked out by hand, ids through refits."""

from __future__ import annotations

import json
from math import log
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from api.cli import main
from kg.errors import ArtifactError, DataError
from kg.items import CatalogItem, LocalText
from kg.topic_coherence import npmi_coherence
from kg.topic_extractor import TopicExtractor, load_topics, save_topics, topics_of
from kg.topic_words import words
from kg.topics import TopicModel, fit_topics, overlap

ENGLISH = [
    ["tent", "camping", "trail", "hiking", "outdoor", "backpack"],
    ["cotton", "dress", "summer", "floral", "hem", "sleeve"],
    ["espresso", "kettle", "brewing", "grinder", "roast", "barista"],
]
CHINESE = [
    ["帐篷", "露营", "徒步", "户外", "背包", "登山"],
    ["纯棉", "裙子", "夏季", "印花", "袖子", "裙摆"],
    ["咖啡", "水壶", "烘焙", "研磨", "热水", "咖啡机"],
]


def planted(seed: int = 3, items: int = 90) -> dict[str, list[str | None]]:
    """Item i speaks only of topic i % 3: four of its six words, in both languages.

    Every fifth has no Chinese text.
    """
    random = np.random.default_rng(seed)
    rows: dict[str, list[str | None]] = {"en": [], "zh": []}
    for item in range(items):
        chosen = random.permutation(6)[:4]
        rows["en"].append("The " + " and the ".join(ENGLISH[item % 3][at] for at in chosen))
        chinese = "，".join(CHINESE[item % 3][at] for at in chosen)
        rows["zh"].append(chinese if item % 5 else None)
    return rows


@pytest.fixture(scope="module")
def model() -> TopicModel:
    return fit_topics(planted(), candidates=(2, 3, 4, 6))


def test_planted_topics_in_both_languages_and_their_number(model: TopicModel) -> None:
    assert len(model.topics) == 3
    # Two of the three are as coherent as all, so the mean alone would not see the third.
    assert model.tried[2] == pytest.approx(model.tried[3], abs=0.001)
    assert model.tried[4] < model.tried[3] - 0.1
    assert model.coherence == model.tried[3]
    assert model.converged
    found = {
        (frozenset(one.words["en"][:6]), frozenset(one.words["zh"][:5])) for one in model.topics
    }
    for english, chinese in zip(ENGLISH, CHINESE, strict=True):
        (own,) = [of_zh for of_en, of_zh in found if of_en == set(english)]
        assert own <= set(chinese)  # the same topic in Chinese


def test_the_same_input_gives_the_same_model(model: TopicModel) -> None:
    assert fit_topics(planted(), candidates=(2, 3, 4, 6)).fingerprint == model.fingerprint


def test_coherence_by_hand() -> None:
    """Four texts: a in 0 1, b in 0 1, c in 1 2, d in all, e in 3."""
    presence = sparse.csc_matrix(
        [[5, 1, 0, 1, 0], [1, 1, 2, 1, 0], [0, 0, 1, 1, 0], [0, 0, 0, 1, 1]]
    )
    a, b, c, d, e = range(5)
    assert npmi_coherence([a, b], presence) == pytest.approx(1.0)  # always together: ln 2 / ln 2
    # P(a) = P(c) = 1/2, P(ac) = 1/4: independent.
    assert npmi_coherence([a, c], presence) == pytest.approx(0.0)
    assert npmi_coherence([a, e], presence) == -1.0  # never together
    assert npmi_coherence([a, d], presence) == pytest.approx(0.0)
    assert npmi_coherence([a, b, e], presence) == pytest.approx((1 - 1 - 1) / 3)
    assert npmi_coherence([a], presence) == 0.0
    # Three of four texts have each, two both: ln((2/4) / (9/16)) / -ln(2/4).
    third = sparse.csc_matrix([[1, 1], [1, 1], [1, 0], [0, 1]])
    assert npmi_coherence([0, 1], third) == pytest.approx(log(0.5 / (9 / 16)) / -log(0.5))


def test_shares_of_a_text_by_hand(model: TopicModel) -> None:
    """A text along one topic is explained by it alone; shares never exceed 1 together."""
    for at in range(3):
        shares = model.shares(3 * model.components[at])  # length does not matter
        assert shares[at] == pytest.approx(1.0, abs=1e-6)
        assert np.delete(shares, at) == pytest.approx(0.0, abs=1e-6)
    mixed = model.shares(model.weigh({"en": "tent, trail, hiking, espresso"}))
    assert 0 < mixed.sum() <= 1
    assert model.shares(model.weigh({"en": "nothing known", "de": "tent"})).tolist() == [0, 0, 0]


def test_ids_stay_when_the_catalogue_grows_and_new_topics_get_new_ones(model: TopicModel) -> None:
    more = planted(seed=4, items=120)
    garden = ["garden", "shovel", "seeds", "soil", "flowerpot"]
    random = np.random.default_rng(0)
    for _ in range(40):
        more["en"].append(" ".join(garden[at] for at in random.permutation(5)[:4]))
        more["zh"].append(None)
    again = fit_topics(more, candidates=(4,), former=model)
    before = {one.value for one in model.topics}
    assert before < {one.value for one in again.topics}
    for topic in model.topics:
        (same,) = [one for one in again.topics if one.value == topic.value]
        assert overlap(same, topic) > 0.25
    (new,) = [one for one in again.topics if one.value not in before]
    assert set(new.words["en"][:5]) == set(garden)
    # Without the former model a topic's value is that of its strongest words now.
    assert len({one.value for one in fit_topics(more, candidates=(4,)).topics}) == 4


def test_too_little_is_said() -> None:
    with pytest.raises(DataError, match="enough for 5 topics"):
        fit_topics({"en": ["one tent", "one tent"]}, candidates=(5,))
    with pytest.raises(DataError, match="enough for 5 topics"):
        fit_topics({"en": [None, None]}, candidates=(5,))
    with pytest.raises(DataError, match="one text an item"):
        fit_topics({"en": ["a"], "zh": []})


def test_words_and_their_places() -> None:
    text = "The İ TENT isn't 5 kg, 防水帳篷的"
    found = list(words(text, "en"))
    assert [text[one.start : one.end] for one in found] == ["TENT", "isn't"]
    assert found[0].text == "tent"
    chinese = list(words(text, "zh"))
    assert [(one.text, text[one.start : one.end]) for one in chinese] == [
        ("防水", "防水"), ("帐篷", "帳篷"),
    ]  # fmt: skip


def _items() -> list[CatalogItem]:
    rows = planted()
    return [
        CatalogItem(f"i{at}", (LocalText("en", "x", en or ""), LocalText("zh", "x", zh or "")))
        for at, (en, zh) in enumerate(zip(rows["en"], rows["zh"], strict=True))
    ]


def test_items_are_about_their_topic_with_a_word_as_evidence(tmp_path: Path) -> None:
    items = _items()
    extractor = TopicExtractor(topics_of(items, tmp_path / "t.npz", candidates=(3,)))
    of_topic: dict[int, set[str]] = {}
    for at, (item, found) in enumerate(zip(items, extractor.extract_many(items), strict=True)):
        (only,) = found
        of_topic.setdefault(at % 3, set()).add(only.value)
        assert only.name == "topic"
        assert 0.25 <= only.confidence <= 1.0
        assert set(only.names) == {"en", "zh"}
        assert only.evidence.span is not None
        start, end = only.evidence.span
        language = only.evidence.field.removeprefix("description.")
        (text,) = [one.description for one in item.texts if one.language == language]
        assert text[start:end] == only.evidence.quote
        assert only.evidence.quote in ENGLISH[at % 3] + CHINESE[at % 3]
    assert [len(values) for values in of_topic.values()] == [1, 1, 1]
    assert extractor.extract(CatalogItem("n", (LocalText("en", "tent camping"),))) == []
    # One word alone is no topic.
    one = CatalogItem("o", (LocalText("en", "x", "A tent, simply a tent."),))
    assert extractor.extract(one) == []


def test_kept_without_pickle_and_fitted_anew_only_when_texts_change(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "t.npz"
    items = _items()
    model = topics_of(items, path, candidates=(3,))
    written = path.stat().st_mtime_ns
    assert topics_of(items, path, candidates=(3,)).fingerprint == model.fingerprint
    assert path.stat().st_mtime_ns == written
    again = topics_of(items[:60], path, candidates=(3,))
    assert path.stat().st_mtime_ns != written
    assert {one.value for one in again.topics} == {one.value for one in model.topics}
    loaded, _ = load_topics(path)
    assert loaded.topics == again.topics
    assert loaded.tried == again.tried
    assert loaded.fingerprint == again.fingerprint
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ArtifactError, match=r"t\.npz"):
        load_topics(path)
    with pytest.raises(ArtifactError, match="no topics"):
        load_topics(tmp_path / "absent.npz")
    save_topics(model, path, stamp="s")
    assert load_topics(path)[1] == "s"


def test_topics_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = planted()
    with (tmp_path / "items.jsonl").open("w", encoding="utf-8") as file:
        for at, (en, zh) in enumerate(zip(rows["en"], rows["zh"], strict=True)):
            file.write(json.dumps({"id": f"i{at}", "title": "x", "d": en, "z": zh or ""}) + "\n")
    config = tmp_path / "shopgraph.toml"
    config.write_text(
        '[kg]\ndata_dir = "data"\n[kg.catalog]\nlanguages = ["en", "zh"]\n[kg.catalog.items]\n'
        'file = "items.jsonl"\ndescription = { en = "d", zh = "z" }\n'
    )
    with pytest.raises(SystemExit) as left:
        main(["extract", "topics", "--number", "3", "--number", "4", "-c", str(config), "--json"])
    assert not left.value.code
    said = json.loads(capsys.readouterr().out)
    assert [one["items"] for one in said["topics"]] == [30, 30, 30]
    assert set(said["tried"]) == {"3", "4"}
    with pytest.raises(SystemExit) as left:
        main(["extract", "topics", "--number", "3", "--number", "4", "-c", str(config)])
    assert not left.value.code
    out = capsys.readouterr().out
    assert "3 topics, mean coherence" in out
    assert "帐篷" in out
