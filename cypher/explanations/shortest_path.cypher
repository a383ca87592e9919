// The shortest chains of statements, BROADER, variants and links from an item to another, of at most
// four steps and never through a person; in the order of the ids along them.
// steps = the types, one a step (several of one step are separated by a bar).
// Bounded: nodes of over 500 relationships are not walked through; the chains of four steps go over
// the 300 middle nodes that most ways lead to.
// :param from_id STRING
// :param to_id STRING
// :param limit INTEGER = 5
// :returns hops, steps, nodes, names, graph
// :access read
// :slow on the embedded engine where the items are far apart: chains of four steps are tried last
MATCH (a:Item {id: $from_id}), (b:Item {id: $to_id})
WHERE a <> b
WITH a, b,
     COLLECT { MATCH (a)-[r]-(x) WHERE NOT type(r) IN ['INTERACTED', 'REVIEWED']
               RETURN DISTINCT x } AS around_a,
     COLLECT { MATCH (b)-[r]-(y) WHERE NOT type(r) IN ['INTERACTED', 'REVIEWED']
               RETURN DISTINCT y } AS around_b
WITH a, b, b IN around_a AS direct,
     [x IN around_a WHERE x <> b AND COUNT { (x)--() } <= 500] AS near_a,
     [y IN around_b WHERE y <> a AND COUNT { (y)--() } <= 500] AS near_b
WITH a, b, direct, near_a, near_b, [x IN near_a WHERE x IN near_b] AS common
CALL (a, b, direct, near_a, near_b, common) {
  WITH a, b, direct, near_a, near_b, common
  WHERE NOT direct AND size(common) = 0
  UNWIND near_a AS x
  MATCH (x)--(y)
  WHERE y IN near_b
  WITH DISTINCT a, b, x, y
  ORDER BY x.id, y.id LIMIT $limit
  RETURN collect([a, x, y, b]) AS threes
}
CALL (a, b, direct, near_a, near_b, common, threes) {
  WITH a, b, direct, near_a, near_b, common, threes
  WHERE NOT direct AND size(common) = 0 AND size(threes) = 0
  UNWIND near_a AS x
  MATCH (x)-[r]-(z)
  WHERE z <> a AND NOT type(r) IN ['INTERACTED', 'REVIEWED']
  WITH a, b, near_b, z, collect(DISTINCT x) AS before
  ORDER BY size(before) DESC, z.id LIMIT 300
  WITH a, b, near_b, z, before
  WHERE COUNT { (z)--() } <= 500
  MATCH (z)--(y)
  WHERE y IN near_b
  UNWIND before AS x
  WITH DISTINCT a, b, x, z, y
  ORDER BY x.id, z.id, y.id LIMIT $limit
  RETURN collect([a, x, z, y, b]) AS fours
}
WITH CASE
       WHEN direct THEN [[a, b]]
       WHEN size(common) > 0 THEN [x IN common | [a, x, b]]
       WHEN size(threes) > 0 THEN threes
       ELSE fours
     END AS chains
UNWIND chains AS nodes
WITH nodes, [n IN nodes | n.id] AS ids
ORDER BY ids LIMIT $limit
CALL (nodes) {
  UNWIND range(0, size(nodes) - 2) AS position
  WITH position, nodes[position] AS one, nodes[position + 1] AS next
  MATCH (one)-[r]-(next)
  WITH position, type(r) AS type, collect(DISTINCT r) AS stated
  ORDER BY position, type
  WITH position, collect(type) AS types, collect(stated) AS stated
  ORDER BY position
  RETURN collect(reduce(all = head(types), type IN tail(types) | all + '|' + type)) AS steps,
         reduce(all = [], one IN collect(reduce(part = [], r IN stated | part + r)) | all + one)
           AS relationships
}
RETURN size(steps) AS hops, steps, ids AS nodes,
       [n IN nodes | coalesce(n.title, n.name, n.id)] AS names, nodes + relationships AS graph
ORDER BY nodes
