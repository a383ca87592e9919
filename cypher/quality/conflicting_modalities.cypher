// Items of which two modalities (column, text, image, ...) state the same kind and agree on no value
// :param kinds LIST<STRING> = ["colour", "pattern", "category"]
// :param limit INTEGER = 100
// :returns item_id, kind, first, first_values, second, second_values, graph
// :access read
// :slow reads every statement
MATCH (i:Item)-[r]->(e:Entity)
WHERE e.kind IN $kinds
WITH i, e.kind AS kind, r.modality AS modality, e.id AS value
ORDER BY modality, value
WITH i, kind, modality, collect(DISTINCT value) AS values
WITH i, kind, collect({modality: modality, values: values}) AS said
WHERE size(said) > 1
UNWIND said AS one
UNWIND said AS other
WITH i, kind, one, other
WHERE one.modality < other.modality AND none(value IN one.values WHERE value IN other.values)
WITH i, kind, one, other
ORDER BY i.id, kind, one.modality, other.modality
LIMIT $limit
MATCH path = (i)-[r]->(e:Entity)
WHERE (r.modality = one.modality AND e.id IN one.values)
   OR (r.modality = other.modality AND e.id IN other.values)
RETURN i.id AS item_id, kind, one.modality AS first, one.values AS first_values,
       other.modality AS second, other.values AS second_values, collect(path) AS graph
ORDER BY item_id, kind, first, second
