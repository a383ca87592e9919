// What a user likes of one kind (brand, colour, ...): weights of the user's events times how
// certain the statement is, summed, and its share of all of that kind
// :param user_id STRING
// :param kind STRING
// :param limit INTEGER = 20
// :returns entity_id, name, items, weight, share, graph
// :access read
MATCH (u:User {id: $user_id})-[event:INTERACTED]->(i:Item)
WITH u, i, sum(event.weight) AS events
MATCH (i)-[r]->(e:Entity)
WHERE e.kind = $kind
WITH u, i, events, e, max(r.confidence) AS certain
ORDER BY i.id
WITH u, e, count(i) AS items, round(sum(events * certain), 6) AS weight, collect(i)[0..5] AS examples
WITH collect({user: u, entity: e, items: items, weight: weight, examples: examples}) AS liked,
     sum(weight) AS total
UNWIND liked AS one
WITH one.user AS u, one.entity AS e, one.items AS items, one.weight AS weight,
     CASE WHEN total = 0 THEN 0.0 ELSE one.weight / total END AS share, one.examples AS examples
ORDER BY weight DESC, e.id
LIMIT $limit
UNWIND examples AS example
MATCH path = (u)-[:INTERACTED]->(example)-->(e)
RETURN e.id AS entity_id, e.name AS name, items, weight, share, collect(path) AS graph
ORDER BY weight DESC, entity_id
