// Items a user owns that other people chose together with an item: how many people, never who
// :param user_id STRING
// :param item_id STRING
// :returns owned_id, owned_title, people, graph
// :access read
MATCH (:User {id: $user_id})-[:INTERACTED]->(mine:Item)
WHERE mine.id <> $item_id
WITH collect(DISTINCT mine.id) AS mine_ids
MATCH (item:Item {id: $item_id})<-[:INTERACTED]-(other:User)
WHERE other.id <> $user_id
WITH DISTINCT mine_ids, item, other
MATCH (other)-[:INTERACTED]->(owned:Item)
WHERE owned.id IN mine_ids
WITH item, owned, count(DISTINCT other) AS people
RETURN owned.id AS owned_id, owned.title AS owned_title, people, [owned, item] AS graph
ORDER BY people DESC, owned_id
