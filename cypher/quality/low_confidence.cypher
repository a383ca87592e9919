// Statements about items less certain than a threshold, least certain first
// :param threshold FLOAT = 0.3
// :param limit INTEGER = 100
// :returns item_id, relationship, entity_id, confidence, modality, extractor, evidence, graph
// :access read
// :slow reads every statement
MATCH (i:Item)-[r]->(e:Entity)
WHERE r.confidence < $threshold
WITH i, r, e
ORDER BY r.confidence, i.id, e.id, r.modality
LIMIT $limit
RETURN i.id AS item_id, type(r) AS relationship, e.id AS entity_id, r.confidence AS confidence,
       r.modality AS modality, r.extractor AS extractor, r.evidence AS evidence,
       [i, r, e] AS graph
ORDER BY confidence, item_id, entity_id, modality
