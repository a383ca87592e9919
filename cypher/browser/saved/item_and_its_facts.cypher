// 3 Popular item: what most people chose, with every fact known about it
MATCH (i:Item)<-[:INTERACTED]-(u:User)
WITH i, count(DISTINCT u) AS people ORDER BY people DESC, i.id LIMIT 1
OPTIONAL MATCH facts = (i)-->(:Entity)
RETURN i.title AS title, people, collect(facts) AS graph
