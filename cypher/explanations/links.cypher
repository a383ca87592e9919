// Everything that links two items: relationships between them, entities of both, broader entities of
// both, and how many people chose both (counted, never named). Strongest first within each kind.
// strength: score of a link; lesser confidence for an entity; 1 for broader; people for people.
// Bounded: people_between counts over the newest 300 people of the item, without those of over
// 1,000 interactions.
// :param item_id STRING
// :param other_id STRING
// :returns kind, relationship, name, strength, graph
// :access read
MATCH (item:Item {id: $item_id}), (other:Item {id: $other_id})
WHERE item <> other
CALL (item, other) {
  MATCH (item)-[r:VARIANT_OF|LINKED_TO|BOUGHT_WITH|SIMILAR_TO]-(other)
  RETURN 1 AS place, 'link' AS kind, type(r) AS relationship,
         coalesce(r.kind, type(r)) AS name, coalesce(r.score, 1.0) AS strength, [r] AS drawn
  UNION ALL
  MATCH (item)-[r]->(e:Entity)
  WITH other, e, type(r) AS relationship, max(coalesce(r.confidence, 1.0)) AS one,
       collect(r) AS stated
  MATCH (other)-[r]->(e)
  WHERE type(r) = relationship
  WITH e, relationship, one, stated, max(coalesce(r.confidence, 1.0)) AS two, collect(r) AS more
  RETURN 2 AS place, 'entity' AS kind, relationship, e.name AS name,
         CASE WHEN one < two THEN one ELSE two END AS strength, [e] + stated + more AS drawn
  UNION ALL
  MATCH (item)-->(:Entity)-[:BROADER]->(b)
  WITH DISTINCT other, b
  MATCH (other)-->(:Entity)-[:BROADER]->(b)
  WITH DISTINCT b
  RETURN 3 AS place, 'broader' AS kind, 'BROADER' AS relationship, b.name AS name,
         1.0 AS strength, [b] AS drawn
  UNION ALL
  MATCH (item)<-[r:INTERACTED]-(u)
  WITH other, u, max(r.at_s) AS last_s
  ORDER BY last_s DESC, u.id LIMIT 300
  WITH other, u
  WHERE COUNT { (u)-[:INTERACTED]->() } <= 1000
  MATCH (u)-[:INTERACTED]->(other)
  WITH count(DISTINCT u) AS people
  WHERE people > 0
  RETURN 4 AS place, 'people' AS kind, 'INTERACTED' AS relationship, 'people who chose both' AS name,
         toFloat(people) AS strength, [] AS drawn
}
RETURN kind, relationship, name, strength, [item, other] + drawn AS graph
ORDER BY place, strength DESC, relationship, name
