// How a user's taste has moved: for each entity the share of the user's items that carry it
// before a moment and since then, the greatest move first
// :param user_id STRING
// :param since_s FLOAT
// :param limit INTEGER = 20
// :returns entity_id, kind, name, before, since, change, graph
// :access read
MATCH (:User {id: $user_id})-[event:INTERACTED]->(i:Item)
WITH i, max(event.at_s) >= $since_s AS late, min(event.at_s) < $since_s AS early
WITH collect({item: i, early: early, late: late}) AS events,
     sum(CASE WHEN early THEN 1 ELSE 0 END) AS earlier,
     sum(CASE WHEN late THEN 1 ELSE 0 END) AS later
UNWIND events AS one
WITH one.item AS i, one.early AS early, one.late AS late, earlier, later
WHERE earlier > 0 AND later > 0
MATCH (i)-->(e:Entity)
WITH DISTINCT i, early, late, earlier, later, e
WITH e, earlier, later, sum(CASE WHEN early THEN 1 ELSE 0 END) AS had,
     sum(CASE WHEN late THEN 1 ELSE 0 END) AS has
WITH e, toFloat(had) / earlier AS before, toFloat(has) / later AS since
WITH e, before, since, round(since - before, 6) AS change
WHERE change <> 0
RETURN e.id AS entity_id, e.kind AS kind, e.name AS name, before, since, change, [e] AS graph
ORDER BY abs(change) DESC, entity_id
LIMIT $limit
