// 5 Nearest by embedding: what lies near the popular item, and the facts they share
MATCH (i:Item)<-[:INTERACTED]-(u:User)
WHERE i.embedding IS NOT NULL
WITH i, count(DISTINCT u) AS people ORDER BY people DESC, i.id LIMIT 1
CALL db.index.vector.queryNodes('item_embedding', 6, i.embedding) YIELD node, score
WITH i, node, score WHERE node <> i
OPTIONAL MATCH shared = (i)-->(:Entity)<--(node)
WITH i, node, score, collect(shared) AS shared
RETURN node.title AS title, score, [i, node] + shared AS graph
ORDER BY score DESC, node.id
