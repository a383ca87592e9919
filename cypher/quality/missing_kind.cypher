// Items of which nothing states an entity of a kind (brand, colour, ...)
// :param kind STRING
// :param limit INTEGER = 100
// :returns item_id, title, graph
// :access read
// :slow looks at the statements of every item
MATCH (i:Item)
WHERE NOT EXISTS { MATCH (i)-->(e:Entity) WHERE e.kind = $kind }
RETURN i.id AS item_id, i.title AS title, [i] AS graph
ORDER BY item_id
LIMIT $limit
