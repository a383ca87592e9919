// Nodes with the most relationships: they join everything to everything and say little
// :param limit INTEGER = 20
// :returns label, id, relationships, graph
// :people the most active users
// :access read
// :slow looks at every node
MATCH (n)
WHERE n:Item OR n:User OR n:Entity
WITH n, COUNT { (n)--() } AS relationships
ORDER BY relationships DESC, n.id
LIMIT $limit
RETURN CASE WHEN n:Item THEN 'Item' WHEN n:User THEN 'User' ELSE 'Entity' END AS label,
       n.id AS id, relationships, [n] AS graph
ORDER BY relationships DESC, id
