// What a node is related to, by type, direction and id; people only where people is true.
// direction: out, in or both; no types: all
// :param label STRING
// :param id STRING
// :param types LIST<STRING> = []
// :param direction STRING = "both"
// :param people BOOLEAN = false
// :returns type, direction, properties, node, graph
// :people who are related to the node, where people is true
// :slow the embedded engine reads what hangs on a hub, 0.1 to 0.2 s; Neo4j answers in 30 ms
// :access read
MATCH (n:Item|User|Entity {id: $id})-[r]-(o)
WHERE $label IN labels(n)
  AND (size($types) = 0 OR type(r) IN $types)
  AND ($people OR NOT o:User)
WITH n, r, o, CASE WHEN startNode(r) = n THEN 'out' ELSE 'in' END AS direction
WHERE $direction IN ['both', direction]
RETURN type(r) AS type, direction, properties(r) AS properties, o AS node, [n, r, o] AS graph
ORDER BY type, direction DESC, o.id, r.at_s, r.event, r.modality, r.review_id, r.kind
