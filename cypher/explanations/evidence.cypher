// Why the graph believes what it says of an item: each entity with every statement of it, surest
// first. agreed = 1 - the product of (1 - confidence): how sure the statements are together if they
// err independently. Evidence is the JSON of a text span or an image region.
// :param item_id STRING
// :returns entity_id, entity_name, relationship, agreed, statements, graph
// :access read
MATCH (item:Item {id: $item_id})-[r]->(e:Entity)
WITH item, e, r
ORDER BY coalesce(r.confidence, 1.0) DESC, r.modality
WITH item, e, type(r) AS relationship, collect(r) AS stated
RETURN e.id AS entity_id, e.name AS entity_name, relationship,
       round(1 - reduce(doubt = 1.0, r IN stated | doubt * (1 - coalesce(r.confidence, 1.0))), 6)
         AS agreed,
       [r IN stated | {modality: r.modality, extractor: r.extractor,
                       confidence: coalesce(r.confidence, 1.0), evidence: r.evidence}]
         AS statements,
       [item, e] + stated AS graph
ORDER BY agreed DESC, entity_id, relationship
