// Items whose learned embedding is nearest to an item's; score = cosine in [-1, 1].
// The vector index finds limit + 50 candidates, approximately; their cosine is worked out again from
// the embeddings, because an index may hold them quantised. Before a model is promoted there are no
// embeddings and no rows.
// :param item_id STRING
// :param limit INTEGER = 20
// :returns item_id, title, score, graph
// :access read
MATCH (item:Item {id: $item_id})
WHERE item.embedding IS NOT NULL
WITH item, item.embedding AS mine,
     sqrt(reduce(sum = 0.0, x IN item.embedding | sum + x * x)) AS length
CALL db.index.vector.queryNodes('item_embedding', $limit + 50, mine)
YIELD node AS other, score AS found
WITH item, mine, length, other, other.embedding AS theirs
WHERE other <> item
WITH item, other,
     reduce(dot = 0.0, k IN range(0, size(mine) - 1) | dot + mine[k] * theirs[k]) AS dot,
     length * sqrt(reduce(sum = 0.0, x IN theirs | sum + x * x)) AS lengths
WITH item, other, CASE lengths WHEN 0.0 THEN 0.0 ELSE round(dot / lengths, 5) END AS score
ORDER BY score DESC, other.id LIMIT $limit
RETURN other.id AS item_id, other.title AS title, score, [item, other] AS graph
ORDER BY score DESC, item_id
