// Items that carry all of some entities, any of others and none of a third list; items with more
// of the second list come first. At least one of the first two lists must name an entity
// :param all_of LIST<STRING> = []
// :param any_of LIST<STRING> = []
// :param none_of LIST<STRING> = []
// :param limit INTEGER = 20
// :returns item_id, title, price, matched, graph
// :access read
UNWIND CASE WHEN size($all_of) > 0 THEN $all_of ELSE $any_of END AS entity_id
MATCH (e:Entity {id: entity_id})
WITH e, COUNT { (e)<--() } AS carriers ORDER BY carriers, e.id
WITH collect(DISTINCT e) AS found
// Of entities that must all be there, the rarest has the fewest items to look at.
UNWIND CASE WHEN size($all_of) > 0 THEN found[0..1] ELSE found END AS start
MATCH (i:Item)-->(start)
WITH DISTINCT i
MATCH (i)-->(e:Entity)
WITH i, collect(DISTINCT e.id) AS carried
WHERE all(id IN $all_of WHERE id IN carried)
  AND none(id IN $none_of WHERE id IN carried)
  AND (size($any_of) = 0 OR any(id IN $any_of WHERE id IN carried))
WITH i, [id IN carried WHERE id IN $all_of OR id IN $any_of] AS matching
ORDER BY size(matching) DESC, i.id
LIMIT $limit
MATCH path = (i)-->(e:Entity)
WHERE e.id IN matching
RETURN i.id AS item_id, i.title AS title, i.price AS price, size(matching) AS matched,
       collect(path) AS graph
ORDER BY matched DESC, item_id
