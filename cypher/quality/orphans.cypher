// Nodes without any relationship: nothing can be learned or said about them
// :param limit INTEGER
// :returns label, id
// :access read
MATCH (n)
WHERE (n:Item OR n:User OR n:Entity) AND NOT (n)--()
RETURN CASE WHEN n:Item THEN 'Item' WHEN n:User THEN 'User' ELSE 'Entity' END AS label, n.id AS id
ORDER BY label, id
LIMIT $limit
