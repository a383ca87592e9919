// The longest chains of ever wider entities, narrowest first in each; a chain that is longer than
// a few steps, or comes back to its start, is a mistake
// :param limit INTEGER = 20
// :returns kind, steps, entity_ids, graph
// :access read
MATCH path = (low:Entity)-[:BROADER*1..8]->(top:Entity)
WHERE low.id = top.id OR NOT (top)-[:BROADER]->()
WITH low, path
WHERE NOT ()-[:BROADER]->(low) OR low.id = last(nodes(path)).id
WITH low, length(path) AS steps, [n IN nodes(path) | n.id] AS entity_ids, path
RETURN low.kind AS kind, steps, entity_ids, [path] AS graph
ORDER BY steps DESC, entity_ids[0], entity_ids[-1], entity_ids[1]
LIMIT $limit
