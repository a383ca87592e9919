// Items without a title, a text, a picture or a price
// :param properties LIST<STRING> = ["title", "text_hash", "image", "price"]
// :param limit INTEGER = 100
// :returns item_id, title, missing, graph
// :access read
// :slow looks at every item
MATCH (i:Item)
WITH i, [name IN $properties WHERE i[name] IS NULL] AS missing
WHERE size(missing) > 0
RETURN i.id AS item_id, i.title AS title, missing, [i] AS graph
ORDER BY size(missing) DESC, item_id
LIMIT $limit
