// Statements about items less certain than a threshold, least certain first
// :param threshold FLOAT
// :param limit INTEGER
// :returns item_id, relationship, entity_id, confidence, modality, extractor, evidence
// :access read
MATCH (i:Item)-[r]->(e:Entity)
WHERE r.confidence < $threshold
RETURN i.id AS item_id, type(r) AS relationship, e.id AS entity_id, r.confidence AS confidence,
       r.modality AS modality, r.extractor AS extractor, r.evidence AS evidence
ORDER BY confidence, item_id, entity_id, modality
LIMIT $limit
