// Items a user owns that share an entity with an item; confidence is the lesser of the two ends,
// evidence the item's most certain
// :param user_id STRING
// :param item_id STRING
// :returns owned_id, owned_title, relationship, entity_id, entity_name, confidence, evidence
// :access read
MATCH (:Item {id: $item_id})-[r]->(e:Entity)
WITH e.id AS entity_id, type(r) AS relationship, r.confidence AS confidence, r.evidence AS evidence
ORDER BY confidence DESC, evidence
WITH entity_id, relationship,
     collect({confidence: confidence, evidence: evidence})[0] AS best
WITH collect({entity_id: entity_id, relationship: relationship, best: best}) AS statements,
     collect(entity_id) AS entity_ids
MATCH (:User {id: $user_id})-[:INTERACTED]->(owned:Item)
WHERE owned.id <> $item_id
WITH DISTINCT statements, entity_ids, owned
MATCH (owned)-[r]->(e:Entity)
WHERE e.id IN entity_ids
WITH statements, owned, e, type(r) AS relationship, max(r.confidence) AS owned_confidence
UNWIND statements AS statement
WITH owned, e, relationship, owned_confidence, statement
WHERE statement.entity_id = e.id AND statement.relationship = relationship
RETURN owned.id AS owned_id, owned.title AS owned_title, relationship,
       e.id AS entity_id, e.name AS entity_name,
       CASE WHEN owned_confidence < statement.best.confidence
            THEN owned_confidence ELSE statement.best.confidence END AS confidence,
       statement.best.evidence AS evidence
ORDER BY confidence DESC, owned_id, entity_id, relationship
