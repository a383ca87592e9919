// Nodes without any relationship: nothing can be learned or said about them
// :param limit INTEGER = 100
// :returns label, id, graph
// :people users without any relationship
// :access read
// :slow looks at every node
MATCH (n)
WHERE (n:Item OR n:User OR n:Entity) AND NOT (n)--()
RETURN CASE WHEN n:Item THEN 'Item' WHEN n:User THEN 'User' ELSE 'Entity' END AS label,
       n.id AS id, [n] AS graph
ORDER BY label, id
LIMIT $limit
