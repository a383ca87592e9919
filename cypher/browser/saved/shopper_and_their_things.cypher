// 4 Busiest shopper: their last ten things, and what these have in common
MATCH (u:User)-[r:INTERACTED]->(i:Item)
WITH u, count(DISTINCT i) AS items ORDER BY items DESC, u.id LIMIT 1
MATCH (u)-[r:INTERACTED]->(i:Item)
WITH u, i, max(r.at_s) AS last ORDER BY last DESC, i.id LIMIT 10
WITH u, collect(i) AS things
UNWIND things AS thing
MATCH (thing)-->(e:Entity)
WITH u, things, e, collect(DISTINCT thing) AS sharing
WHERE size(sharing) > 1
WITH u, things, e, sharing ORDER BY size(sharing) DESC, e.id LIMIT 8
MATCH shared = (u)-[:INTERACTED]->(i)-->(e)
WHERE i IN sharing
RETURN e.kind AS kind, e.name AS name, size(sharing) AS things, collect(shared) AS graph
ORDER BY things DESC, name
