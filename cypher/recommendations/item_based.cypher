// Items for a user, by the items they chose: the sum over these of people of both
// / sqrt(interactions of the one x of the other) (item-based collaborative filtering, Sarwar 2001).
// Bounded: the user's newest 10 items of at most 1,000 interactions, the newest 50 people of each
// without those of over 1,000 interactions, the 200 items that most of them chose.
// :param user_id STRING
// :param limit INTEGER = 20
// :returns item_id, title, because, score, graph
// :access read
// :slow on the embedded engine for people with popular items: all their events are read
MATCH (me:User {id: $user_id})-[r:INTERACTED]->(item)
WITH me, item, max(r.at_s) AS at_s
ORDER BY at_s DESC, item.id
WITH me, collect(item) AS mine
CALL (me, mine) {
  UNWIND mine AS item
  WITH me, item
  WHERE COUNT { (item)<-[:INTERACTED]-() } <= 1000
  WITH me, item LIMIT 10
  CALL (me, item) {
    MATCH (item)<-[r:INTERACTED]-(u)
    WHERE u <> me
    WITH u, max(r.at_s) AS last_s
    ORDER BY last_s DESC, u.id LIMIT 50
    WITH u
    WHERE COUNT { (u)-[:INTERACTED]->() } <= 1000
    MATCH (u)-[:INTERACTED]->(other)
    WITH other, count(DISTINCT u) AS people
    ORDER BY people DESC, other.id LIMIT 200
    RETURN other, people
  }
  RETURN item, other, people
}
WITH mine, item, other, people
WHERE NOT other IN mine
WITH item, other, people / sqrt(toFloat(COUNT { (item)<-[:INTERACTED]-() })
                                * COUNT { (other)<-[:INTERACTED]-() }) AS similarity
ORDER BY item.id
WITH other, collect(item) AS because, round(sum(similarity), 6) AS score
ORDER BY score DESC, other.id LIMIT $limit
RETURN other.id AS item_id, other.title AS title, [item IN because | item.title] AS because, score,
       because + [other] AS graph
ORDER BY score DESC, item_id
