// Items that nobody has touched since a moment, those that nobody ever touched first
// :param since_s FLOAT
// :param limit INTEGER = 100
// :returns item_id, title, events, last_at_s, graph
// :access read
// :slow looks at every item's events
MATCH (i:Item)
WHERE NOT EXISTS { MATCH (i)<-[late:INTERACTED]-(:User) WHERE late.at_s >= $since_s }
OPTIONAL MATCH (i)<-[r:INTERACTED]-(:User)
WITH i, count(r) AS events, max(r.at_s) AS last_at_s
RETURN i.id AS item_id, i.title AS title, events, last_at_s, [i] AS graph
ORDER BY coalesce(last_at_s, 0), item_id
LIMIT $limit
