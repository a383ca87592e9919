// Which model version learned the embeddings that the graph holds: nodes of each label by version,
// without a version those that have none
// :returns label, version, nodes, share
// :access read
// :slow looks at every node
MATCH (n)
WHERE n:Item OR n:User OR n:Entity
WITH CASE WHEN n:Item THEN 'Item' WHEN n:User THEN 'User' ELSE 'Entity' END AS label,
     n.embedding_version AS version, count(*) AS nodes
ORDER BY label, version
WITH label, collect({version: version, nodes: nodes}) AS versions, sum(nodes) AS total
UNWIND versions AS one
RETURN label, one.version AS version, one.nodes AS nodes,
       round(toFloat(one.nodes) / total, 6) AS share
ORDER BY label, version
