// What else the items that carry all of some entities carry, counted: the filters that still
// leave something, of each kind the most usual. Counted are the first at_most items by id. At
// least one entity must be named
// :param entity_ids LIST<STRING>
// :param per_kind INTEGER = 10
// :param at_most INTEGER = 500
// :returns kind, entity_id, name, items, graph
// :slow the embedded engine reads what hangs on a hub, 0.1 to 0.2 s; Neo4j answers in 30 ms
// :access read
UNWIND $entity_ids AS entity_id
MATCH (e:Entity {id: entity_id})
WITH e, COUNT { (e)<--() } AS carriers ORDER BY carriers, e.id
WITH collect(DISTINCT e) AS asked
WHERE all(id IN $entity_ids WHERE id IN [e IN asked | e.id])
WITH asked[0] AS rarest, asked[1..] AS others
MATCH (i:Item)-->(rarest)
WITH DISTINCT others, i
WHERE size(others) = 0 OR all(e IN others WHERE EXISTS { MATCH (i)-->(e) })
WITH i ORDER BY i.id
LIMIT $at_most
MATCH (i)-->(e:Entity)
WITH e, count(DISTINCT i) AS items
WHERE NOT e.id IN $entity_ids
WITH e, items
ORDER BY e.kind, items DESC, e.id
WITH e.kind AS kind, collect({entity: e, items: items})[0..$per_kind] AS most
UNWIND most AS one
WITH kind, one.entity AS e, one.items AS items
RETURN kind, e.id AS entity_id, e.name AS name, items, [e] AS graph
ORDER BY kind, items DESC, entity_id
