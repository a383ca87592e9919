// Entities of a kind (brand, colour, ...) by how many items carry them
// :param kind STRING
// :param limit INTEGER = 50
// :returns entity_id, name, items, graph
// :access read
// :slow counts the items of every entity of the kind, of colours nearly all statements
MATCH (e:Entity {kind: $kind})
OPTIONAL MATCH (i:Item)-->(e)
WITH e, count(DISTINCT i) AS items
RETURN e.id AS entity_id, e.name AS name, items, [e] AS graph
ORDER BY items DESC, entity_id
LIMIT $limit
