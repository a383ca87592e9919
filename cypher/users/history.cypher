// What a user did, newest first
// :param user_id STRING
// :param limit INTEGER
// :returns item_id, title, event, weight, at_s
// :access read
MATCH (:User {id: $user_id})-[r:INTERACTED]->(i:Item)
RETURN i.id AS item_id, i.title AS title, r.event AS event, r.weight AS weight, r.at_s AS at_s
ORDER BY at_s DESC, item_id, event
LIMIT $limit
