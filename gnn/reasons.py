"""Reasons in words, English and Chinese; other languages read English.

Nothing here decides anything: it says what an explanation found. Other people appear as
counts only, and a count under ``FEWEST_PEOPLE`` is not said, lest it point at somebody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

FEWEST_PEOPLE = 5

#: Events by what they mean, strongest first: event name in data -> class.
EVENT_CLASSES: Mapping[str, tuple[str, ...]] = {
    "bought": ("purchase", "purchased", "buy", "bought", "order", "transaction"),
    "rated": ("rating", "rate", "rated", "review", "reviewed"),
    "basket": ("cart", "add_to_cart", "addtocart", "basket"),
    "liked": ("like", "liked", "favourite", "favorite", "wishlist", "save", "listen"),
    "viewed": ("view", "viewed", "click", "visit", "page_view", "detail"),
}
_STRENGTH = {name: rank for rank, name in enumerate((*EVENT_CLASSES, "chose"))}

_YOU: Mapping[str, Mapping[str, str]] = {
    "en": {
        "bought": "you bought {title}",
        "rated": "you rated {title}",
        "basket": "you put {title} in your basket",
        "liked": "you liked {title}",
        "viewed": "you viewed {title}",
        "chose": "you chose {title}",
    },
    "zh": {
        "bought": "您购买了{title}",
        "rated": "您评价了{title}",
        "basket": "您把{title}加入了购物车",
        "liked": "您喜欢{title}",
        "viewed": "您浏览过{title}",
        "chose": "您选择了{title}",
    },
}
_TOGETHER: Mapping[str, Mapping[str, str]] = {
    "en": {
        "bought": "{n} people who bought it also bought this",
        "rated": "{n} people who rated it also rated this",
        "basket": "{n} people with it in their basket also took this",
        "liked": "{n} people who liked it also liked this",
        "viewed": "{n} people who viewed it also viewed this",
        "chose": "{n} people who chose it also chose this",
    },
    "zh": {
        "bought": "有{n}人购买它的同时也购买了这件",
        "rated": "有{n}人同时评价了两者",
        "basket": "有{n}人把两者一起加入购物车",
        "liked": "有{n}人同时喜欢两者",
        "viewed": "有{n}人浏览它的同时也浏览了这件",
        "chose": "有{n}人同时选择了两者",
    },
}
#: Evidence that is no entity, as a predicate of the owned item.
_PREDICATES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "text": "has a similar description",
        "image": "looks similar",
        "colour_histogram": "has similar colours",
        "bought_together": "is often {together} together with this",
        "variant": "is another version of the same product",
        "price": "costs about as much",
    },
    "zh": {
        "text": "描述相近",
        "image": "外观相似",
        "colour_histogram": "配色相近",
        "bought_together": "常与这件一起被{together}",
        "variant": "是同一商品的另一款",
        "price": "价格相近",
    },
}
_TOGETHER_VERB: Mapping[str, Mapping[str, str]] = {
    "en": {"bought": "bought", "viewed": "viewed", "liked": "liked", "rated": "rated"},
    "zh": {"bought": "购买", "viewed": "浏览", "liked": "喜欢", "rated": "评价"},
}


def event_class(event: str, /) -> str:
    """``purchase -> bought``, ``view -> viewed``, ...; ``chose`` for an unknown event."""
    name = event.casefold()
    return next((found for found, names in EVENT_CLASSES.items() if name in names), "chose")


def strongest(events: Sequence[str], /) -> int:
    """Position of the event that says most: a purchase before a view. ``events`` not empty."""
    return min(range(len(events)), key=lambda at: (_STRENGTH[event_class(events[at])], at))


def spoken(language: str, /) -> str:
    """The language reasons are written in when ``language`` is asked for: ``en`` or ``zh``."""
    return "zh" if language.casefold().split("-")[0] == "zh" else "en"


def bought_together(people: int, /, *, event: str, language: str) -> str:
    """``12 people who bought it also bought this``; without the number below five."""
    tongue, kind = spoken(language), event_class(event)
    if people >= FEWEST_PEOPLE:
        return _TOGETHER[tongue][kind].format(n=people)
    verb = _TOGETHER_VERB[tongue].get(kind, "chosen" if tongue == "en" else "选择")
    return _PREDICATES[tongue]["bought_together"].format(together=verb)


def predicate(relation: str, /, *, language: str) -> str:
    """What evidence without an entity says of the owned item: ``looks similar``."""
    tongue = spoken(language)
    generic = "goes with this" if tongue == "en" else "与这件相配"
    return _PREDICATES[tongue].get(relation, generic)


def because(
    title: str, event: str, predicates: Sequence[str], /, *, language: str, lead: bool = True
) -> str:
    """``because you bought X, which is also red and also made of linen``."""
    tongue = spoken(language)
    start = _YOU[tongue][event_class(event)].format(title=title)
    if tongue == "zh":
        said = f"因为{start}" if lead else start
        return f"{said}，{'，'.join(predicates)}" if predicates else said
    said = f"because {start}" if lead else start
    return f"{said}, {_clause(predicates)}" if predicates else said


def shared(predicates: Sequence[str], /, *, language: str) -> str:
    """What a similar item shares, without an owner: ``is also red and also made of linen``."""
    return "，".join(predicates) if spoken(language) == "zh" else _joined(predicates)


def joined(sentences: Sequence[str], /, *, language: str) -> str:
    """Becauses one after the other; the first one's ``lead`` serves all."""
    return ("；也因为" if spoken(language) == "zh" else "; and because ").join(sentences)


def popular(people: int, /, *, known: bool, language: str) -> str:
    """The honest words for an item shown for its popularity alone."""
    counted = people >= FEWEST_PEOPLE
    if spoken(language) == "zh":
        said = f"热门商品：有{people}人选择" if counted else "本店热门商品"
        return said + ("" if known else "（我们还不了解您的喜好）")
    said = f"popular: {people} people chose it" if counted else "popular in this shop"
    return said + ("" if known else "; nothing is known of your taste yet")


def taste(*, language: str) -> str:
    """Where a model ranks an item high for a user and no single owned item speaks for it."""
    if spoken(language) == "zh":
        return "符合您的整体喜好，并非出于某一件商品"
    return "fits your taste as a whole; no single item of yours stands behind it"


def _clause(predicates: Sequence[str]) -> str:
    """Predicates of the owned item after a comma; counts of people stand on their own."""
    which = [one for one in predicates if not one[0].isdigit()]
    people = [one for one in predicates if one[0].isdigit()]
    parts = ([f"which {_joined(which)}"] if which else []) + people
    return "; ".join(parts)


def _joined(predicates: Sequence[str]) -> str:
    """``is also red`` and ``is also made of linen`` share their ``is``."""
    said = list(predicates[:1])
    for before, one in pairwise(predicates):
        shares_is = before.startswith("is also ") and one.startswith("is also ")
        said.append(one.removeprefix("is ") if shares_is else one)
    if len(said) < 3:
        return " and ".join(said)
    return f"{', '.join(said[:-1])} and {said[-1]}"
