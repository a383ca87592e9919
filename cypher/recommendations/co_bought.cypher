// Items that the people who chose an item also chose, by how many people.
// Bounded: the newest 300 people of the item, without those of over 1,000 interactions.
// :param item_id STRING
// :param limit INTEGER = 20
// :returns item_id, title, people, graph
// :access read
MATCH (item:Item {id: $item_id})<-[r:INTERACTED]-(u)
WITH item, u, max(r.at_s) AS last_s
ORDER BY last_s DESC, u.id LIMIT 300
WITH item, u
WHERE COUNT { (u)-[:INTERACTED]->() } <= 1000
MATCH (u)-[:INTERACTED]->(other)
WHERE other <> item
WITH item, other, count(DISTINCT u) AS people
ORDER BY people DESC, other.id LIMIT $limit
RETURN other.id AS item_id, other.title AS title, people, [item, other] AS graph
ORDER BY people DESC, item_id
