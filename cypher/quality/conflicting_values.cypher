// Items with two values of a kind that can have but one, by default brand and category
// :param kinds LIST<STRING> = ["brand", "category"]
// :param limit INTEGER = 100
// :returns item_id, kind, values, graph
// :access read
// :slow reads every statement
MATCH (i:Item)-->(e:Entity)
WHERE e.kind IN $kinds
WITH DISTINCT i, e ORDER BY e.id
WITH i, e.kind AS kind, collect(e.id) AS values
WHERE size(values) > 1
WITH i, kind, values
ORDER BY size(values) DESC, i.id, kind
LIMIT $limit
MATCH path = (i)-->(e:Entity)
WHERE e.id IN values
RETURN i.id AS item_id, kind, values, collect(path) AS graph
ORDER BY size(values) DESC, item_id, kind
