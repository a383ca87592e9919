// What a user's items cost: least, quarters, most and mean over the items with a price
// :param user_id STRING
// :returns items, lowest, lower_quarter, median, upper_quarter, highest, mean, graph
// :access read
MATCH (:User {id: $user_id})-[:INTERACTED]->(i:Item)
WHERE i.price IS NOT NULL
WITH DISTINCT i ORDER BY i.price, i.id
WITH collect(i) AS priced, count(i) AS items, min(i.price) AS lowest,
     percentileCont(i.price, 0.25) AS lower_quarter, percentileCont(i.price, 0.5) AS median,
     percentileCont(i.price, 0.75) AS upper_quarter, max(i.price) AS highest,
     avg(i.price) AS mean
WHERE items > 0
RETURN items, lowest, lower_quarter, median, upper_quarter, highest, mean,
       [priced[0], priced[items / 2], priced[items - 1]] AS graph
