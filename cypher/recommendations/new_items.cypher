// Items of an entity that nobody chose before since_s: first those nobody chose yet, then those
// chosen first most lately. Cost grows with the entity's statements.
// Bounded: items of over 1,000 interactions are not new.
// :param entity_id STRING
// :param since_s FLOAT
// :param limit INTEGER = 20
// :returns item_id, title, first_s, interactions, graph
// :access read
// :slow on the embedded engine for entities of thousands of items: all events are read
MATCH (e:Entity {id: $entity_id})<-[r]-(item)
WHERE NOT type(r) IN ['BROADER', 'SAME_AS']
WITH e, item, collect(r) AS stated
WHERE COUNT { (item)<-[:INTERACTED]-() } <= 1000
OPTIONAL MATCH (item)<-[r:INTERACTED]-()
WITH e, item, stated, min(r.at_s) AS first_s, count(r) AS interactions
WHERE first_s IS NULL OR first_s >= $since_s
WITH e, item, stated, first_s, interactions
ORDER BY first_s IS NULL DESC, first_s DESC, item.id LIMIT $limit
RETURN item.id AS item_id, item.title AS title, first_s, interactions,
       [item, e] + stated AS graph
ORDER BY first_s IS NULL DESC, first_s DESC, item_id
