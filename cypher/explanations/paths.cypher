// Paths of at most four steps from a user to an item, best first: over entities, along BROADER, over
// links between items and over their two-step chains; never through another person.
// score = product of the confidences (and link scores) x 1 / log2(1 + degree) of each entity
// between: a hub links everything and says little. Where several statements say the same, the surest.
// steps = the types, one a step. BOUGHT_WITH and LINKED_TO count in both directions.
// Bounded: the user's newest 200 items, the item's 30 rarest entities, 20 broader entities.
// :param user_id STRING
// :param item_id STRING
// :param limit INTEGER = 20
// :returns hops, steps, nodes, names, score, graph
// :access read
MATCH (item:Item {id: $item_id})
MATCH (me:User {id: $user_id})-[r:INTERACTED]->(owned)
WITH me, item, owned, max(r.at_s) AS at_s
ORDER BY at_s DESC, owned.id LIMIT 200
WITH me, item, collect(owned) AS mine
CALL (item) {
  MATCH (item)-[r]->(e:Entity)
  WITH e, type(r) AS type, max(coalesce(r.confidence, 1.0)) AS confidence,
       COUNT { (e)<--() } AS degree
  ORDER BY degree, e.id, type LIMIT 30
  RETURN collect({entity: e, type: type, confidence: confidence,
                  weight: confidence * log(2) / log(1 + degree)}) AS facts,
         collect(e) AS entities
}
CALL (me, item, mine, facts, entities) {
  // One step: chosen before.
  UNWIND mine AS owned
  WITH me, item, owned
  WHERE owned = item
  RETURN ['INTERACTED'] AS steps, [me, item] AS nodes, 1.0 AS score
  UNION ALL
  // Two steps: an item that is linked to it.
  MATCH (item)-[r:VARIANT_OF|LINKED_TO|BOUGHT_WITH|SIMILAR_TO]-(owned)
  WHERE owned IN mine AND owned <> item
  WITH me, item, owned, type(r) AS type, max(coalesce(r.score, 1.0)) AS score
  RETURN ['INTERACTED', type] AS steps, [me, owned, item] AS nodes, score
  UNION ALL
  // Three steps: an entity of both.
  UNWIND mine AS owned
  WITH me, item, facts, entities, owned
  WHERE owned <> item
  MATCH (owned)-[r]->(e:Entity)
  WHERE e IN entities
  WITH me, item, facts, owned, e, type(r) AS type, max(coalesce(r.confidence, 1.0)) AS confidence
  UNWIND [fact IN facts WHERE fact.entity = e] AS fact
  RETURN ['INTERACTED', type, fact.type] AS steps, [me, owned, e, item] AS nodes,
         confidence * fact.weight AS score
  UNION ALL
  // Three steps: two links, over a third item.
  MATCH (item)-[r:VARIANT_OF|LINKED_TO|BOUGHT_WITH|SIMILAR_TO]-(middle)
  WHERE COUNT { (middle)--() } <= 1000 AND middle <> item
  WITH me, item, mine, middle, type(r) AS last, max(coalesce(r.score, 1.0)) AS near
  MATCH (middle)-[r:VARIANT_OF|LINKED_TO|BOUGHT_WITH|SIMILAR_TO]-(owned)
  WHERE owned IN mine AND owned <> item AND owned <> middle
  WITH me, item, middle, owned, last, near, type(r) AS type, max(coalesce(r.score, 1.0)) AS score
  RETURN ['INTERACTED', type, last] AS steps, [me, owned, middle, item] AS nodes,
         score * near AS score
  UNION ALL
  // Four steps: an entity of the one that is broader than an entity of the other.
  UNWIND facts AS fact
  WITH me, item, mine, fact, fact.entity AS e
  MATCH (e)-[:BROADER]->(b)
  WITH me, item, mine, fact, e, b, COUNT { (b)<--() } AS degree
  ORDER BY degree, b.id LIMIT 20
  WITH me, item, mine, collect({fact: fact, e: e, b: b, degree: degree}) AS leads,
       collect(b) AS broader
  UNWIND mine AS owned
  WITH me, item, leads, broader, owned
  WHERE owned <> item
  MATCH (owned)-[r]->(b:Entity)
  WHERE b IN broader
  WITH me, item, leads, owned, b, type(r) AS type, max(coalesce(r.confidence, 1.0)) AS confidence
  UNWIND [lead IN leads WHERE lead.b = b] AS lead
  RETURN ['INTERACTED', type, 'BROADER', lead.fact.type] AS steps,
         [me, owned, b, lead.e, item] AS nodes,
         confidence * lead.fact.weight * log(2) / log(1 + lead.degree) AS score
  UNION ALL
  UNWIND mine AS owned
  WITH me, item, facts, entities, owned
  WHERE owned <> item
  MATCH (owned)-[r]->(e:Entity)-[:BROADER]->(b)
  WHERE b IN entities
  WITH me, item, facts, owned, e, b, type(r) AS type,
       max(coalesce(r.confidence, 1.0)) AS confidence, COUNT { (e)<--() } AS degree
  UNWIND [fact IN facts WHERE fact.entity = b] AS fact
  RETURN ['INTERACTED', type, 'BROADER', fact.type] AS steps, [me, owned, e, b, item] AS nodes,
         confidence * fact.weight * log(2) / log(1 + degree) AS score
}
WITH steps, nodes, [n IN nodes | n.id] AS ids, round(score, 6) AS score
ORDER BY score DESC, size(steps), ids, steps LIMIT $limit
CALL (nodes) {
  UNWIND range(0, size(nodes) - 2) AS position
  WITH nodes[position] AS one, nodes[position + 1] AS next
  MATCH (one)-[r]-(next)
  RETURN collect(DISTINCT r) AS relationships
}
RETURN size(steps) AS hops, steps, ids AS nodes,
       [n IN nodes | coalesce(n.title, n.name, n.id)] AS names, score,
       nodes + relationships AS graph
ORDER BY score DESC, hops, nodes, steps
