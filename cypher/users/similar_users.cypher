// People who chose the same items as a user: by Jaccard likeness of what the two chose, among the
// people with the most items in common. Items that more people chose than popular say little of
// anybody's taste and find nobody
// :param user_id STRING
// :param popular INTEGER = 1000
// :param candidates INTEGER = 100
// :param limit INTEGER = 20
// :returns user_id, shared, chosen, jaccard, graph
// :people who chose the same items
// :access read
MATCH (me:User {id: $user_id})-[:INTERACTED]->(i:Item)
WITH me, collect(DISTINCT i) AS mine
UNWIND mine AS i
WITH me, mine, i
WHERE COUNT { (i)<-[:INTERACTED]-() } <= $popular
MATCH (i)<-[:INTERACTED]-(other:User)
WITH DISTINCT me, mine, i, other
WHERE other.id <> $user_id
WITH me, mine, other, count(i) AS found
ORDER BY found DESC, other.id
LIMIT $candidates
MATCH (other)-[:INTERACTED]->(theirs:Item)
WITH me, mine, other, collect(DISTINCT theirs) AS chosen
WITH me, other, size(mine) AS owned, size(chosen) AS chosen,
     [item IN chosen WHERE item IN mine] AS common
WITH me, other, chosen, common, size(common) AS shared,
     toFloat(size(common)) / (owned + chosen - size(common)) AS jaccard
ORDER BY jaccard DESC, other.id
LIMIT $limit
RETURN other.id AS user_id, shared, chosen, jaccard, [me, other] + common[0..5] AS graph
ORDER BY jaccard DESC, user_id
