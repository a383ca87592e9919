"""Does the graph say what an explanation says? Two queries, whatever the number of paths."""

from __future__ import annotations

from gnn.explanation import ExplainedPath, Explanation
from kg.graph import GraphStore
from kg.queries import load_query


def unsupported(explanation: Explanation, store: GraphStore, /) -> tuple[ExplainedPath, ...]:
    """Paths of ``explanation`` that ``store`` does not hold, in their order; () is a clean bill.

    A path over an entity needs both items to state it now; one of common buyers needs one
    other person at least. Paths over computed likeness (text, picture, price) and variants
    are not relationships to look up here and are left out. StoreError as ``store.run``.
    """
    asked = {"user_id": explanation.user_id, "item_id": explanation.item_id}
    shared = {
        (row["owned_id"], row["relationship"], row["entity_id"])
        for row in store.run(load_query("explanations/shared_entities"), **asked)
    }
    together = {
        row["owned_id"] for row in store.run(load_query("explanations/co_purchase"), **asked)
    }
    missing = []
    for path in explanation.paths:
        owned = path.steps[0].end.id
        second = path.steps[1] if len(path.steps) > 1 else None
        if second is None:
            continue
        if second.end.label == "Entity":
            held = (owned, second.relationship, second.end.id) in shared
        elif path.relation == "bought_together":
            held = owned in together
        else:
            continue
        if not held:
            missing.append(path)
    return tuple(missing)
