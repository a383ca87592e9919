// Items with two values of a kind that can have but one, by default brand and category
// :param kinds LIST<STRING> = ["brand", "category"]
// :param limit INTEGER = 100
// :returns item_id, kind, values, modalities, graph
// :access read
MATCH (i:Item)-[r]->(e:Entity)
WHERE e.kind IN $kinds
WITH i, e, r ORDER BY e.id, r.modality
WITH i, e.kind AS kind, collect(DISTINCT e.id) AS values,
     collect(DISTINCT r.modality) AS modalities
WHERE size(values) > 1
WITH i, kind, values, modalities
ORDER BY size(values) DESC, i.id, kind
LIMIT $limit
MATCH path = (i)-->(e:Entity)
WHERE e.id IN values
RETURN i.id AS item_id, kind, values, modalities, collect(path) AS graph
ORDER BY size(values) DESC, item_id, kind
