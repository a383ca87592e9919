// An entity with its names, how many items carry it, the wider ones above it (nearest first) and
// the narrower ones right below it
// :param entity_id STRING
// :returns id, kind, name, properties, items, broader, narrower, graph
// :access read
MATCH (e:Entity {id: $entity_id})
OPTIONAL MATCH up = (e)-[:BROADER*1..8]->(wide:Entity)
WITH e, up, wide ORDER BY length(up), wide.id
WITH e, collect(up) AS ups, collect(wide.id) AS broader
OPTIONAL MATCH down = (narrow:Entity)-[:BROADER]->(e)
WITH e, ups, broader, narrow, down ORDER BY narrow.id
WITH e, ups, broader, collect(down) AS downs, collect(narrow.id) AS narrower
OPTIONAL MATCH (i:Item)-->(e)
WITH e, ups, broader, downs, narrower, count(DISTINCT i) AS items
RETURN e.id AS id, e.kind AS kind, e.name AS name,
       e {.*, embedding: null, embedding_version: null, revision: null} AS properties,
       items, broader, narrower, [e] + ups + downs AS graph
