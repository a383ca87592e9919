// Items that agree in a property that should tell them apart: title, text_hash (the same title and
// description) or image_hash (the same picture)
// :param property STRING = "title"
// :param limit INTEGER = 100
// :returns value, items, item_ids, graph
// :access read
// :slow groups all items
MATCH (i:Item)
WHERE i[$property] IS NOT NULL
WITH i[$property] AS value, count(i) AS items, collect(i) AS same
WHERE items > 1
WITH value, items, same
ORDER BY items DESC, value
LIMIT $limit
UNWIND same AS i
WITH value, items, i ORDER BY i.id
RETURN value, items, collect(i.id) AS item_ids, collect(i) AS graph
ORDER BY items DESC, value
