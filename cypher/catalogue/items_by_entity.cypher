// Items that carry an entity (a brand, a colour, ...), most certain first
// :param entity_id STRING
// :param limit INTEGER
// :returns item_id, title, relationship, confidence
// :access read
MATCH (e:Entity {id: $entity_id})
WITH e
MATCH (i:Item)-[r]->(e)
WITH i, type(r) AS relationship, max(r.confidence) AS confidence
RETURN i.id AS item_id, i.title AS title, relationship, confidence
ORDER BY confidence DESC, item_id, relationship
LIMIT $limit
