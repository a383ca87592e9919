// 1 Set parameters: what the library asks for, from the busiest shopper and what they did last
:param [{user_id, item_id, other_id, item_ids, entity_id, entity_ids, id, label, from_id, to_id, kind, text, low, high, now_s, since_s, limit, threshold}] => {
  MATCH (u:User)-[:INTERACTED]->(i:Item)
  WITH u, count(DISTINCT i) AS items ORDER BY items DESC, u.id LIMIT 1
  MATCH (u)-[r:INTERACTED]->(i:Item)
  WITH u, i, max(r.at_s) AS last ORDER BY last DESC, i.id
  WITH u, collect(i) AS items, max(last) AS now_s, min(i.price) AS low, max(i.price) AS high
  WITH u, items, head(items) AS item, now_s, low, high
  OPTIONAL MATCH (item)-[r]->(e:Entity)
  WITH u, items, item, now_s, low, high, e, max(r.confidence) AS confidence
  ORDER BY confidence DESC, e.id
  WITH u, items, item, now_s, low, high, collect(e) AS entities
  RETURN u.id AS user_id, item.id AS item_id, coalesce(items[1], item).id AS other_id,
         [i IN items[..5] | i.id] AS item_ids,
         head(entities).id AS entity_id, [e IN entities[..2] | e.id] AS entity_ids,
         item.id AS id, 'Item' AS label, coalesce(items[1], item).id AS from_id, item.id AS to_id,
         coalesce(head(entities).kind, 'colour') AS kind,
         coalesce(head(entities).name, item.title) AS text,
         coalesce(low, 0.0) AS low, coalesce(high, 0.0) AS high,
         now_s, now_s - 2592000.0 AS since_s, 20 AS limit, 0.5 AS threshold
}
