"""Parameters to ask each library query with, drawn from what the generated graph holds."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence

from benchmarks.generated_graph import DAYS, START_S
from kg.graph import NodeRow, RelationshipRow
from kg.queries import Query

_END_S = float(START_S + DAYS * 86_400)


class Sampler:
    """Draws parameters: users and items as likely as each other, entities as often as stated."""

    def __init__(
        self, nodes: Sequence[NodeRow], relationships: Sequence[RelationshipRow], *, seed: int = 1
    ) -> None:
        self._random = random.Random(seed)
        self._users = sorted(node.id for node in nodes if node.label == "User")
        self._items = sorted(node.id for node in nodes if node.label == "Item")
        self._titles = sorted(
            str(node.properties["title"]) for node in nodes if node.label == "Item"
        )
        # A popular brand is asked for more often than a rare one.
        self._entities = sorted(
            row.end_id for row in relationships if row.end_label not in {"Item", "User"}
        )
        self._kinds = sorted({entity.partition(":")[0] for entity in self._entities})

    def params(self, query: Query, /) -> dict[str, object]:
        """Values of the parameters that have no default, and of those that an answer hangs on.

        KeyError for a parameter that nothing here knows.
        """
        chosen = dict(_FIXED.get(query.name, {}))
        for name in query.params:
            if name in chosen or (name in query.defaults and name not in _ALWAYS):
                continue
            chosen[name] = self._by_name()[name]()
        return chosen

    def _by_name(self) -> Mapping[str, Callable[[], object]]:
        pick = self._random.choice
        item, entity = (lambda: pick(self._items)), (lambda: pick(self._entities))
        return {
            "user_id": lambda: pick(self._users),
            "item_id": item,
            "other_id": item,
            "from_id": item,
            "to_id": item,
            "id": item,
            "label": lambda: "Item",
            "nodes": lambda: [{"label": "Item", "id": item()} for _ in range(3)],
            "item_ids": lambda: [item() for _ in range(100)],
            "entity_id": entity,
            "entity_ids": lambda: [entity()],
            "all_of": lambda: [entity(), entity()],
            "any_of": lambda: [entity(), entity()],
            "none_of": lambda: [entity()],
            "kind": lambda: pick(self._kinds),
            # Two of the words of some title.
            "text": lambda: " ".join(pick(self._titles).split()[1:3]),
            "low": lambda: 20.0,
            "high": lambda: 20.0 + self._random.uniform(1, 20),
            "since_s": lambda: _END_S - 86_400.0 * pick((7, 14, 30)),
            "now_s": lambda: _END_S,
        }


#: Parameters with a default that leaves out what the query is for.
_ALWAYS = frozenset({"all_of", "any_of", "none_of", "low"})
_FIXED: Mapping[str, Mapping[str, object]] = {
    # The generated items have no date.
    "catalogue/newest": {"property": "price"},
    "catalogue/price_range": {},
}
