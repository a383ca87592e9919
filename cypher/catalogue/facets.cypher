// What else the items that carry all of some entities carry, counted: the filters that still
// leave something, of each kind the most usual. At least one entity must be named
// :param entity_ids LIST<STRING>
// :param per_kind INTEGER = 10
// :returns kind, entity_id, name, items, graph
// :access read
UNWIND $entity_ids AS entity_id
MATCH (e:Entity {id: entity_id})
WITH e, COUNT { (e)<--() } AS carriers ORDER BY carriers, e.id
WITH collect(e)[0] AS rarest
MATCH (i:Item)-->(rarest)
WITH DISTINCT i
WHERE size($entity_ids) = 1 OR all(id IN $entity_ids WHERE EXISTS { MATCH (i)-->(:Entity {id: id}) })
MATCH (i)-->(e:Entity)
WHERE NOT e.id IN $entity_ids
WITH e, count(DISTINCT i) AS items
ORDER BY e.kind, items DESC, e.id
WITH e.kind AS kind, collect({entity: e, items: items})[0..$per_kind] AS most
UNWIND most AS one
WITH kind, one.entity AS e, one.items AS items
RETURN kind, e.id AS entity_id, e.name AS name, items, [e] AS graph
ORDER BY kind, items DESC, entity_id
