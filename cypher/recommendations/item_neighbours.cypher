// Items with the most similar column of people (item-based collaborative filtering, Sarwar 2001):
// score = people of both / sqrt(interactions of the one x of the other), the cosine where nobody
// chose an item twice.
// Bounded: the newest 300 people of the item, without those of over 1,000 interactions; the 500
// items that most of them chose.
// :param item_id STRING
// :param limit INTEGER = 20
// :returns item_id, title, people, score, graph
// :access read
MATCH (item:Item {id: $item_id})<-[r:INTERACTED]-(u)
WITH item, u, max(r.at_s) AS last_s
ORDER BY last_s DESC, u.id LIMIT 300
WITH item, u
WHERE COUNT { (u)-[:INTERACTED]->() } <= 1000
MATCH (u)-[:INTERACTED]->(other)
WHERE other <> item
WITH item, other, count(DISTINCT u) AS people
ORDER BY people DESC, other.id LIMIT 500
WITH item, other, people,
     round(people / sqrt(toFloat(COUNT { (item)<-[:INTERACTED]-() })
                         * COUNT { (other)<-[:INTERACTED]-() }), 6) AS score
ORDER BY score DESC, other.id LIMIT $limit
RETURN other.id AS item_id, other.title AS title, people, score, [item, other] AS graph
ORDER BY score DESC, item_id
