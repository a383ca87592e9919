// Items that share the rarest entities with an item.
// score = sum over shared entities of the two confidences x ln(1 + items / statements), the
// inverse document frequency (Sparck Jones 1972): a rare brand says more than a common colour.
// Bounded: the item's 5 rarest entities of at most 2,000 statements; confidences are read of the
// 200 items that come first without them.
// :param item_id STRING
// :param limit INTEGER = 20
// :returns item_id, title, shared, score, graph
// :access read
CALL () { MATCH (i:Item) RETURN count(i) AS items }
MATCH (item:Item {id: $item_id})-[r]->(e:Entity)
WITH items, item, e, max(coalesce(r.confidence, 1.0)) AS confidence
WITH items, item, e, confidence, COUNT { (e)<--() } AS statements
WHERE statements <= 2000
WITH items, item, e, confidence, statements
ORDER BY statements, e.id LIMIT 5
WITH item, e, round(confidence * log(1 + toFloat(items) / statements), 6) AS weight
WITH item, collect({entity: e, weight: weight}) AS facts, collect(e) AS entities
CALL (item, facts) {
  UNWIND facts AS fact
  WITH item, fact.entity AS e, fact.weight AS weight
  MATCH (e)<-[r]-(other)
  WHERE other <> item AND NOT type(r) IN ['BROADER', 'SAME_AS']
  WITH e, other, max(weight) AS weight
  WITH other, round(sum(weight), 6) AS promise
  ORDER BY promise DESC, other.id LIMIT 200
  RETURN collect(other) AS found
}
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
       [item, other] + shared + reduce(all = [], one IN stated | all + one) AS graph
ORDER BY score DESC, item_id
