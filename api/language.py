"""The language of an answer: `?lang=`, else the browser's `Accept-Language`, else English."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from fastapi import Depends, Header, Query

Language: TypeAlias = Literal["en", "zh"]


def negotiate(accept: str) -> Language:
    """First of en and zh by the weights of an Accept-Language header; ``en`` where neither."""
    weighted: list[tuple[float, Language]] = []
    for part in accept.split(","):
        tag, _, parameter = part.strip().partition(";")
        primary = tag.strip().lower().split("-")[0]
        name, _, value = parameter.strip().partition("=")
        try:
            weight = float(value) if name.strip() == "q" else 1.0
        except ValueError:
            weight = 0.0  # a malformed weight is no preference
        if weight > 0 and primary in ("en", "*"):
            weighted.append((weight, "en"))
        elif weight > 0 and primary == "zh":
            weighted.append((weight, "zh"))
    return max(weighted, key=lambda pair: pair[0])[1] if weighted else "en"


def _language(
    lang: Annotated[
        Language | None, Query(description="Language of titles and reasons; else Accept-Language.")
    ] = None,
    accept_language: Annotated[str, Header(include_in_schema=False)] = "",
) -> Language:
    return lang or negotiate(accept_language)


AnswerLanguage = Annotated[Language, Depends(_language)]
