// Modalities that exclude each other about an item: text says red, the picture or a column blue
// :param kind STRING = ""
// :param limit INTEGER = 100
// :returns item_id, title, kind, score, entity_id, modality, confidence, other_id, other_modality, other_confidence, graph
// :access read
// :slow looks at every item
MATCH (i:Item)
WHERE i.conflicts IS NOT NULL
UNWIND i.conflicts AS line
WITH i, split(line, '\t') AS part
WHERE $kind = '' OR part[1] = $kind
WITH i, part, toFloat(part[0]) AS score
ORDER BY score DESC, i.id, part[1], part[3], part[6]
LIMIT $limit
RETURN i.id AS item_id, i.title AS title, part[1] AS kind, score, part[2] AS entity_id,
       part[3] AS modality, toFloat(part[4]) AS confidence, part[5] AS other_id,
       part[6] AS other_modality, toFloat(part[7]) AS other_confidence, [i] AS graph
ORDER BY score DESC, item_id, kind, modality, other_modality
