// An item with its properties and every statement made about it, most certain first
// :param item_id STRING
// :returns id, title, properties, attributes
// :access read
MATCH (i:Item {id: $item_id})
OPTIONAL MATCH (i)-[r]->(e:Entity)
WITH i, r, e ORDER BY type(r), r.confidence DESC, e.id, r.modality
RETURN i.id AS id, i.title AS title,
       i {.*, embedding: null, embedding_version: null} AS properties,
       collect(CASE WHEN e IS NULL THEN null ELSE {
         relationship: type(r), entity_id: e.id, kind: e.kind, name: e.name,
         name_en: e.name_en, name_zh: e.name_zh, confidence: r.confidence,
         modality: r.modality, extractor: r.extractor, evidence: r.evidence} END) AS attributes
