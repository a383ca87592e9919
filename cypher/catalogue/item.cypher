// An item with its properties and every statement made about it, most certain first
// :param item_id STRING
// :returns id, title, properties, attributes, graph
// :access read
MATCH (i:Item {id: $item_id})
OPTIONAL MATCH path = (i)-[r]->(e:Entity)
WITH i, r, e, path ORDER BY type(r), r.confidence DESC, e.id, r.modality
WITH i, collect(path) AS paths,
     collect(CASE WHEN e IS NULL THEN null ELSE {
       relationship: type(r), entity_id: e.id, kind: e.kind, name: e.name,
       name_en: e.name_en, name_zh: e.name_zh, confidence: r.confidence,
       modality: r.modality, extractor: r.extractor, evidence: r.evidence} END) AS attributes
RETURN i.id AS id, i.title AS title,
       i {.*, embedding: null, embedding_version: null, revision: null} AS properties,
       attributes, [i] + paths AS graph
