"""Topics of descriptions: NMF on TF-IDF, as many as make the most coherent ones.

Lee and Seung 1999; coherence is NPMI (see `kg.topic_coherence`). Texts of one item in several
languages are one row, so that a topic has words in each of them.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import cholesky, solve_triangular
from scipy.optimize import linear_sum_assignment, nnls

from kg.errors import DataError
from kg.topic_coherence import npmi_coherence
from kg.topic_words import words

CANDIDATES = (5, 10, 15, 20, 30, 40)
#: Words that speak for a topic: for coherence, for its name, and for knowing it again.
_TOP, _NAMED, _KNOWN_BY = 10, 3, 20
_MOST_WORDS = 6000  # a language; the most frequent
_COMMON = 0.5  # share of the texts from which on a word says nothing
#: Least overlap (weighted Jaccard) of words at which a topic is a former one again.
_SAME = 0.25
Floats = NDArray[np.float64]
Term = tuple[str, str]  # language, word


@dataclass(frozen=True, slots=True)
class Topic:
    """``value`` identifies it through refits; ``words`` by language, strongest first."""

    value: str
    words: Mapping[str, tuple[str, ...]]
    coherence: float

    @property
    def names(self) -> dict[str, str]:
        """Language -> the first words, to show."""
        return {
            language: ("、" if language == "zh" else ", ").join(of_language[:_NAMED])
            for language, of_language in self.words.items()
        }


@dataclass(frozen=True)
class TopicModel:
    """Topics of texts. ``components`` (n topics, n terms) has unit rows, none below 0.

    ``terms`` are its columns, ``idf`` (n terms,) their weights; ``coherence`` is the mean of the
    topics', ``tried`` that of each number of topics. ``converged``: whether NMF came to rest.
    """

    topics: tuple[Topic, ...]
    terms: tuple[Term, ...]
    idf: Floats
    components: Floats
    coherence: float
    tried: Mapping[int, float]
    converged: bool = True

    @cached_property
    def columns(self) -> dict[Term, int]:
        """Term -> its column."""
        return {term: column for column, term in enumerate(self.terms)}

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of what decides the topics of a text, and of their names."""
        digest = sha256(
            repr((self.terms, [(one.value, one.words) for one in self.topics])).encode()
        )
        digest.update(np.round(self.components, 6).tobytes())
        digest.update(np.round(self.idf, 6).tobytes())
        return digest.hexdigest()

    def weigh(self, texts: Mapping[str, str]) -> Floats:
        """(n terms,) TF-IDF of one item's texts by language, each language of length 1."""
        row = np.zeros(len(self.terms))
        for language, text in texts.items():
            counts = Counter(word.text for word in words(text, language))
            part = np.zeros(len(self.terms))
            for word, count in counts.items():
                column = self.columns.get((language, word))
                if column is not None:
                    part[column] = (1.0 + np.log(count)) * self.idf[column]
            length = float(np.linalg.norm(part))
            row += part / length if length else part
        return row

    def shares(self, row: Floats) -> Floats:
        """(n topics,): how much of ``row`` each topic explains, in [0, 1], at most 1 in sum.

        With w the non-negative least squares weights, w_t (h_t . x) / |x|^2: these add up to
        |projection|^2 / |x|^2. All 0 where no word is known.
        """
        energy = float(row @ row)
        if energy == 0.0:
            return np.zeros(len(self.topics))
        along = self.components @ row
        weights, _ = nnls(self._root.T, solve_triangular(self._root, along, lower=True))
        return np.asarray(np.clip(weights * along / energy, 0.0, 1.0))

    @cached_property
    def _root(self) -> Floats:
        # Least squares on the Gram matrix: as many unknowns as topics, however many words.
        gram = self.components @ self.components.T
        return np.asarray(cholesky(gram + 1e-9 * np.eye(len(gram)), lower=True))


def fit_topics(
    texts: Mapping[str, Sequence[str | None]],
    *,
    candidates: Sequence[int] = CANDIDATES,
    seed: int = 0,
    former: TopicModel | None = None,
) -> TopicModel:
    """Topics of ``texts``: language -> text of item i, None where it has none in it.

    Of ``candidates`` the highest number whose mean coherence is within one standard error of the
    best: the mean alone does not miss a topic that is left out. A topic whose words are those of
    one of ``former`` keeps its value. The same input, the same
    model. DataError: lists of different length, or too few texts for any candidate.
    """
    rows = {len(of_language) for of_language in texts.values()}
    if len(rows) != 1:
        raise DataError(
            "topics", column="texts", value=sorted(rows), expected="one text an item in a language"
        )
    counts, terms = _counts(texts)
    tfidf, idf = _tfidf(counts, terms)
    used = tfidf[np.flatnonzero(tfidf.getnnz(axis=1))]
    possible = sorted({one for one in candidates if 1 < one <= min(used.shape)})
    if not possible:
        raise DataError(
            "topics",
            column="texts",
            value=f"{used.shape[0]} with {used.shape[1]} recurring words",
            expected=f"enough for {min(candidates, default=2)} topics",
        )
    presence = counts.tocsc()
    models: dict[int, TopicModel] = {}
    for number in possible:
        components, converged = _factors(used, number, seed)
        topics = tuple(_topic(row, terms, presence) for row in components)
        mean = float(np.mean([one.coherence for one in topics]))
        models[number] = TopicModel(topics, terms, idf, components, mean, {}, converged=converged)
    chosen = _chosen(models)
    return replace(
        chosen,
        topics=_valued(chosen.topics, former),
        tried={number: model.coherence for number, model in models.items()},
    )


def _chosen(models: Mapping[int, TopicModel]) -> TopicModel:
    best = max(models.values(), key=lambda model: model.coherence)
    spread = [one.coherence for one in best.topics]
    error = float(np.std(spread, ddof=1)) / len(spread) ** 0.5 if len(spread) > 1 else 0.0
    return models[
        max(n for n, model in models.items() if model.coherence >= best.coherence - error - 1e-12)
    ]


def _counts(
    texts: Mapping[str, Sequence[str | None]],
) -> tuple[sparse.csr_matrix, tuple[Term, ...]]:
    """(n items, n terms) counts of the words that recur and are not everywhere."""
    terms: list[Term] = []
    blocks = []
    for language in sorted(texts):
        bags = [
            Counter(one.text for one in words(text or "", language)) for text in texts[language]
        ]
        seen = Counter(word for bag in bags for word in bag)
        most = max(_COMMON * sum(1 for bag in bags if bag), 2)
        kept = sorted(
            (word for word, count in seen.items() if 2 <= count <= most),
            key=lambda word: (-seen[word], word),
        )[:_MOST_WORDS]
        column = {word: at for at, word in enumerate(kept)}
        cells = [
            (row, column[word], count)
            for row, bag in enumerate(bags)
            for word, count in bag.items()
            if word in column
        ]
        at = np.array(cells, dtype=np.int64).reshape(-1, 3)
        shape = (len(bags), len(kept))
        blocks.append(sparse.csr_matrix((at[:, 2].astype(float), (at[:, 0], at[:, 1])), shape))
        terms += [(language, word) for word in kept]
    return sparse.csr_matrix(sparse.hstack(blocks)), tuple(terms)


def _tfidf(counts: sparse.csr_matrix, terms: Sequence[Term]) -> tuple[sparse.csr_matrix, Floats]:
    """Logarithmic frequencies by smoothed idf, rows of unit length in each language."""
    blocks, weights = [], []
    for language in sorted({one for one, _ in terms}):
        block = counts[:, [at for at, (one, _) in enumerate(terms) if one == language]].tocsr()
        texts = int((block.getnnz(axis=1) > 0).sum())
        idf = np.log((1 + texts) / (1 + block.getnnz(axis=0))) + 1
        block.data = 1 + np.log(block.data)
        block = sparse.csr_matrix(block @ sparse.diags(idf))
        lengths = np.sqrt(np.asarray(block.multiply(block).sum(axis=1)).ravel())
        inverse = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
        blocks.append(sparse.diags(inverse) @ block)
        weights.append(idf)
    empty = sparse.csr_matrix((counts.shape[0], 0))
    return sparse.csr_matrix(sparse.hstack(blocks or [empty])), np.concatenate([*weights, []])


def _factors(rows: sparse.csr_matrix, number: int, seed: int) -> tuple[Floats, bool]:
    """Unit rows of NMF's H, without those that are nothing, and whether it came to rest."""
    from sklearn.decomposition import NMF  # type: ignore[import-untyped]
    from sklearn.exceptions import ConvergenceWarning  # type: ignore[import-untyped]

    model = NMF(number, init="nndsvd", random_state=seed, max_iter=300, tol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # told by the second value instead
        model.fit(rows)
    lengths = np.linalg.norm(model.components_, axis=1, keepdims=True)
    kept = lengths[:, 0] > 0
    return np.asarray(model.components_[kept] / lengths[kept]), model.n_iter_ < model.max_iter


def _topic(row: Floats, terms: Sequence[Term], presence: sparse.csc_matrix) -> Topic:
    """Coherence is the mean over the languages in which it has at least two words."""
    by_language: dict[str, list[int]] = {}
    for at in np.argsort(-row, kind="stable"):
        if row[at] <= 0:
            break
        of_language = by_language.setdefault(terms[at][0], [])
        if len(of_language) < _KNOWN_BY:
            of_language.append(int(at))
    coherences = [
        npmi_coherence(columns[:_TOP], presence)
        for columns in by_language.values()
        if len(columns) > 1
    ]
    return Topic(
        value="",
        words={one: tuple(terms[at][1] for at in by_language[one]) for one in sorted(by_language)},
        coherence=float(np.mean(coherences)) if coherences else 0.0,
    )


def _valued(topics: Sequence[Topic], former: TopicModel | None) -> tuple[Topic, ...]:
    """Each with the value of the former topic that it is, or one made of its words."""
    values: dict[int, str] = {}
    if former is not None:
        alike = np.array([[overlap(new, old) for old in former.topics] for new in topics])
        for new, old in zip(*linear_sum_assignment(-alike), strict=True):
            if alike[new, old] >= _SAME:
                values[int(new)] = former.topics[old].value
    taken = set(values.values()) | ({one.value for one in former.topics} if former else set())
    for at, topic in enumerate(topics):
        if at not in values:
            of_first = next(iter(topic.words.values()))
            sizes = range(_NAMED, len(of_first) + 1)
            made = [" ".join(of_first[:size]) for size in sizes] or [" ".join(of_first)]
            made += [f"{made[0]} {count}" for count in range(2, len(taken) + 3)]
            values[at] = next(value for value in made if value not in taken)
            taken.add(values[at])
    return tuple(replace(topic, value=values[at]) for at, topic in enumerate(topics))


def overlap(one: Topic, other: Topic) -> float:
    """Weighted Jaccard of two topics' words, the word at rank r weighing 1 / (r + 1); [0, 1]."""
    first, second = _ranks(one), _ranks(other)
    terms = first.keys() | second.keys()
    both = sum(min(first.get(term, 0.0), second.get(term, 0.0)) for term in terms)
    either = sum(max(first.get(term, 0.0), second.get(term, 0.0)) for term in terms)
    return both / either if either else 0.0


def _ranks(topic: Topic) -> dict[Term, float]:
    return {
        (language, word): 1.0 / (rank + 1)
        for language, of_language in topic.words.items()
        for rank, word in enumerate(of_language)
    }
