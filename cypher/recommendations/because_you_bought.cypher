// For each of the items that a user chose last, the items that its people chose too.
// score = people of both / sqrt(interactions of the one x of the other); at most five a shelf.
// Bounded: the user's newest 5 items of at most 1,000 interactions, the newest 50 people of each
// without those of over 1,000 interactions, the 200 items that most of them chose.
// :param user_id STRING
// :param limit INTEGER = 20
// :returns owned_id, owned_title, item_id, title, people, score, graph
// :access read
// :slow on the embedded engine for people with popular items: all their events are read
MATCH (me:User {id: $user_id})-[r:INTERACTED]->(item)
WITH me, item, max(r.at_s) AS at_s
ORDER BY at_s DESC, item.id
WITH me, collect(item) AS mine, collect({item: item, at_s: at_s}) AS history
CALL (me, history) {
  UNWIND history AS one
  WITH me, one.item AS item, one.at_s AS at_s
  WHERE COUNT { (item)<-[:INTERACTED]-() } <= 1000
  WITH me, item, at_s LIMIT 5
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
  RETURN item, at_s, other, people
}
WITH item, at_s, other, people
WHERE NOT other IN mine
WITH item, at_s, other, people,
     round(people / sqrt(toFloat(COUNT { (item)<-[:INTERACTED]-() })
                         * COUNT { (other)<-[:INTERACTED]-() }), 6) AS score
ORDER BY score DESC, other.id
WITH item, at_s, collect({other: other, people: people, score: score})[..5] AS shelf
UNWIND shelf AS one
WITH item, at_s, one.other AS other, one.people AS people, one.score AS score
RETURN item.id AS owned_id, item.title AS owned_title, other.id AS item_id, other.title AS title,
       people, score, [item, other] AS graph
ORDER BY at_s DESC, owned_id, score DESC, item_id
LIMIT $limit
