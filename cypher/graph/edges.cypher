// What given nodes, maps of label and id, are related to: the nodes with fewest relationships first.
// Of parallel relationships of one type one row says how many; people only where people is true
// :param nodes LIST<MAP>
// :param people BOOLEAN = false
// :param limit INTEGER = 2000
// :returns label, id, type, outgoing, times, other_label, other_id, other_name, other_degree, graph
// :people who are related to the nodes, where people is true
// :slow the embedded engine reads what hangs on a hub, 0.1 to 0.2 s; Neo4j answers in 30 ms
// :access read
UNWIND $nodes AS asked
MATCH (n:Item|User|Entity {id: asked.id})
WHERE asked.label IN labels(n)
MATCH (n)-[r]-(o)
WHERE $people OR NOT o:User
WITH asked, n, o, type(r) AS type, startNode(r) = n AS outgoing, collect(r) AS parallel
WITH asked, n, o, type, outgoing, parallel, COUNT { (o)--() } AS degree
RETURN asked.label AS label, asked.id AS id, type, outgoing, size(parallel) AS times,
       CASE WHEN o:Item THEN 'Item' WHEN o:User THEN 'User' ELSE 'Entity' END AS other_label,
       o.id AS other_id, coalesce(o.title, o.name) AS other_name, degree AS other_degree,
       [n, o] + parallel AS graph
ORDER BY other_degree, other_label, other_id, label, id, type, outgoing
LIMIT $limit
