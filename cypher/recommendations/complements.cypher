// Items that go with an item: chosen by the same people, but of another category (McAuley 2015).
// score = people of both / sqrt(interactions of the one x of the other). Items without a category
// are no complements; nor are variants.
// Bounded: the newest 300 people of the item, without those of over 1,000 interactions; the 500
// items that most of them chose.
// :param item_id STRING
// :param limit INTEGER = 20
// :returns item_id, title, categories, people, score, graph
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
MATCH (other)-[r:HAS_CATEGORY]->(c)
WITH item, other, people, c, collect(r) AS stated
ORDER BY c.id
WITH item, other, people, collect(c) AS theirs, collect(stated) AS stated
WITH item, collect({other: other, people: people, theirs: theirs, stated: stated}) AS found
WITH item, found,
     COLLECT { MATCH (item)-[:HAS_CATEGORY]->(c) RETURN DISTINCT c } AS own,
     COLLECT { MATCH (item)-[:VARIANT_OF]-(variant) RETURN DISTINCT variant } AS variants
UNWIND found AS one
WITH item, one.other AS other, one.people AS people, one.theirs AS theirs, one.stated AS stated,
     own, variants
WHERE none(c IN theirs WHERE c IN own) AND NOT other IN variants
WITH item, other, people, theirs, stated,
     round(people / sqrt(toFloat(COUNT { (item)<-[:INTERACTED]-() })
                         * COUNT { (other)<-[:INTERACTED]-() }), 6) AS score
ORDER BY score DESC, other.id LIMIT $limit
RETURN other.id AS item_id, other.title AS title, [c IN theirs | c.name] AS categories, people,
       score, [item, other] + theirs + reduce(all = [], one IN stated | all + one) AS graph
ORDER BY score DESC, item_id
