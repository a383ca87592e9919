// Items that the people most like a user chose, by the sum of their likeness (user-based
// collaborative filtering, Resnick 1994); likeness = items in common / sqrt(interactions of the one
// x of the other). People are counted, never named.
// Bounded: the user's newest 20 items of at most 1,000 interactions, the 50 people most like them
// among the 200 with the most in common, without those of over 1,000 interactions; 1,000 items.
// :param user_id STRING
// :param limit INTEGER = 20
// :returns item_id, title, people, score, graph
// :access read
MATCH (me:User {id: $user_id})-[r:INTERACTED]->(item)
WITH me, item, max(r.at_s) AS at_s
ORDER BY at_s DESC, item.id
WITH me, collect(item) AS mine
CALL (me, mine) {
  UNWIND mine AS item
  WITH me, item
  WHERE COUNT { (item)<-[:INTERACTED]-() } <= 1000
  WITH me, item LIMIT 20
  MATCH (item)<-[:INTERACTED]-(u)
  WHERE u <> me
  WITH me, u, count(DISTINCT item) AS common
  ORDER BY common DESC, u.id LIMIT 200
  WITH me, u, common, COUNT { (u)-[:INTERACTED]->() } AS theirs
  WHERE theirs <= 1000
  WITH u, common / sqrt(toFloat(COUNT { (me)-[:INTERACTED]->() }) * theirs) AS likeness
  ORDER BY likeness DESC, u.id LIMIT 50
  MATCH (u)-[:INTERACTED]->(other)
  WITH u, other, max(likeness) AS likeness
  WITH other, count(u) AS people, round(sum(likeness), 6) AS score
  ORDER BY score DESC, other.id LIMIT 1000
  RETURN other, people, score
}
WITH mine, other, people, score
WHERE NOT other IN mine
WITH other, people, score
ORDER BY score DESC, other.id LIMIT $limit
RETURN other.id AS item_id, other.title AS title, people, score, [other] AS graph
ORDER BY score DESC, item_id
