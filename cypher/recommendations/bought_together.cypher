// Items chosen by the same person within window_s seconds of an item: association rules.
// support = share of all users, confidence = share of the item's people, lift = confidence over
// the share of all users that chose the other item (Agrawal 1993; Brin 1997).
// Bounded: the newest 300 people of the item, without those of over 1,000 interactions.
// :param item_id STRING
// :param window_s FLOAT = 86400
// :param min_people INTEGER = 1
// :param limit INTEGER = 20
// :returns item_id, title, people, support, confidence, lift, graph
// :access read
CALL () { MATCH (u:User) RETURN count(u) AS users }
MATCH (item:Item {id: $item_id})<-[r:INTERACTED]-(u)
WITH users, item, u, collect(r.at_s) AS times, max(r.at_s) AS last_s
ORDER BY last_s DESC, u.id LIMIT 300
WITH users, item, u, times
WHERE COUNT { (u)-[:INTERACTED]->() } <= 1000
WITH users, item, collect({person: u, times: times}) AS baskets
UNWIND baskets AS basket
WITH users, item, size(baskets) AS item_people, basket.person AS u, basket.times AS times
MATCH (u)-[r:INTERACTED]->(other)
WHERE other <> item AND any(at_s IN times WHERE abs(r.at_s - at_s) <= $window_s)
WITH users, item, item_people, other, count(DISTINCT u) AS people
WHERE people >= $min_people
WITH users, item, item_people, other, people
ORDER BY people DESC, other.id LIMIT $limit
CALL (other) { MATCH (other)<-[:INTERACTED]-(u) RETURN count(DISTINCT u) AS other_people }
RETURN other.id AS item_id, other.title AS title, people,
       round(toFloat(people) / users, 6) AS support,
       round(toFloat(people) / item_people, 6) AS confidence,
       round(toFloat(people) * users / item_people / other_people, 6) AS lift,
       [item, other] AS graph
ORDER BY people DESC, item_id
