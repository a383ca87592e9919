// Items whose entities lie under the same broader entity as an item's: a linen shirt leads to
// cotton shirts where linen and cotton are both natural fibres.
// score = sum over pairs of entities of the two confidences x ln(1 + items / statements) of the
// other item's entity; entities that both items have do not count.
// Bounded: 5 broader entities, the 20 rarest entities under each, of at most 2,000 statements;
// confidences are read of the 200 items that come first without them.
// :param item_id STRING
// :param limit INTEGER = 20
// :returns item_id, title, broader, entities, score, graph
// :access read
CALL () { MATCH (i:Item) RETURN count(i) AS items }
MATCH (item:Item {id: $item_id})-[r]->(e:Entity)
WITH items, item, e, max(coalesce(r.confidence, 1.0)) AS confidence
WITH items, item, collect(e) AS own, collect({entity: e, confidence: confidence}) AS facts
CALL (own, facts, items) {
  UNWIND facts AS fact
  WITH own, items, fact.entity AS e, fact.confidence AS confidence
  MATCH (e)-[:BROADER]->(b)
  WITH own, items, b, max(confidence) AS confidence
  ORDER BY confidence DESC, b.id LIMIT 5
  CALL (own, items, b) {
    MATCH (b)<-[:BROADER]-(near)
    WHERE NOT near IN own
    WITH items, near, COUNT { (near)<--() } AS statements
    WHERE statements <= 2000 AND statements > 0
    RETURN near, log(1 + toFloat(items) / statements) AS rarity
    ORDER BY rarity DESC, near.id LIMIT 20
  }
  RETURN collect({broader: b, near: near, weight: confidence * rarity}) AS leads
}
CALL (item, leads) {
  UNWIND leads AS lead
  WITH item, lead.near AS near, lead.weight AS weight
  MATCH (near)<-[r]-(other)
  WHERE other <> item AND NOT type(r) IN ['BROADER', 'SAME_AS']
  WITH DISTINCT near, weight, other
  WITH other, round(sum(weight), 6) AS promise
  ORDER BY promise DESC, other.id LIMIT 200
  RETURN other
}
MATCH (other)-[r]->(near:Entity)
WHERE any(lead IN leads WHERE lead.near = near)
WITH item, leads, other, near, max(coalesce(r.confidence, 1.0)) AS confidence
UNWIND [lead IN leads WHERE lead.near = near] AS lead
WITH item, other, near, lead.broader AS b, confidence * lead.weight AS score
ORDER BY b.id, near.id
WITH item, other, collect(DISTINCT b) AS broader, collect(DISTINCT near) AS entities,
     round(sum(score), 6) AS score
ORDER BY score DESC, other.id LIMIT $limit
RETURN other.id AS item_id, other.title AS title, [b IN broader | b.name] AS broader,
       [near IN entities | near.name] AS entities, score,
       [item, other] + broader + entities AS graph
ORDER BY score DESC, item_id
