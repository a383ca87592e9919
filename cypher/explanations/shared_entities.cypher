// Items a user owns that share an entity with an item; confidence is the lesser of the two ends,
// evidence the item's most certain
// :param user_id STRING
// :param item_id STRING
// :returns owned_id, owned_title, relationship, entity_id, entity_name, confidence, evidence, graph
// :access read
MATCH (item:Item {id: $item_id})-[r]->(e:Entity)
WITH item, e.id AS entity_id, type(r) AS relationship, r
ORDER BY r.confidence DESC, r.evidence
WITH item, entity_id, relationship, collect(r)[0] AS best
WITH item, collect({entity_id: entity_id, relationship: relationship, best: best}) AS statements,
     collect(entity_id) AS entity_ids
MATCH (:User {id: $user_id})-[:INTERACTED]->(owned:Item)
WHERE owned.id <> $item_id
WITH DISTINCT item, statements, entity_ids, owned
MATCH (owned)-[r]->(e:Entity)
WHERE e.id IN entity_ids
WITH item, statements, owned, e, type(r) AS relationship, max(r.confidence) AS owned_confidence,
     collect(r) AS stated
UNWIND statements AS statement
WITH item, owned, e, relationship, owned_confidence, stated, statement
WHERE statement.entity_id = e.id AND statement.relationship = relationship
WITH item, owned, e, relationship, owned_confidence, stated, statement.best AS best
RETURN owned.id AS owned_id, owned.title AS owned_title, relationship,
       e.id AS entity_id, e.name AS entity_name,
       CASE WHEN owned_confidence < best.confidence
            THEN owned_confidence ELSE best.confidence END AS confidence,
       best.evidence AS evidence,
       [owned, e, item, best] + stated AS graph
ORDER BY confidence DESC, owned_id, entity_id, relationship
