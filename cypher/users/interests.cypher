// Entities that a user's items share: how many items carry each, and how certainly on average
// :param user_id STRING
// :param limit INTEGER
// :returns entity_id, kind, name, items, confidence
// :access read
MATCH (:User {id: $user_id})-[:INTERACTED]->(i:Item)
WITH DISTINCT i
MATCH (i)-[r]->(e:Entity)
WITH i, e, max(r.confidence) AS certain
RETURN e.id AS entity_id, e.kind AS kind, e.name AS name,
       count(i) AS items, avg(certain) AS confidence
ORDER BY items DESC, confidence DESC, entity_id
LIMIT $limit
