// The most chosen items of an entity (a category, a brand, a colour), by interactions.
// people = how many users that is. Cost grows with the entity's statements.
// :param entity_id STRING
// :param limit INTEGER = 20
// :returns item_id, title, interactions, people, graph
// :access read
MATCH (e:Entity {id: $entity_id})<-[r]-(item)
WHERE NOT type(r) IN ['BROADER', 'SAME_AS']
WITH e, item, collect(r) AS stated
WITH e, item, stated, COUNT { (item)<-[:INTERACTED]-() } AS interactions
ORDER BY interactions DESC, item.id LIMIT $limit
CALL (item) { MATCH (item)<-[:INTERACTED]-(u) RETURN count(DISTINCT u) AS people }
RETURN item.id AS item_id, item.title AS title, interactions, people, [item, e] + stated AS graph
ORDER BY interactions DESC, item_id
