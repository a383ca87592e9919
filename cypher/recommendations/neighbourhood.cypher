// The graph around a node: its relationships up to three hops away, both ends named.
// weight = summed weight of interactions, greatest confidence or score of others; times = how many.
// Other people take part as 'person N' and are not drawn: their ids never leave the graph.
// Bounded: max_nodes nodes, at each hop those first that most of the nodes before lead to; nodes of
// over 500 relationships stay, but the walk does not go through them.
// :param label STRING = "Item"
// :param id STRING
// :param hops INTEGER = 2
// :param max_nodes INTEGER = 200
// :returns source_label, source_id, type, target_label, target_id, weight, times, graph
// :access read
// :slow on the embedded engine beside hubs: all that they lead to is counted first
CALL () {
  MATCH (n:Item {id: $id}) WHERE $label = 'Item' RETURN n AS start
  UNION
  MATCH (n:User {id: $id}) WHERE $label = 'User' RETURN n AS start
  UNION
  MATCH (n:Entity {id: $id}) WHERE $label = 'Entity' RETURN n AS start
}
CALL (start) {
  MATCH (start)--(n)
  WHERE $hops >= 1 AND n <> start
  WITH n, count(*) AS links
  ORDER BY links DESC, n.id, n:User, n:Entity LIMIT toInteger($max_nodes - 1)
  RETURN collect(n) AS first
}
WITH start, first, [start] + first AS known
CALL (first, known) {
  UNWIND first AS m
  WITH m, known
  WHERE $hops >= 2 AND COUNT { (m)--() } <= 500
  MATCH (m)--(n)
  WITH known, n, count(*) AS links
  WHERE NOT n IN known
  WITH known, n, links
  ORDER BY links DESC, n.id, n:User, n:Entity
  RETURN collect(n) AS second
}
WITH start, known, second[..($max_nodes - size(known))] AS second
WITH start, second, known + second AS known
CALL (second, known) {
  UNWIND second AS m
  WITH m, known
  WHERE $hops >= 3 AND COUNT { (m)--() } <= 500
  MATCH (m)--(n)
  WITH known, n, count(*) AS links
  WHERE NOT n IN known
  WITH known, n, links
  ORDER BY links DESC, n.id, n:User, n:Entity
  RETURN collect(n) AS third
}
WITH start, known + third[..($max_nodes - size(known))] AS known
UNWIND range(0, size(known) - 1) AS position
WITH start, known, position, known[position] AS source
MATCH (source)-[r]->(target)
WHERE target IN known
WITH start, position, source, target, type(r) AS type, collect(r) AS stated, count(r) AS times,
     sum(coalesce(r.weight, r.confidence, r.score, 1.0)) AS total,
     max(coalesce(r.weight, r.confidence, r.score, 1.0)) AS greatest
WITH source, target, type, stated, times, source:User AND source <> start AS person, position,
     round(CASE type WHEN 'INTERACTED' THEN total ELSE greatest END, 6) AS weight
RETURN CASE WHEN source:Item THEN 'Item' WHEN source:User THEN 'User' ELSE 'Entity' END
         AS source_label,
       CASE WHEN person THEN 'person ' + toString(position) ELSE source.id END AS source_id,
       type,
       CASE WHEN target:Item THEN 'Item' WHEN target:User THEN 'User' ELSE 'Entity' END
         AS target_label,
       target.id AS target_id, weight, times,
       CASE WHEN person THEN [target] ELSE [source, target] + stated END AS graph
ORDER BY position, target_label, target_id, type
