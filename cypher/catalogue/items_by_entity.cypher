// Items that carry an entity (a brand, a colour, ...), most certain first
// :param entity_id STRING
// :param limit INTEGER = 20
// :returns item_id, title, relationship, confidence, graph
// :access read
MATCH (e:Entity {id: $entity_id})
WITH e
MATCH (i:Item)-[r]->(e)
WITH e, i, type(r) AS relationship, max(r.confidence) AS confidence
ORDER BY confidence DESC, i.id, relationship
LIMIT $limit
MATCH path = (i)-[r]->(e)
WHERE type(r) = relationship AND r.confidence = confidence
RETURN i.id AS item_id, i.title AS title, relationship, confidence, collect(path) AS graph
ORDER BY confidence DESC, item_id, relationship
