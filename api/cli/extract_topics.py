"""`extract topics`: what the catalogue's descriptions are about."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.options import ConfigOption, JsonOption, settings_of
from api.cli.screen import Screen

#: File of ``kg.data_dir`` that keeps the topics.
TOPICS = "topics.npz"


def topics(
    *,
    number: Annotated[
        list[int] | None,
        typer.Option("--number", min=2, help="Number of topics; again: the most coherent of them."),
    ] = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Find the topics of the descriptions and keep them; their number by coherence (NPMI).

    Topics that were there before keep their ids. Example: shopgraph extract topics
    """
    from kg.readers.layouts import read_catalog
    from kg.rejects import Rejects
    from kg.topic_extractor import TopicExtractor, topics_of
    from kg.topics import CANDIDATES

    settings = settings_of(config)
    screen = Screen(as_json=json)
    path = settings.kg.data_dir / TOPICS
    with screen.waiting("reading descriptions"), Rejects(None) as rejects:
        catalog = read_catalog(settings.kg.catalog, rejects=rejects)
        model = topics_of(catalog.items, path, candidates=number or CANDIDATES)
        found = TopicExtractor(model).extract_many(catalog.items)
    items = {topic.value: 0 for topic in model.topics}
    for of_item in found:
        for one in of_item:
            items[one.value] += 1
    if json:
        screen.document(
            {
                "topics": [
                    {"value": one.value, "words": one.words, "coherence": one.coherence,
                     "items": items[one.value]}
                    for one in model.topics
                ],
                "coherence": model.coherence,
                "tried": {str(count): tried for count, tried in model.tried.items()},
                "converged": model.converged,
                "path": str(path),
            }
        )  # fmt: skip
        return
    screen.table(
        ("topic", "coherence", "items", "words"),
        [
            (
                one.value,
                f"{one.coherence:.3f}",
                items[one.value],
                " | ".join(", ".join(of_language[:8]) for of_language in one.words.values()),
            )
            for one in sorted(model.topics, key=lambda one: -one.coherence)
        ],
        numbers=(1, 2),
    )
    tried = ", ".join(f"{count}: {of:.3f}" for count, of in model.tried.items())
    screen.line(
        f"{len(model.topics)} topics, mean coherence {model.coherence:.3f} (NPMI; tried {tried})"
    )
    if not model.converged:
        screen.line("the factorisation had not come to rest after its last round")
    screen.line(f"kept in {path}")
