// Items that the people who chose an item also chose, by how many people
// :param item_id STRING
// :param limit INTEGER
// :returns item_id, title, people
// :access read
MATCH (:Item {id: $item_id})<-[:INTERACTED]-(u:User)
WITH DISTINCT u
MATCH (u)-[:INTERACTED]->(other:Item)
WITH other, count(DISTINCT u) AS people
WHERE other.id <> $item_id
RETURN other.id AS item_id, other.title AS title, people
ORDER BY people DESC, item_id
LIMIT $limit
