// Why an item was not suggested to a user: what speaks for it and what does not, one check a row.
// speaks_for is false where the check stands in the way; count says how much there is of it.
//   1 not_chosen      how often the user chose it already
//   2 shared_entities entities of the item that items of the user's have too
//   3 co_purchase     other people who chose it and an item of the user's
//   4 price_band      items of the user's with a price from half to twice the item's (true, too,
//                     where the item's price or all of theirs are unknown)
//   5 popularity      other people who chose it at all
//   6 embedding       1 where the promoted model knows the item
// No rows: the user or the item is not in the graph.
// Bounded: the user's newest 200 items; co_purchase: the item's newest 300 people, without those of
// over 1,000 interactions.
// :param user_id STRING
// :param item_id STRING
// :returns step, check, speaks_for, count, graph
// :access read
MATCH (me:User {id: $user_id}), (item:Item {id: $item_id})
OPTIONAL MATCH (me)-[r:INTERACTED]->(owned)
WITH me, item, owned, max(r.at_s) AS at_s
ORDER BY at_s DESC, owned.id LIMIT 200
WITH me, item, collect(owned) AS chosen
WITH me, item, [owned IN chosen WHERE owned <> item] AS mine
CALL (me, item, mine) {
  OPTIONAL MATCH (me)-[r:INTERACTED]->(item)
  WITH item, count(r) AS count, collect(r) AS events
  RETURN 1 AS step, 'not_chosen' AS check, count = 0 AS speaks_for, count, events AS evidence
  UNION ALL
  WITH mine, COLLECT { MATCH (item)-->(e:Entity) RETURN DISTINCT e } AS entities
  CALL (mine, entities) {
    UNWIND mine AS owned
    MATCH (owned)-->(e:Entity)
    WHERE e IN entities
    WITH DISTINCT e
    ORDER BY e.id
    RETURN collect(e) AS shared
  }
  RETURN 2 AS step, 'shared_entities' AS check, size(shared) > 0 AS speaks_for,
         size(shared) AS count, shared AS evidence
  UNION ALL
  OPTIONAL MATCH (item)<-[r:INTERACTED]-(u)
  WHERE u <> me
  WITH mine, u, max(r.at_s) AS last_s
  ORDER BY last_s DESC, u.id LIMIT 300
  OPTIONAL MATCH (u)-[:INTERACTED]->(owned)
  WHERE owned IN mine AND COUNT { (u)-[:INTERACTED]->() } <= 1000
  WITH u, owned
  ORDER BY owned.id
  WITH count(DISTINCT CASE WHEN owned IS NOT NULL THEN u END) AS count,
       collect(DISTINCT owned) AS evidence
  RETURN 3 AS step, 'co_purchase' AS check, count > 0 AS speaks_for, count, evidence
  UNION ALL
  WITH item.price AS price, [owned IN mine WHERE owned.price IS NOT NULL] AS priced
  WITH price, priced,
       [owned IN priced WHERE owned.price >= price / 2.0 AND owned.price <= price * 2] AS alike
  RETURN 4 AS step, 'price_band' AS check,
         price IS NULL OR size(priced) = 0 OR size(alike) > 0 AS speaks_for,
         size(alike) AS count, alike AS evidence
  UNION ALL
  OPTIONAL MATCH (item)<-[:INTERACTED]-(u)
  WHERE u <> me
  WITH count(DISTINCT u) AS count
  RETURN 5 AS step, 'popularity' AS check, count > 0 AS speaks_for, count, [] AS evidence
  UNION ALL
  WITH CASE WHEN item.embedding IS NULL THEN 0 ELSE 1 END AS count
  RETURN 6 AS step, 'embedding' AS check, count = 1 AS speaks_for, count, [] AS evidence
}
RETURN step, check, speaks_for, count, [me, item] + evidence AS graph
ORDER BY step
