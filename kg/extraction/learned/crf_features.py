"""What a CRF reads at each token: words, affixes, shape, the words around, known values."""

from __future__ import annotations

from kg.extraction.learned.examples import AttributeSpace, Example
from kg.extraction.learned.token_features import TokenEvidence

_AROUND = (-3, -2, -1, 1, 2, 3)


def crf_features(
    example: Example, evidence: TokenEvidence, space: AttributeSpace
) -> list[dict[str, float]]:
    """Feature -> weight of each token; names are stable, they are the model's keys."""
    lower = example.tokens.lower
    size = len(lower)
    forms = [_form(word) for word in example.tokens.words]
    own = space.of_category[example.category] if example.category >= 0 else ()
    found = []
    for index, word in enumerate(lower):
        features: dict[str, float] = {"bias": 1.0, f"w={word}": 1.0, f"f={forms[index]}": 1.0}
        for cut in (2, 3, 4):
            if len(word) > cut:
                features[f"<{word[:cut]}"] = 1.0
                features[f"{word[-cut:]}>"] = 1.0
        for step in _AROUND:
            at = index + step
            other = lower[at] if 0 <= at < size else "^" if at < 0 else "$"
            features[f"{step}={other}"] = 1.0
            if abs(step) == 1:
                features[f"{step}f={forms[at] if 0 <= at < size else other}"] = 1.0
                features[f"{step}&={other}|{word}"] = 1.0
        if 0 < index < size - 1:
            features[f"a={lower[index - 1]}|{lower[index + 1]}"] = 1.0
        shape = evidence.shape[index]
        features[f"part={int(shape[20:].argmax())}"] = 1.0
        features[f"since={int(shape[18] * 8)}"] = 1.0
        features[f"round={int(shape[13])}"] = 1.0
        features[f"at={int(shape[16] * 5)}"] = 1.0
        for attribute in own:
            for name, table in (
                ("gb", evidence.begin),
                ("gi", evidence.inside),
                ("nb", evidence.near_begin),
                ("ni", evidence.near_inside),
            ):
                value = float(table[index, attribute])
                if value > 0.0:
                    features[f"{name}{attribute}"] = value
        found.append(features)
    return found


def _form(word: str) -> str:
    """``Xx`` of ``Sony``, ``99.9`` of ``16.9``: case and digits, longer runs cut."""
    form = "".join(
        "9" if one.isdigit() else "X" if one.isupper() else "x" if one.isalpha() else one
        for one in word
    )
    short = [one for index, one in enumerate(form) if index < 2 or one != form[index - 1]]
    return "".join(short)[:8]
