"""Topics of items: fitted on the catalogue's descriptions, kept, and found in each item."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from kg.errors import ArtifactError
from kg.extraction.plain_text import readable
from kg.items import Attribute, CatalogItem, Evidence
from kg.topic_words import Word, words
from kg.topics import CANDIDATES, Topic, TopicModel, fit_topics

_FORM = 1
_MOST, _LEAST = 3, 0.25  # topics an item; the weakest confidence
_AT_LEAST_WORDS = 2  # different ones of a topic; a single word is no topic


class TopicExtractor:
    """An Extractor: which topics an item's descriptions are about, by falling confidence.

    Confidence is the cosine of the text with the part of it that the topic explains (see
    ``TopicModel.shares``), at least .25. Evidence is the occurrence of the topic's strongest
    word; at least two of its words are there.
    """

    def __init__(self, model: TopicModel) -> None:
        self.model = model
        self.name = f"topics-nmf-{_FORM}-{model.fingerprint[:12]}"

    def extract_many(self, items: Iterable[CatalogItem], /) -> list[list[Attribute]]:
        """``extract`` of each item, in order."""
        return [self.extract(item) for item in items]

    def extract(self, item: CatalogItem, /) -> list[Attribute]:
        """Of kind ``topic``, at most three; none without a description."""
        texts = {one.language: readable(one.description) for one in item.texts}
        shares = self.model.shares(self.model.weigh(texts))
        found = []
        for at in np.argsort(-shares, kind="stable")[:_MOST]:
            topic, confidence = self.model.topics[at], round(float(np.sqrt(shares[at])), 4)
            evidence = self._evidence(topic, texts)
            if confidence >= _LEAST and evidence is not None:
                found.append(Attribute("topic", topic.value, confidence, evidence, topic.names))
        return found

    def _evidence(self, topic: Topic, texts: dict[str, str]) -> Evidence | None:
        places = topic_words(topic, texts)
        if len({word.text for _, word in places}) < _AT_LEAST_WORDS:
            return None
        rank = {(one, word): at for one, of in topic.words.items() for at, word in enumerate(of)}
        language, first = min(
            places, key=lambda one: (rank[one[0], one[1].text], one[0], one[1].start)
        )
        return Evidence(
            "text",
            self.name,
            field=f"description.{language}",
            quote=texts[language][first.start : first.end],
            span=(first.start, first.end),
        )


def topic_words(topic: Topic, texts: dict[str, str]) -> list[tuple[str, Word]]:
    """(language, word with its place) of every occurrence of a word of ``topic``."""
    return [
        (language, word)
        for language, text in texts.items()
        for word in words(text, language)
        if word.text in topic.words.get(language, ())
    ]


def description_texts(items: Sequence[CatalogItem]) -> dict[str, list[str | None]]:
    """Language -> readable description of item i, None where it has none: what is fitted."""
    languages = sorted({one.language for item in items for one in item.texts})
    rows: dict[str, list[str | None]] = {language: [] for language in languages}
    for item in items:
        own = {one.language: readable(one.description) or None for one in item.texts}
        for language in languages:
            rows[language].append(own.get(language))
    return rows


def topics_of(
    items: Sequence[CatalogItem], path: Path, *, candidates: Sequence[int] = CANDIDATES
) -> TopicModel:
    """The topics kept in ``path`` where they were fitted on these descriptions, else new ones.

    Topics that go on keep their values. DataError: too few descriptions (see ``fit_topics``);
    ArtifactError: the file is damaged.
    """
    texts = description_texts(items)
    stamp = sha256(repr((_FORM, tuple(candidates), texts)).encode()).hexdigest()
    former = load_topics(path) if path.exists() else None
    if former is not None and former[1] == stamp:
        return former[0]
    model = fit_topics(texts, candidates=candidates, former=former[0] if former else None)
    save_topics(model, path, stamp=stamp)
    return model


def save_topics(model: TopicModel, path: Path, *, stamp: str = "") -> None:
    """Arrays and JSON in one ``.npz`` without pickle, replaced in one step."""
    about = {
        "form": _FORM,
        "stamp": stamp,
        "topics": [[one.value, one.words, one.coherence] for one in model.topics],
        "terms": model.terms,
        "coherence": model.coherence,
        "tried": sorted(model.tried.items()),
        "converged": model.converged,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    with beside.open("wb") as file:
        np.savez_compressed(
            file,
            about=np.frombuffer(json.dumps(about, ensure_ascii=False).encode(), dtype=np.uint8),
            idf=model.idf,
            components=model.components,
        )
    beside.replace(path)


def load_topics(path: Path) -> tuple[TopicModel, str]:
    """The model and its stamp; ArtifactError where the file is absent or damaged."""
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            about = json.loads(file["about"].tobytes())
            idf, components = file["idf"], file["components"]
        if about["form"] != _FORM or components.shape != (len(about["topics"]), len(idf)):
            raise ValueError("of another form")
        model = TopicModel(
            topics=tuple(
                Topic(value, {one: tuple(of) for one, of in by_language.items()}, coherence)
                for value, by_language, coherence in about["topics"]
            ),
            terms=tuple((language, word) for language, word in about["terms"]),
            idf=idf,
            components=components,
            coherence=about["coherence"],
            tried={int(number): found for number, found in about["tried"]},
            converged=about["converged"],
        )
    except Exception as error:
        # A damaged archive makes numpy and zipfile raise nearly anything.
        raise ArtifactError(f"{path}: no topics that can be read ({error})") from error
    return model, str(about["stamp"])
