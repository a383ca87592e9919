// Items to take instead of an item: of its category and alike in other entities, but seldom chosen
// by the same people (McAuley 2015).
// score = share of the item's entities that the other has, x (1 - people of both / people of
// whichever has fewer).
// Bounded: the item's 5 rarest entities of at most 2,000 statements; of the 200 items that share
// most of them those of a category of the item; the newest 300 people of the item, without those
// of over 1,000 interactions.
// :param item_id STRING
// :param limit INTEGER = 20
// :returns item_id, title, shared, people, score, graph
// :access read
MATCH (item:Item {id: $item_id})
WITH item, COLLECT { MATCH (item)-[:HAS_CATEGORY]->(c) RETURN DISTINCT c } AS own
MATCH (item)-[r]->(e:Entity)
WITH DISTINCT item, own, e, COUNT { (e)<--() } AS statements
WITH item, own, e, statements
WHERE statements <= 2000
ORDER BY statements, e.id LIMIT 5
WITH item, own, collect(e) AS entities
CALL (item, entities) {
  UNWIND entities AS e
  MATCH (e)<-[r]-(other)
  WHERE other <> item AND NOT type(r) IN ['BROADER', 'SAME_AS']
  WITH other, count(DISTINCT e) AS shared
  ORDER BY shared DESC, other.id LIMIT 200
  RETURN collect(other) AS candidates
}
CALL (item) {
  OPTIONAL MATCH (item)<-[r:INTERACTED]-(u)
  WITH u, max(r.at_s) AS last_s
  ORDER BY last_s DESC, u.id LIMIT 300
  WITH u
  WHERE COUNT { (u)-[:INTERACTED]->() } <= 1000
  RETURN collect(u) AS people
}
UNWIND candidates AS other
WITH item, own, entities, people, other
WHERE EXISTS { MATCH (other)-[:HAS_CATEGORY]->(c) WHERE c IN own }
MATCH (other)-[r]->(e:Entity)
WHERE e IN entities
WITH item, entities, people, other, e, collect(r) AS stated
ORDER BY e.id
WITH item, entities, people, other, collect(e) AS shared, collect(stated) AS stated
ORDER BY size(shared) DESC, other.id LIMIT 50
CALL (people, other) {
  UNWIND people AS u
  MATCH (u)-[:INTERACTED]->(other)
  RETURN count(DISTINCT u) AS together
}
CALL (other) { MATCH (other)<-[:INTERACTED]-(u) RETURN count(DISTINCT u) AS theirs }
WITH item, entities, other, shared, stated, together,
     CASE WHEN theirs < size(people) THEN theirs ELSE size(people) END AS fewer
WITH item, other, shared, stated, together,
     round(toFloat(size(shared)) / size(entities)
           * (1 - CASE fewer WHEN 0 THEN 0.0 ELSE toFloat(together) / fewer END), 6) AS score
ORDER BY score DESC, other.id LIMIT $limit
RETURN other.id AS item_id, other.title AS title, [e IN shared | e.name] AS shared,
       together AS people, score,
       [item, other] + shared + reduce(all = [], one IN stated | all + one) AS graph
ORDER BY score DESC, item_id
