// FOR ADMINISTRATORS ONLY: each row names another person. Paths of three steps from a user to an
// item through somebody who chose both an item of the user's and the item; best first.
// For an answer that counts people and names none see explanations/co_purchase.
// score = 1 / log2(1 + interactions of the shared item) x 1 / log2(1 + interactions of the person).
// Bounded: the newest 300 people of the item, without those of over 1,000 interactions; the user's
// newest 200 items.
// :param user_id STRING
// :param item_id STRING
// :param limit INTEGER = 20
// :returns owned_id, owned_title, person_id, score, graph
// :people who chose both the item and an item of the user
// :access read
MATCH (me:User {id: $user_id})-[r:INTERACTED]->(owned)
WITH me, owned, max(r.at_s) AS at_s
ORDER BY at_s DESC, owned.id LIMIT 200
WITH me, collect(owned) AS mine
MATCH (item:Item {id: $item_id})<-[r:INTERACTED]-(person)
WHERE person <> me
WITH me, mine, item, person, max(r.at_s) AS last_s
ORDER BY last_s DESC, person.id LIMIT 300
WITH me, mine, item, person, COUNT { (person)-[:INTERACTED]->() } AS theirs
WHERE theirs <= 1000
MATCH (person)-[:INTERACTED]->(owned)
WHERE owned IN mine AND owned <> item
WITH DISTINCT me, item, person, theirs, owned
WITH me, item, person, owned,
     round(log(2) / log(1 + COUNT { (owned)<-[:INTERACTED]-() }) * log(2) / log(1 + theirs), 6)
       AS score
ORDER BY score DESC, owned.id, person.id LIMIT $limit
CALL (me, item, person, owned) {
  MATCH (me)-[r:INTERACTED]->(owned) RETURN collect(r) AS chosen
}
CALL (item, person, owned) {
  MATCH (person)-[r:INTERACTED]->(other) WHERE other = item OR other = owned
  RETURN collect(r) AS both
}
RETURN owned.id AS owned_id, owned.title AS owned_title, person.id AS person_id, score,
       [me, owned, person, item] + chosen + both AS graph
ORDER BY score DESC, owned_id, person_id
