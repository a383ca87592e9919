"""Corrections as training examples: what is now known of the corrected items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import orjson

from kg.agreement import SINGLE_VALUED
from kg.corrections import Correction
from kg.extraction.lexicon import canonical
from kg.graph import GraphStore
from kg.items import CatalogItem
from kg.queries import load_query
from kg.schema import entity_id

#: Guesses less sure than this do not become the truth of an example.
LEAST_CONFIDENCE = 0.8


def correction_examples(
    store: GraphStore, corrections: Mapping[str, Sequence[Correction]]
) -> list[dict[str, object]]:
    """Labelled examples of the corrected items that are in the graph, sorted by item id.

    Each has ``item_id``, ``text`` (the title), ``category`` and ``attributes``: kind -> values as
    the title spells them where it does, else as people and columns write them. Beside what
    people and columns state they have what extractors are sure of, for what an example leaves
    out is taught to be absent.
    """
    examples: list[dict[str, object]] = []
    for item_id in sorted(corrections):
        rows = store.run(load_query("catalogue/item"), item_id=item_id)
        if not rows:
            continue
        values: dict[str, list[str]] = {}
        for one in rows[0]["attributes"]:
            stated = one["modality"] in ("column", "person")
            if not stated and (one["modality"] != "text" or one["confidence"] < LEAST_CONFIDENCE):
                continue
            spelled = _spelled(one, str(rows[0]["title"]))
            of_kind = values.setdefault(one["kind"], [])
            if spelled.casefold() not in {known.casefold() for known in of_kind}:
                of_kind.append(spelled)
        category = (values.get("category") or [""])[0]
        examples.append(
            {
                "item_id": item_id,
                "text": rows[0]["title"],
                "category": category,
                "attributes": dict(sorted(values.items())),
            }
        )
    return examples


def write_examples(path: Path, examples: Iterable[Mapping[str, object]]) -> int:
    """As JSONL that ``shopgraph extract train`` reads; returns how many."""
    lines = [orjson.dumps(one) for one in examples]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return len(lines)


def with_corrections(item: CatalogItem, corrections: Sequence[Correction]) -> CatalogItem:
    """``item`` with what people say of it as columns: what labels are learned from.

    A ``yes`` stands before the column's values (in a kind with one value, instead of them), a
    ``no`` takes a value away, however it is spelled.
    """
    if not corrections:
        return item
    columns = dict(item.columns)
    for kind in dict.fromkeys(one.kind for one in corrections):
        said = [one for one in corrections if one.kind == kind]
        denied = {one.entity for one in said if one.says == "no"}
        stated = [one.value for one in said if one.says == "yes"]
        kept = [] if stated and kind in SINGLE_VALUED else list(columns.pop(kind, ()))
        known = [(value, canonical(kind, value)) for value in kept]
        kept = [
            value
            for value, its in known
            if entity_id(kind, value if its is None else its.value) not in denied
        ]
        columns[kind] = tuple(dict.fromkeys((*stated, *kept)))
    return replace(item, columns={kind: values for kind, values in columns.items() if values})


def _spelled(one: Mapping[str, str], title: str) -> str:
    """The words of the title that say it, else the entity's name."""
    quote = str(orjson.loads(one["evidence"] or "{}").get("quote", ""))
    for spelling in (quote, one["name"], one["name_en"] or "", one["name_zh"] or ""):
        at = title.casefold().find(spelling.casefold()) if spelling else -1
        if at >= 0:
            return title[at : at + len(spelling)]
    return one["name"]
