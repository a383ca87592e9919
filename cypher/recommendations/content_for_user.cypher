// Items a user has not chosen that share the rarest entities with what they chose.
// score = sum over entities of the user's interest (summed confidence over their items) x the
// item's confidence x ln(1 + items / statements), the inverse document frequency.
// Bounded: the user's newest 100 items, their 6 weightiest entities of at most 2,000 statements;
// confidences are read of the 200 items that come first without them, of 1,000 with those chosen.
// :param user_id STRING
// :param limit INTEGER = 20
// :returns item_id, title, shared, score, graph
// :access read
CALL () { MATCH (i:Item) RETURN count(i) AS items }
MATCH (u:User {id: $user_id})-[r:INTERACTED]->(item)
WITH items, item, max(r.at_s) AS at_s
ORDER BY at_s DESC, item.id
WITH items, collect(item) AS mine
CALL (items, mine) {
  UNWIND mine[..100] AS item
  MATCH (item)-[r]->(e:Entity)
  WITH items, item, e, max(coalesce(r.confidence, 1.0)) AS confidence
  WITH items, e, sum(confidence) AS interest
  WITH items, e, interest, COUNT { (e)<--() } AS statements
  WHERE statements <= 2000
  WITH e, round(interest * log(1 + toFloat(items) / statements), 6) AS weight
  ORDER BY weight DESC, e.id LIMIT 6
  RETURN collect({entity: e, weight: weight}) AS facts, collect(e) AS entities
}
CALL (facts) {
  UNWIND facts AS fact
  WITH fact.entity AS e, fact.weight AS weight
  MATCH (e)<-[r]-(other)
  WHERE NOT type(r) IN ['BROADER', 'SAME_AS']
  WITH e, other, max(weight) AS weight
  WITH other, round(sum(weight), 6) AS promise
  ORDER BY promise DESC, other.id LIMIT 1000
  RETURN collect(other) AS promising
}
WITH facts, entities, [other IN promising WHERE NOT other IN mine][..200] AS found
CALL (facts, entities, found) {
  UNWIND found AS other
  MATCH (other)-[r]->(e)
  WHERE e IN entities
  WITH facts, other, e, max(coalesce(r.confidence, 1.0)) AS confidence, collect(r) AS stated
  WITH other, e, stated,
       confidence * head([fact IN facts WHERE fact.entity = e | fact.weight]) AS gain
  ORDER BY other.id, e.id
  WITH other, collect(e) AS shared, collect(stated) AS stated, round(sum(gain), 6) AS score
  ORDER BY score DESC, other.id LIMIT $limit
  RETURN other, shared, stated, score
}
RETURN other.id AS item_id, other.title AS title, [e IN shared | e.name] AS shared, score,
       [other] + shared + reduce(all = [], one IN stated | all + one) AS graph
ORDER BY score DESC, item_id
