// What a user did, newest first
// :param user_id STRING
// :param limit INTEGER = 20
// :returns item_id, title, event, weight, at_s, graph
// :access read
MATCH path = (:User {id: $user_id})-[r:INTERACTED]->(i:Item)
RETURN i.id AS item_id, i.title AS title, r.event AS event, r.weight AS weight, r.at_s AS at_s,
       [path] AS graph
ORDER BY at_s DESC, item_id, event
LIMIT $limit
