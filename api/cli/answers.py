"""`recommend`, `similar` and `explain`: the service's answers without the service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.options import (
    ConfigOption,
    JsonOption,
    LanguageOption,
    LengthOption,
    language_of,
    settings_of,
)
from api.cli.screen import Screen

if TYPE_CHECKING:
    from pathlib import Path

    from gnn.recommender import Recommender

#: Paths and owned items that a table shows; ``--json`` gives all.
SHOWN = 8


def recommend(
    user_id: Annotated[str, typer.Argument(help="Id of a user; popular items for a stranger.")],
    *,
    k: LengthOption = 10,
    lang: LanguageOption = "en",
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Recommend items to a user, each with its reason.

    Example: shopgraph recommend u0001 --k 5
    """
    from api.answers import recommendations_answer

    language = language_of(lang)
    recommender = _recommender(config)
    found = recommender.recommend(user_id, k=k, language=language)
    answer = recommendations_answer(
        found,
        user_id=user_id,
        language=language,
        artifact=recommender.version,
        images=_images(recommender),
    )
    _list(answer, Screen(as_json=json), title=f"For {user_id}, by {found.strategy}")


def similar(
    item_id: Annotated[str, typer.Argument(help="Id of an item.")],
    *,
    k: LengthOption = 10,
    lang: LanguageOption = "en",
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """List the items that go with an item, and what they share.

    Example: shopgraph similar p0001 --k 5
    """
    from api.answers import recommendations_answer

    language = language_of(lang)
    recommender = _recommender(config)
    title = recommender.item(item_id).title_in(language)
    found = recommender.similar(item_id, k=k, language=language)
    answer = recommendations_answer(
        found,
        item_id=item_id,
        language=language,
        artifact=recommender.version,
        images=_images(recommender),
    )
    _list(answer, Screen(as_json=json), title=f"Like {title} ({item_id})")


def explain(
    user_id: Annotated[str, typer.Argument(help="Id of a user.")],
    item_id: Annotated[
        str | None,
        typer.Argument(help="Id of an item; default the first recommended.", show_default=False),
    ] = None,
    *,
    lang: LanguageOption = "en",
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Say why an item is suggested to a user: paths through the graph with their credit.

    Example: shopgraph explain u0001 p0042
    """
    from api.answers import explanation_answer
    from kg.errors import NotFound

    language = language_of(lang)
    recommender = _recommender(config)
    if item_id is None:
        first = recommender.recommend(user_id, k=1, language=language, reasons=False).items
        if not first:
            raise NotFound(f"nothing to recommend to user {user_id!r}: name an item")
        item_id = first[0].item.id
    card = recommender.item(item_id)
    found = recommender.explain(user_id, item_id, language=language)
    screen = Screen(as_json=json)
    if json:
        screen.document(explanation_answer(found, card, images=_images(recommender)))
        return
    screen.line(f"{card.title_in(language)} ({item_id}) for {user_id}, by {found.strategy}")
    screen.line(found.sentence)
    screen.table(
        ("share", "credit", "path"),
        [(f"{path.share:.0%}", path.credit, path.text) for path in found.paths[:SHOWN]],
        numbers=(0, 1),
    )
    screen.table(
        ("share", "credit", "event", "owned item"),
        [
            (f"{owned.share:.0%}", owned.credit, owned.event, f"{owned.title} ({owned.item_id})")
            for owned in found.owned[:SHOWN]
        ],
        numbers=(0, 1),
    )
    screen.line(
        f"a share is the score lost without that alone; the {SHOWN} largest are shown. "
        f"score {found.score:.4g}; no shown path accounts for {found.unexplained:.0%} of it"
    )


def _recommender(config: Path | None) -> Recommender:
    from gnn.recommender import Recommender

    return Recommender.load(settings_of(config).gnn.artifact_dir)


def _images(recommender: Recommender) -> Any:
    from api.answers import image_url

    return lambda item_id: image_url(recommender.item(item_id))


def _list(answer: dict[str, Any], screen: Screen, *, title: str) -> None:
    if screen.as_json:
        screen.document(answer)
        return
    screen.table(
        ("", "id", "title", "price", "score", "why"),
        [
            (
                place,
                item["id"],
                item["title"],
                item["price"],
                item["score"],
                item["reason"]["text"] if item["reason"] else "",
            )
            for place, item in enumerate(answer["items"], start=1)
        ],
        title=title,
        numbers=(0, 3, 4),
    )
