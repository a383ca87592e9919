// What ingest said of items: extracted statements, links and variants, but not what a person said
// :param item_ids LIST<STRING>
// :returns item_id, type, target_id, modality, kind, target_group
// :access read
UNWIND $item_ids AS item_id
MATCH (i:Item {id: item_id})-[r]->(o)
WHERE r.extractor <> 'person' OR type(r) IN ['LINKED_TO', 'VARIANT_OF']
RETURN i.id AS item_id, type(r) AS type, o.id AS target_id, r.modality AS modality,
       r.kind AS kind, o.`group` AS target_group
ORDER BY item_id, type, target_id, modality, kind
