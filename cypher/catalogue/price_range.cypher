// Items that cost no less and no more than asked and carry all of some entities, cheapest first
// :param low FLOAT = 0
// :param high FLOAT
// :param entity_ids LIST<STRING> = []
// :param limit INTEGER = 20
// :returns item_id, title, price, graph
// :access read
// :slow without an index on Item.price it looks at every item
MATCH (i:Item)
WHERE i.price >= $low AND i.price <= $high
  AND (size($entity_ids) = 0
       OR all(id IN $entity_ids WHERE EXISTS { MATCH (i)-->(:Entity {id: id}) }))
RETURN i.id AS item_id, i.title AS title, i.price AS price, [i] AS graph
ORDER BY price, item_id
LIMIT $limit
