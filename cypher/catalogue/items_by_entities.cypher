// Items that carry all of some entities, any of others and none of a third list; items with more
// of the second list come first. At least one of the first two lists must name an entity
// :param all_of LIST<STRING> = []
// :param any_of LIST<STRING> = []
// :param none_of LIST<STRING> = []
// :param limit INTEGER = 20
// :returns item_id, title, price, matched, graph
// :access read
UNWIND $all_of + $any_of + $none_of AS entity_id
MATCH (e:Entity {id: entity_id})
WITH e, COUNT { (e)<--() } AS carriers ORDER BY carriers, e.id
WITH collect(DISTINCT e) AS named
WITH [e IN named WHERE e.id IN $all_of] AS needed, [e IN named WHERE e.id IN $any_of] AS wished,
     [e IN named WHERE e.id IN $none_of] AS refused
WHERE all(id IN $all_of WHERE id IN [e IN needed | e.id])
// Of entities that must all be there, the rarest has the fewest items to look at.
UNWIND CASE WHEN size(needed) > 0 THEN needed[0..1] ELSE wished END AS start
MATCH (i:Item)-->(start)
WITH DISTINCT i, needed, wished, refused
WHERE all(e IN needed[1..] WHERE EXISTS { MATCH (i)-->(e) })
WITH i, needed, wished, [e IN wished WHERE EXISTS { MATCH (i)-->(e) }] AS found, refused
WHERE (size($any_of) = 0 OR size(found) > 0)
  AND none(e IN refused WHERE EXISTS { MATCH (i)-->(e) })
WITH i, needed + [e IN found WHERE NOT e IN needed] AS matching
ORDER BY size(matching) DESC, i.id
LIMIT $limit
MATCH path = (i)-->(e:Entity)
WHERE e IN matching
RETURN i.id AS item_id, i.title AS title, i.price AS price, size(matching) AS matched,
       collect(path) AS graph
ORDER BY matched DESC, item_id
