// Entities that a user's items share: how many items carry each, and how certainly on average
// :param user_id STRING
// :param limit INTEGER = 20
// :returns entity_id, kind, name, items, confidence, graph
// :access read
MATCH (u:User {id: $user_id})-[:INTERACTED]->(i:Item)
WITH DISTINCT u, i
MATCH (i)-[r]->(e:Entity)
WITH u, i, e, max(r.confidence) AS certain
ORDER BY i.id
WITH u, e, count(i) AS items, round(avg(certain), 6) AS confidence, collect(i)[0..5] AS examples
ORDER BY items DESC, confidence DESC, e.id
LIMIT $limit
UNWIND examples AS example
MATCH path = (u)-[:INTERACTED]->(example)-->(e)
RETURN e.id AS entity_id, e.kind AS kind, e.name AS name, items, confidence,
       collect(path) AS graph
ORDER BY items DESC, confidence DESC, entity_id
