"""From exact credits to paths: why this item for this user.

A score is a constant plus one credit per owned item (gnn.scoring), and each edge from an
owned item stands on typed evidence whose credit is what its removal costs. A path is one
such piece of evidence between one owned item and the item in question.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from gnn.catalogue import Catalogue
from gnn.explanation import (
    ExplainedPath,
    Explanation,
    OwnedCredit,
    PathNode,
    PathStep,
    Reason,
)
from gnn.explanation_steps import Edge, item_node, steps_to
from gnn.reason_entities import entity_predicate
from gnn.reasons import (
    because,
    bought_together,
    joined,
    popular,
    predicate,
    shared,
    spoken,
    taste,
)
from gnn.scoring import EvidenceCredit, FloatVector, IntVector, Scorer
from kg.schema import INTERACTED

#: Strategy of what is shown for its popularity alone.
POPULAR = "popular"
#: Edges whose evidence is remembered, some 1 kB each.
EDGES_KEPT = 50_000
#: How much of an explanation is shown: owned items taken apart, evidence of each.
#: Of what both items are stated to have, so many are shown even if likeness outweighs them.
OWNED_SHOWN, EVIDENCE_SHOWN, FACTS_SHOWN = 5, 4, 2
#: In one sentence: owned items, predicates of each; a predicate weaker than this part of the
#: strongest one is left out, a fact that anybody can check one weaker than the other part.
OWNED_SAID, PREDICATES_SAID, WEAKEST_SAID, WEAKEST_FACT = 2, 2, 0.1, 0.02


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains scores of ``scorer`` with the words and tables of ``catalogue``.

    ``impersonal`` (n_items,): what the scorer says of nobody in particular.
    """

    catalogue: Catalogue
    scorer: Scorer
    strategy: str
    impersonal: FloatVector
    #: ``scorer.edge_credits`` and the edge's whole worth, remembered: no user is in them.
    edge: Callable[[int, int], tuple[tuple[EvidenceCredit, ...], float]] = field(init=False)

    def __post_init__(self) -> None:
        scorer = self.scorer

        @lru_cache(maxsize=EDGES_KEPT)
        def edge(source: int, item: int) -> tuple[tuple[EvidenceCredit, ...], float]:
            return tuple(scorer.edge_credits(source, item)), float(scorer.similar(source)[item])

        object.__setattr__(self, "edge", edge)

    def explain(
        self, user: int, item: int, /, *, user_id: str, owned: IntVector, language: str
    ) -> Explanation:
        """Explanation of ``item`` for somebody who owns ``owned``; ``user`` -1 if not known."""
        credits, constant = self._credits(user, item, owned)
        score = float(credits.sum() + constant)
        mass = float(np.maximum(credits, 0).sum() + max(constant, 0.0))
        best = [int(at) for at in np.argsort(-credits, kind="stable") if credits[at] > 0]
        explained = 0.0
        edges: list[Edge] = []
        for at in best[:OWNED_SHOWN]:
            found = self._edges(
                user, int(owned[at]), item, worth=float(credits[at]), language=language
            )
            edges += found
            credited = sum(edge.evidence.credit for edge in found)
            explained += min(credited, float(credits[at]))
        ranked = sorted(edges, key=lambda edge: (not edge.telling, -edge.evidence.credit))
        paths = [self._path(edge, user_id, item, mass, language=language) for edge in ranked]
        catalogue = self.catalogue
        return Explanation(
            user_id=user_id,
            item_id=catalogue.artifact.items[item].id,
            score=score,
            strategy=self.strategy if self.personal(item, score) else POPULAR,
            language=language,
            sentence=(
                self._sentence(user, owned, credits, edges, language=language)
                if self.personal(item, score)
                else self.popular(item, known=bool(len(owned)), language=language).text
            ),
            paths=tuple(paths),
            owned=tuple(
                OwnedCredit(
                    catalogue.artifact.items[owned[at]].id,
                    catalogue.title(int(owned[at]), language),
                    catalogue.event(user, int(owned[at])).name,
                    float(credits[at]),
                    max(float(credits[at]), 0.0) / mass if mass > 0 else 0.0,
                )
                for at in np.argsort(-credits, kind="stable")
            ),
            constant=constant,
            unexplained=min(1.0, max(0.0, 1 - explained / mass)) if mass > 0 else 1.0,
        )

    def reason(
        self, user: int, item: int, /, *, user_id: str, owned: IntVector, language: str
    ) -> Reason:
        """The best owned item that has named evidence, and that evidence, in one line."""
        credits, constant = self._credits(user, item, owned)
        mass = float(np.maximum(credits, 0).sum() + max(constant, 0.0))
        edges: list[Edge] = []
        for at in np.argsort(-credits, kind="stable")[:OWNED_SHOWN]:
            if edges or credits[at] <= 0:
                break
            edges = self._edges(
                user, int(owned[at]), item, worth=float(credits[at]), language=language
            )
        text = self._sentence(user, owned, credits, edges, language=language)
        path = self._path(edges[0], user_id, item, mass, language=language) if edges else None
        return Reason(text, path)

    def similar(self, source: int, item: int, /, *, language: str) -> Reason | None:
        """What makes owning ``source`` speak for ``item``; None where nothing is named."""
        edges = self._edges(-1, source, item, language=language)
        if not edges:
            return None
        steps = steps_to(self.catalogue, edges[0], item, language=language)
        whole = sum(edge.evidence.credit for edge in edges)
        best = edges[0].evidence
        text = shared(_said(edges), language=language)
        return Reason(
            text, ExplainedPath(steps, best.relation, best.credit, best.credit / whole, text)
        )

    def personal(self, item: int, score: float, /) -> bool:
        """Does anything known of the user speak for the item? If not, it is merely popular."""
        nobody = float(self.impersonal[item])
        return score - nobody > 1e-6 * max(abs(score), abs(nobody))

    def popular(self, item: int, /, *, known: bool, language: str) -> Reason:
        """Popularity and nothing else, said so."""
        people = int(self.catalogue.people[item])
        return Reason(popular(people, known=known, language=language))

    def _credits(self, user: int, item: int, owned: IntVector) -> tuple[FloatVector, float]:
        weights = np.ones(len(owned), dtype=np.float32)
        credits, constant = self.scorer.credits(owned, weights, item, user=user)
        return np.asarray(credits, dtype=np.float32), float(constant)

    def _edges(
        self,
        user: int,
        source: int,
        item: int,
        *,
        worth: float | None = None,
        language: str,
    ) -> list[Edge]:
        """Named evidence with a positive credit, largest first, commonplaces last.

        ``worth`` is the owned item's exact credit. Evidence is credited for somebody who owns
        ``source`` alone; where a model weighs items by what else is owned, the edge as a whole
        is worth another amount to this user and its evidence is scaled along.
        """
        evidence_credits, whole = self.edge(source, item)
        if whole <= 0:
            return []
        scale = 1.0 if worth is None else worth / whole
        event = self.catalogue.event(user, source)
        common = self.catalogue.commonplace
        found = [
            (one, one.entity < 0 or not common[one.entity])
            for one in evidence_credits
            if one.credit > 0 and one.relation != "unexplained"
        ]
        found.sort(key=lambda pair: not pair[1])  # stable: by credit within
        facts = [place for place, (one, told) in enumerate(found) if told and one.entity >= 0]
        shown = sorted({*range(min(len(found), EVIDENCE_SHOWN)), *facts[:FACTS_SHOWN]})
        return [
            Edge(
                user,
                source,
                event,
                replace(one, credit=one.credit * scale),
                self._predicate(user, source, item, one, language=language),
                telling=telling,
            )
            for one, telling in (found[place] for place in shown)
        ]

    def _predicate(
        self, user: int, source: int, item: int, evidence: EvidenceCredit, *, language: str
    ) -> str:
        catalogue = self.catalogue
        if evidence.entity >= 0:
            kind = catalogue.schema.kind(catalogue.artifact.entities[evidence.entity].kind)
            name = catalogue.entity_name(evidence.entity, language)
            return entity_predicate(kind, name, chinese=spoken(language) == "zh")
        if evidence.relation == "bought_together":
            people = catalogue.people_with_both(source, item, besides=user)
            return bought_together(people, event=catalogue.main_event, language=language)
        return predicate(evidence.relation, language=language)

    def _sentence(
        self,
        user: int,
        owned: IntVector,
        credits: FloatVector,
        edges: Sequence[Edge],
        *,
        language: str,
    ) -> str:
        best = [int(at) for at in np.argsort(-credits, kind="stable") if credits[at] > 0]
        if not best:
            return taste(language=language)
        said = []
        named = {edge.owned for edge in edges}
        # An owned item with named evidence says more than one with a larger bare credit.
        chosen = [at for at in best if int(owned[at]) in named][:OWNED_SAID] or best[:1]
        for place, at in enumerate(chosen):
            source = int(owned[at])
            its = [edge for edge in edges if edge.owned == source]
            event = self.catalogue.event(user, source)
            title = self.catalogue.title(source, language)
            said.append(because(title, event.name, _said(its), language=language, lead=not place))
        return joined(said, language=language)

    def _path(
        self, edge: Edge, user_id: str, item: int, mass: float, *, language: str
    ) -> ExplainedPath:
        you = PathNode("User", user_id, "您" if spoken(language) == "zh" else "you")
        properties: dict[str, str | float] = {"event": edge.event.name}
        if edge.event.at_s:
            properties["at_s"] = edge.event.at_s
        first = PathStep(
            you, INTERACTED, item_node(self.catalogue, edge.owned, language), properties
        )
        title = self.catalogue.title(edge.owned, language)
        return ExplainedPath(
            steps=(first, *steps_to(self.catalogue, edge, item, language=language)),
            relation=edge.evidence.relation,
            credit=edge.evidence.credit,
            share=min(1.0, edge.evidence.credit / mass) if mass > 0 else 0.0,
            text=because(title, edge.event.name, [edge.predicate], language=language),
        )


def _said(edges: Sequence[Edge]) -> list[str]:
    """The predicates worth saying, none twice: the strongest, then a fact before a likeness."""
    telling = [edge for edge in edges if edge.telling] or list(edges)
    if not telling:
        return []
    first, *others = telling
    most = first.evidence.credit
    strong = [edge for edge in others if edge.evidence.credit >= WEAKEST_SAID * most]
    if first.evidence.entity < 0:
        facts = [edge for edge in others if edge.evidence.entity >= 0]
        strong = [edge for edge in facts if edge.evidence.credit >= WEAKEST_FACT * most] + strong
    said = dict.fromkeys(edge.predicate for edge in (first, *strong))
    return list(said)[:PREDICATES_SAID]
