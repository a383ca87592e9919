// Items whose learned embedding is nearest to a user's, without those they chose; score = cosine in
// [-1, 1]. The vector index finds limit + 200 candidates, approximately; their cosine is worked out
// again from the embeddings, because an index may hold them quantised. Before a model is promoted
// there are no embeddings and no rows.
// Bounded: a user who chose most of the candidates gets fewer rows.
// :param user_id STRING
// :param limit INTEGER = 20
// :returns item_id, title, score, graph
// :access read
MATCH (u:User {id: $user_id})
WHERE u.embedding IS NOT NULL
WITH u, u.embedding AS mine, sqrt(reduce(sum = 0.0, x IN u.embedding | sum + x * x)) AS length,
     COLLECT { MATCH (u)-[:INTERACTED]->(item) RETURN DISTINCT item } AS chosen
CALL db.index.vector.queryNodes('item_embedding', $limit + 200, mine)
YIELD node AS other, score AS found
WITH u, mine, length, chosen, other, other.embedding AS theirs
WHERE NOT other IN chosen
WITH u, other,
     reduce(dot = 0.0, k IN range(0, size(mine) - 1) | dot + mine[k] * theirs[k]) AS dot,
     length * sqrt(reduce(sum = 0.0, x IN theirs | sum + x * x)) AS lengths
WITH u, other, CASE lengths WHEN 0.0 THEN 0.0 ELSE round(dot / lengths, 5) END AS score
ORDER BY score DESC, other.id LIMIT $limit
RETURN other.id AS item_id, other.title AS title, score, [u, other] AS graph
ORDER BY score DESC, item_id
