// The other variants of an item's product, and what each carries that the item does not
// :param item_id STRING
// :returns item_id, title, price, differs, graph
// :access read
MATCH (i:Item {id: $item_id})
OPTIONAL MATCH (i)-[:VARIANT_OF]->(target:Item)
WITH i, coalesce(target, i) AS first
OPTIONAL MATCH (sibling:Item)-[:VARIANT_OF]->(first)
WITH i, first, collect(sibling) + [first] AS group
UNWIND group AS other
WITH DISTINCT i, first, other
WHERE other.id <> i.id
OPTIONAL MATCH (i)-->(mine:Entity)
WITH first, other, i, collect(DISTINCT mine.id) AS mine
OPTIONAL MATCH (other)-->(e:Entity)
WHERE NOT e.id IN mine
WITH first, other, i, e ORDER BY e.id
WITH first, other, i, collect(DISTINCT e.id) AS differs
OPTIONAL MATCH path = (other)-[:VARIANT_OF]-(first)
WITH i, first, other, differs, collect(path) AS paths
RETURN other.id AS item_id, other.title AS title, other.price AS price, differs,
       [i, first, other] + paths AS graph
ORDER BY item_id
