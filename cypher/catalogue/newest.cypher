// Items with the latest value of a date that the catalogue gives them, newest first
// :param property STRING = "released_at"
// :param limit INTEGER = 20
// :returns item_id, title, date, graph
// :access read
// :slow any property may be asked for, so no index helps: looks at every item
MATCH (i:Item)
WHERE i[$property] IS NOT NULL
RETURN i.id AS item_id, i.title AS title, i[$property] AS date, [i] AS graph
ORDER BY date DESC, item_id
LIMIT $limit
